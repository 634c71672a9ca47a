"""Ops that say how gradients go through them: not at all, or by a rule of the user's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph import Op, Symbol, call, current_trace, define, running_trace, symbol_of
from ..graph.node import GradientRule
from ..graph.record import at_once
from ..graph.types import DType, Shape
from ..graph.where import users_line
from .creation import zeros
from .nesting import leaves, rebuilt


def _first(out: Any, *_: Any, **__: Any) -> tuple[Shape, DType]:
    return out.shape, out.dtype


_STOP = define(
    Op(
        "stop_gradient",
        "compound",
        _first,
        (None,),
        lambda x: x,
        batched=lambda inputs, stacked: stop_gradient(inputs[0]),
    )
)


def stop_gradient(x: Any) -> Any:
    """x itself, but for gradients a constant."""
    return call(_STOP, x)


def _rule_of(position: int) -> GradientRule | None:
    if position == 0:
        return None  # the value as it was computed: the user's rule stands for what made it

    def rule(g: Symbol, out: Symbol, value: Symbol, *inputs: Symbol, pull: Callable[..., Any], which: int) -> Any:
        given: list[Symbol] = pull(g, which)
        return given[position - 1]

    return rule


_CUSTOM = define(Op("custom_gradient", "compound", _first, _rule_of, lambda value, *inputs, pull, which: value))


def custom_gradient(f: Callable[..., tuple[Any, Callable[..., Any]]]) -> Callable[..., Any]:
    """A function whose gradient is the one that it says itself.

    Args:
        f: takes arrays; returns its value, an array or nested ones, and a function from the cotangents of the value,
            one argument for each array of it, to those of the arrays that `f` took: one, or a tuple of as many.

    Returns:
        A function of the same arguments that gives the value alone.

    Raises:
        ValueError: the gradient gives another number of cotangents than `f` takes arrays, or of other shapes.
    """

    def function(*args: Any) -> Any:
        if current_trace() is None:
            nesting: list[Any] = []

            def record(*symbols: Symbol) -> list[Symbol]:
                nesting[:] = [function(*rebuilt(args, symbols))]
                return leaves(nesting[0])

            values = at_once(record, leaves(args))
            return rebuilt(nesting[0], values)
        trace = running_trace()
        inputs = [symbol_of(a) for a in leaves(args)]
        value, gradient = f(*rebuilt(args, inputs))
        outputs = [symbol_of(y) for y in leaves(value)]

        def pull(g: Symbol, which: int) -> list[Symbol]:
            """The cotangents of the inputs where that of one output is g and those of the others are 0."""
            upstream = [g if i == which else zeros(y.shape, y.dtype) for i, y in enumerate(outputs)]
            given = leaves(gradient(*upstream))
            if len(given) != len(inputs):
                raise ValueError(
                    f"{users_line()}the gradient of ops.custom_gradient gave {len(given)} cotangents for the "
                    f"{len(inputs)} arrays that the function takes: return one for each, zeros where nothing flows."
                )
            cotangents = [symbol_of(d) for d in given]
            for i, (d, x) in enumerate(zip(cotangents, inputs, strict=True)):
                if d.shape != x.shape:
                    raise ValueError(
                        f"{users_line()}the gradient of ops.custom_gradient gave a cotangent of shape {d.shape} for "
                        f"array {i}, which has shape {x.shape}: they must be the same. Sum what was broadcast."
                    )
            return cotangents

        nodes = [i.node for i in inputs]
        made = [Symbol(trace.add(_CUSTOM, [y.node, *nodes], {"pull": pull, "which": i})) for i, y in enumerate(outputs)]
        return rebuilt(value, made)

    return function
