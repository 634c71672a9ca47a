"""Loops and choices in the words of keras.ops: each is a `scan` or a `where`, since a program has no jumps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..graph import current_trace
from ..graph.where import users_line
from .axes import whole
from .convert import convert_to_numpy
from .creation import arange
from .elementwise import where
from .logic import logical_and
from .nesting import leaves, rebuilt, structure
from .scan import scan


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """What `true_fn()` gives where `pred` holds, else what `false_fn()` gives; in a program both are computed.

    Raises:
        ValueError: they give what is nested differently.
    """
    if current_trace() is None:
        return true_fn() if bool(convert_to_numpy(pred)) else false_fn()
    one, other = true_fn(), false_fn()
    if structure(one) != structure(other):
        raise ValueError(
            f"{users_line()}both functions of ops.cond must give the same nesting, got {structure(one)} and "
            f"{structure(other)}."
        )
    return rebuilt(one, (where(pred, a, b) for a, b in zip(leaves(one), leaves(other), strict=True)))


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """The choice of the first condition that holds, element by element; `default` where none does.

    Raises:
        ValueError: there are not as many choices as conditions.
    """
    if len(condlist) != len(choicelist):
        raise ValueError(f"{users_line()}ops.select got {len(condlist)} conditions and {len(choicelist)} choices.")
    chosen = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        chosen = where(condition, choice, chosen)
    return chosen


def fori_loop(lower: int, upper: int, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """`value = body_fun(i, value)` for each i from `lower` up to but without `upper`, beginning with `init_val`."""
    first, last = whole((lower, upper))
    numbers = arange(first, max(last, first), dtype="int64")
    return scan(lambda value, i: (body_fun(i, value), None), init_val, numbers)[0]


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """What `f` gives for each part of `xs` along its first axis, stacked; `f` is traced once."""
    return scan(lambda _, x: ((), f(x)), (), xs)[1]


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """The same as `map`: what is one call for all elements is found by hoisting."""
    return map(function, elements)


def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    """`loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds.

    In a program it runs `maximum_iterations` turns, of which those after the last change nothing.

    Args:
        cond: takes the variables, gives one truth value.
        body: takes the variables, gives as many new ones.
        loop_vars: a tuple or list of arrays, nested or not; one array stands for itself.
        maximum_iterations: how often `body` runs at most.

    Raises:
        TypeError: inside of a program there is no `maximum_iterations`.
    """
    alone = not isinstance(loop_vars, list | tuple)
    start = (loop_vars,) if alone else tuple(loop_vars)

    def next_of(values: tuple[Any, ...]) -> tuple[Any, ...]:
        new = body(*values)
        return tuple(new) if isinstance(new, list | tuple) and not alone else (new,)

    if current_trace() is None:
        values, turns = start, 0
        while (maximum_iterations is None or turns < maximum_iterations) and bool(convert_to_numpy(cond(*values))):
            values, turns = next_of(values), turns + 1
    elif maximum_iterations is None:
        raise TypeError(
            f"{users_line()}how often ops.while_loop runs depends on numbers, which a program does not know. Give it "
            "maximum_iterations: turns after the last change nothing."
        )
    else:

        def turn(carry: Any, _: Any) -> tuple[Any, None]:
            going, now = carry
            going = logical_and(going, cond(*now))
            new = next_of(now)
            kept = (where(going, a, b) for a, b in zip(leaves(new), leaves(now), strict=True))
            return (going, rebuilt(now, kept)), None

        (_, values), _ = scan(turn, (True, start), length=maximum_iterations)
    return values[0] if alone else type(loop_vars)(values)
