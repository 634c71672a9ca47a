"""Elementwise atoms: the words of the scalar language, each with its gradient."""

from __future__ import annotations

from typing import Any

from ..graph import Op, call, define
from ..graph.node import GradientRule, Node
from ..graph.types import DType, Shape, broadcast


def _same(*inputs: Node) -> tuple[Shape, DType]:
    return broadcast(*(i.shape for i in inputs)), inputs[0].dtype


def _truth(*inputs: Node) -> tuple[Shape, DType]:
    return broadcast(*(i.shape for i in inputs)), "bool"


def _atom(name: str, *gradients: GradientRule, rule: Any = _same, floating: bool = False, noun: str = "") -> Op:
    return define(Op(name, "elementwise", rule, gradients, floating=floating, noun=noun or name))


_ADD = _atom("add", lambda g, out, a, b: g, lambda g, out, a, b: g, noun="sum")
_SUBTRACT = _atom("subtract", lambda g, out, a, b: g, lambda g, out, a, b: -g, noun="difference")
_MULTIPLY = _atom("multiply", lambda g, out, a, b: g * b, lambda g, out, a, b: g * a, noun="product")
_DIVIDE = _atom("divide", lambda g, out, a, b: g / b, lambda g, out, a, b: -g * out / b, floating=True, noun="quotient")
_NEGATIVE = _atom("negative", lambda g, out, a: -g)
_EXP = _atom("exp", lambda g, out, a: g * out, floating=True)
_LOG = _atom("log", lambda g, out, a: g / a, floating=True)
_TANH = _atom("tanh", lambda g, out, a: g * (1.0 - out * out), floating=True)
_SQRT = _atom("sqrt", lambda g, out, a: g * 0.5 / out, floating=True)
_SQUARE = _atom("square", lambda g, out, a: g * (a * 2.0))
# From `out`, so that `a` may be overwritten by it. Where both are equal neither gets the gradient: relu'(0) = 0.
_MAXIMUM = _atom("maximum", lambda g, out, a, b: g * (out > b), lambda g, out, a, b: g * (out > a))
_MINIMUM = _atom("minimum", lambda g, out, a, b: g * (out < b), lambda g, out, a, b: g * (out < a))
_GREATER = _atom("greater", rule=_truth, noun="mask")
_GREATER_EQUAL = _atom("greater_equal", rule=_truth, noun="keep")
_EQUAL = _atom("equal", rule=_truth)
_WHERE = define(
    Op(
        "where",
        "elementwise",
        lambda condition, a, b: (broadcast(condition.shape, a.shape, b.shape), a.dtype),
        (
            None,
            lambda g, out, condition, a, b: where(condition, g, 0.0),
            lambda g, out, condition, a, b: where(condition, 0.0, g),
        ),
        into="copyto({out}, {2}); copyto({out}, {1}, where={0})",
        condition=1,
        apart=(0, 1),
        noun="choice",
    )
)


def add(x1: Any, x2: Any) -> Any:
    """x1 + x2, broadcast."""
    return call(_ADD, x1, x2)


def subtract(x1: Any, x2: Any) -> Any:
    """x1 - x2, broadcast."""
    return call(_SUBTRACT, x1, x2)


def multiply(x1: Any, x2: Any) -> Any:
    """x1 * x2, broadcast."""
    return call(_MULTIPLY, x1, x2)


def divide(x1: Any, x2: Any) -> Any:
    """x1 / x2, broadcast; of integers as float32."""
    return call(_DIVIDE, x1, x2)


def negative(x: Any) -> Any:
    """-x."""
    return call(_NEGATIVE, x)


def exp(x: Any) -> Any:
    """e to the power of x."""
    return call(_EXP, x)


def log(x: Any) -> Any:
    """The natural logarithm."""
    return call(_LOG, x)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return call(_TANH, x)


def sqrt(x: Any) -> Any:
    """The square root; its gradient at 0 is infinite."""
    return call(_SQRT, x)


def square(x: Any) -> Any:
    """x * x."""
    return call(_SQUARE, x)


def maximum(x1: Any, x2: Any) -> Any:
    """The larger of both, NaN where one is NaN. Where both are equal neither gets the gradient."""
    return call(_MAXIMUM, x1, x2)


def minimum(x1: Any, x2: Any) -> Any:
    """The smaller of both, NaN where one is NaN. Where both are equal neither gets the gradient."""
    return call(_MINIMUM, x1, x2)


def greater(x1: Any, x2: Any) -> Any:
    """Whether x1 > x2, as bool."""
    return call(_GREATER, x1, x2)


def greater_equal(x1: Any, x2: Any) -> Any:
    """Whether x1 >= x2, as bool."""
    return call(_GREATER_EQUAL, x1, x2)


def less(x1: Any, x2: Any) -> Any:
    """Whether x1 < x2, as bool."""
    return call(_GREATER, x2, x1)


def equal(x1: Any, x2: Any) -> Any:
    """Whether x1 equals x2, as bool."""
    return call(_EQUAL, x1, x2)


def where(condition: Any, x1: Any, x2: Any) -> Any:
    """x1 where the condition holds, else x2, broadcast; only the chosen one gets the gradient."""
    return call(_WHERE, condition, x1, x2)


def clip(x: Any, low: Any, high: Any) -> Any:
    """x, but at least `low` and at most `high`."""
    return minimum(maximum(x, low), high)
