"""Scan: a loop that hands a carry from turn to turn, traced once however many turns there are."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable
from typing import Any

from ..graph import Symbol, current_trace, running_trace, symbol_of
from ..graph.loop import record_loop
from ..graph.record import at_once
from ..graph.types import DType, Shape, agreed
from ..graph.where import users_line
from .axes import dtype_of
from .creation import zeros
from .nesting import leaves, rebuilt, structure


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: bool = False,
) -> tuple[Any, Any]:
    """Call `carry, y = f(carry, x)` for each x along the first axis of `xs`, the carry going from turn to turn.

    `f` is traced once, so that any recurrent cell is one short loop in the program; what in it does not depend on the
    carry is computed for all turns at once. Its gradient is a loop the other way.

    Args:
        f: takes the carry and one turn's part of `xs`; returns the new carry, of the same shapes and dtypes, and a
            value to keep (None for nothing). It may read any array or variable from outside, but assigns to none.
        init: the first carry: an array, or nested tuples, lists and dicts of them.
        xs: arrays of equal first length, nested in the same way; None: `f` gets None, `length` times.
        length: the number of turns, if it is not to be read from `xs`.
        reverse: start with the last.
        unroll: write every turn out instead of looping; for few and very short turns.

    Returns:
        The last carry, and all turns' values, stacked along a new first axis in the order of `xs`.

    Raises:
        ValueError: first lengths differ, or the carry changes its nesting or shape.
        TypeError: the carry changes its dtype, or `f` assigns to a variable.
    """
    if current_trace() is None:
        return _at_once(f, init, xs, length, reverse, unroll)
    wholes = [symbol_of(a) for a in leaves(xs)]
    starts = _starts(leaves(init), wholes)
    turns = _turns(wholes, length)
    kept: list[Any] = []  # the nesting of what f keeps

    def turn(carry: list[Symbol], parts: list[Symbol]) -> tuple[list[Symbol], list[Symbol]]:
        out = f(rebuilt(init, carry), rebuilt(xs, parts))
        if not isinstance(out, tuple) or len(out) != 2:
            raise TypeError(f"{users_line()}the function of ops.scan returns (carry, y), got {out!r:.80}.")
        kept[:] = [out[1]]
        return _carried(init, carry, out[0]), [symbol_of(y) for y in leaves(out[1])]

    if unroll or turns == 0 or running_trace().eager:
        last, stacks = _unrolled(turn, starts, wholes, turns, reverse)
    else:
        last, stacks = record_loop(
            running_trace(),
            [s.node for s in starts],
            turns,
            lambda inner, carry: turn(carry, [inner.part(w.node) for w in wholes]),
            reverse,
        )
    return rebuilt(init, last), rebuilt(kept[0], stacks)


def _at_once(f: Any, init: Any, xs: Any, length: Any, reverse: bool, unroll: bool) -> tuple[Any, Any]:
    count, shapes = len(leaves(init)), list[Any]()

    def record(*arrays: Symbol) -> list[Symbol]:
        out = scan(f, rebuilt(init, arrays[:count]), rebuilt(xs, arrays[count:]), length, reverse, unroll)
        shapes[:] = [out]
        return leaves(out)

    values = at_once(record, [*leaves(init), *leaves(xs)])
    out: tuple[Any, Any] = rebuilt(shapes[0], values)
    return out


def _starts(given: list[Any], wholes: list[Symbol]) -> list[Symbol]:
    """The symbols of a first carry, in which Python's numbers take the dtype of the arrays."""
    strong = [dtype_of(a) for a in (*given, *wholes) if not isinstance(a, int | float)]
    trace = running_trace()
    return [
        Symbol(trace.cast(a, agreed([] if isinstance(a, bool) else strong, [a])))
        if isinstance(a, int | float)
        else symbol_of(a)
        for a in given
    ]


def _turns(wholes: list[Symbol], length: int | None) -> int:
    lengths = [w.shape[0] if w.shape else -1 for w in wholes] + ([] if length is None else [operator.index(length)])
    if not lengths:
        raise ValueError(f"{users_line()}ops.scan needs `xs` or `length` to know how many turns there are.")
    if min(lengths) < 0 or len(set(lengths)) > 1:
        shapes = ", ".join(str(w.shape) for w in wholes)
        raise ValueError(
            f"{users_line()}ops.scan goes along the first axis of each array of `xs`, and all must be equally long, as "
            f"long as `length` says if it is given: got shapes {shapes} and length {length}."
        )
    return lengths[0]


def _carried(init: Any, carry: list[Symbol], new: Any) -> list[Symbol]:
    """The symbols of a new carry, which must be as the old one."""
    if structure(new) != structure(init):
        raise ValueError(
            f"{users_line()}the function of ops.scan got a carry nested as {structure(init)} and returned one nested "
            f"as {structure(new)}: they must be alike."
        )
    symbols = [symbol_of(a) for a in leaves(new)]
    for i, (old, now) in enumerate(zip(carry, symbols, strict=True)):
        if (old.shape, old.dtype) != (now.shape, now.dtype):
            error = ValueError if old.shape != now.shape else TypeError
            raise error(
                f"{users_line()}part {i} of the carry of ops.scan is {_spec(old.shape, old.dtype)}, but the function "
                f"returned {_spec(now.shape, now.dtype)} for it. It must stay the same from turn to turn: give `init` "
                "that shape and dtype, or use ops.broadcast_to and ops.cast."
            )
    return symbols


def _spec(shape: Shape, dtype: DType) -> str:
    return f"{dtype}{list(shape)}"


def _unrolled(turn: Any, starts: list[Symbol], wholes: list[Symbol], turns: int, reverse: bool) -> Any:
    from .joining import stack

    carry, kept, trace = starts, [], running_trace()
    draws = dict(trace.draws)
    order = range(turns)[::-1] if reverse else range(turns)
    for t in order:
        with trace.turn_written_out(t, turns, draws):
            carry, values = turn(carry, [w[t] for w in wholes])
        kept.append(values)
    if not kept:
        _, values = turn(starts, [zeros(w.shape[1:], w.dtype) for w in wholes])
        return starts, [zeros((0, *v.shape), v.dtype) for v in values]
    return carry, [stack(list(column[:: -1 if reverse else 1])) for column in builtins.zip(*kept, strict=True)]
