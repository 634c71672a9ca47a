"""Arithmetic, comparison and choice, element by element: the words of the scalar language, each with its gradient."""

from __future__ import annotations

import operator
from typing import Any

from ..graph import CONSTANT, Op, call, constant_value, define
from ..graph.node import Node
from ..graph.types import is_float
from ..graph.where import users_line
from .atoms import COUNTS, NUMBERS, Binary, Unary, atom, binary, elementwise, unary
from .axes import dtype_of
from .shaping import cast

# arithmetic

add = binary(
    "add",
    "x1 + x2, broadcast; of truth values whether one holds.",
    lambda g, out, a, b: g,
    lambda g, out, a, b: g,
    text=lambda node: "logical_or({0}, {1})" if node.dtype == "bool" else "",
    noun="sum",
    cheap=True,
)
subtract = binary(
    "subtract",
    "x1 - x2, broadcast.",
    lambda g, out, a, b: g,
    lambda g, out, a, b: -g,
    takes=NUMBERS,
    noun="difference",
    cheap=True,
)
multiply = binary(
    "multiply",
    "x1 * x2, broadcast; of truth values whether both hold.",
    lambda g, out, a, b: g * b,
    lambda g, out, a, b: g * a,
    text=lambda node: "logical_and({0}, {1})" if node.dtype == "bool" else "",
    noun="product",
    cheap=True,
)
divide = binary(
    "divide",
    "x1 / x2, broadcast; of integers as float32.",
    lambda g, out, a, b: g / b,
    lambda g, out, a, b: -g * out / b,
    floating=True,
    noun="quotient",
)
floor_divide = binary(
    "floor_divide",
    "The largest whole number that is not above x1 / x2, broadcast. No gradient flows through it.",
    counts="int8",
    noun="quotient",
)
remainder = binary(
    "remainder",
    "x1 - x2 * floor_divide(x1, x2), broadcast: of the sign of x2. For gradients the floor is a constant.",
    lambda g, out, a, b: g,
    lambda g, out, a, b: -g * floor_divide(a, b),
    counts="int8",
)
negative = unary("negative", "-x.", lambda g, out, a: -g, takes=NUMBERS, cheap=True)
reciprocal = unary(
    "reciprocal", "1 / x; of integers as float32.", lambda g, out, a: -g * (out * out), floating=True, noun="quotient"
)
abs = unary(
    "abs",
    "The absolute value. Its gradient at 0 is 0.",
    lambda g, out, a: g * sign(a),
    unchanged="truth",
    noun="size",
)
sign: Unary = unary(
    "sign", "-1, 0 or 1 by whether x is below, at or above 0; NaN of NaN. It has no gradient.", takes=NUMBERS
)
_SQUARE = atom("square", lambda g, out, a: g * (a * 2.0), takes=NUMBERS)
sqrt = unary("sqrt", "The square root; its gradient at 0 is infinite.", lambda g, out, a: g * 0.5 / out, floating=True)
copysign = binary(
    "copysign",
    "The size of x1 with the sign of x2, broadcast; 0 and NaN have signs, too. No gradient flows to x2.",
    lambda g, out, a, b: where(equal(signbit(a), signbit(b)), g, -g),
    None,
    floating=True,
)
signbit: Unary = unary(
    "signbit", "Whether x is below 0, or is -0.0 or a NaN with this sign.", truth=True, floating=True
)
nextafter = binary(
    "nextafter",
    "The number of its dtype that lies next to x1 on the way to x2. For gradients it is x1.",
    lambda g, out, a, b: g,
    None,
    floating=True,
)
_POW = atom(
    "pow",
    lambda g, out, a, b: g * (b * pow(a, where(equal(b, 0.0), 1.0, b - 1.0))),
    lambda g, out, a, b: g * (where(greater(a, 0.0), out, 0.0) * call("log", where(greater(a, 0.0), a, 1.0))),
    noun="power",
)


def square(x: Any) -> Any:
    """x * x; of truth values as int8."""
    return call(_SQUARE, cast(x, "int8") if dtype_of(x) == "bool" else x)


def positive(x: Any) -> Any:
    """x itself.

    Raises:
        TypeError: it holds truth values.
    """
    if dtype_of(x) == "bool":
        raise TypeError(f'{users_line()}ops.positive takes numbers, got bool. Use kcore.ops.cast(x, "int64").')
    return cast(x, dtype_of(x))


def pow(x1: Any, x2: Any) -> Any:
    """x1 to the power of x2, broadcast; NaN for negative x1 and broken x2.

    The gradient of x2 is 0 where x1 is not positive, that of x1 is 0 where x2 is 0, and infinite at x1 = 0 for x2 < 1.

    Raises:
        ValueError: x1 holds integers and x2 is a negative whole number.
    """
    number = x2 if isinstance(x2, int | float) and not isinstance(x2, bool) else None
    dtype = dtype_of(x1)
    if number == 2 and dtype != "bool" and (is_float(dtype) or isinstance(number, int)):
        return square(x1)
    if isinstance(number, int) and number < 0 and not is_float(dtype):
        raise ValueError(
            f"{users_line()}integers have no whole power of {number}: write it as {float(number)}, which gives floats."
        )
    if dtype == dtype_of(x2) == "bool":
        x1, x2 = cast(x1, "int8"), cast(x2, "int8")
    return call(_POW, x1, x2)


# rounding

floor = unary(
    "floor", "The largest whole number not above x. It has no gradient.", takes="float", unchanged=COUNTS, noun="whole"
)
ceil = unary(
    "ceil", "The smallest whole number not below x. It has no gradient.", takes="float", unchanged=COUNTS, noun="whole"
)
trunc = unary(
    "trunc", "x without what is behind the point. It has no gradient.", takes="float", unchanged=COUNTS, noun="whole"
)
_ROUND = atom("round", takes="float", noun="whole")


def round(x: Any, decimals: int = 0) -> Any:
    """x to so many digits behind the point, a half to the even digit; before the point if it is negative.

    It has no gradient. As in NumPy x is multiplied by a power of ten, rounded and divided again.
    """
    digits, dtype = operator.index(decimals), dtype_of(x)
    if not is_float(dtype):
        wide = cast(x, "float64")
        return cast(x if digits >= 0 else round(wide, digits), dtype)
    if digits == 0:
        return call(_ROUND, x)
    if digits < 0:
        return call(_ROUND, x / 10.0**-digits) * 10.0**-digits
    return call(_ROUND, x * 10.0**digits) / 10.0**digits


# comparison; of truth values, True is above False

greater: Binary = binary("greater", "Whether x1 > x2, as bool.", truth=True, counts="uint8", cheap=True, noun="mask")
greater_equal = binary(
    "greater_equal", "Whether x1 >= x2, as bool.", truth=True, counts="uint8", cheap=True, noun="keep"
)
less = binary("less", "Whether x1 < x2, as bool.", truth=True, counts="uint8", cheap=True, noun="mask")
less_equal = binary("less_equal", "Whether x1 <= x2, as bool.", truth=True, counts="uint8", cheap=True, noun="keep")
equal: Binary = binary("equal", "Whether x1 equals x2, as bool; NaN equals nothing.", truth=True, cheap=True)
not_equal = binary(
    "not_equal",
    "Whether x1 differs from x2, as bool; NaN differs from everything.",
    truth=True,
    cheap=True,
    noun="mask",
)

# From `out`, so that `a` may be overwritten by it. Where both are equal neither gets the gradient: relu'(0) = 0.
# The mask is chosen by, not multiplied with, so that sqrt(relu(x)) has the gradient 0 below 0 and not infinity times 0.
maximum = binary(
    "maximum",
    "The larger of both, NaN where one is NaN. Where both are equal neither gets the gradient.",
    lambda g, out, a, b: where(greater(out, b), g, 0.0),
    lambda g, out, a, b: where(greater(out, a), g, 0.0),
    text=lambda node: "logical_or({0}, {1})" if node.dtype == "bool" else "",
    cheap=True,
)
minimum = binary(
    "minimum",
    "The smaller of both, NaN where one is NaN. Where both are equal neither gets the gradient.",
    lambda g, out, a, b: where(less(out, b), g, 0.0),
    lambda g, out, a, b: where(less(out, a), g, 0.0),
    text=lambda node: "logical_and({0}, {1})" if node.dtype == "bool" else "",
    cheap=True,
)

# choice


def _masks(node: Node) -> bool:
    """Whether a `where` keeps some elements of an array and makes others 0."""
    return node.inputs[1].op is not CONSTANT and constant_value(node.inputs[2]) == 0


_WHERE = define(
    Op(
        "where",
        "elementwise",
        elementwise("where"),
        (
            None,
            lambda g, out, condition, a, b: where(condition, g, 0.0),
            lambda g, out, condition, a, b: where(call("logical_not", condition), g, 0.0),
        ),
        into=lambda node: (
            "masked({1}, {0}, out={out})" if _masks(node) else "copyto({out}, {2}); copyto({out}, {1}, where={0})"
        ),
        condition=1,
        apart=lambda node: (0,) if _masks(node) else (0, 1),
        cheap=True,
        noun="choice",
    )
)


def where(condition: Any, x1: Any, x2: Any) -> Any:
    """x1 where the condition holds, else x2, broadcast; only the chosen one gets the gradient."""
    return call(_WHERE, condition, x1, x2)


def clip(x: Any, x_min: Any = None, x_max: Any = None) -> Any:
    """x, but at least `x_min` and at most `x_max`, each of which may be None; `x_max` where they cross.

    Gradients flow to x strictly between the bounds, and to a bound where it is beyond x.
    """
    x = cast(x, dtype_of(x)) if x_min is None and x_max is None else x
    x = x if x_min is None else maximum(x, x_min)
    return x if x_max is None else minimum(x, x_max)


absolute = abs
mod = remainder
power = pow
true_divide = divide


def divide_no_nan(x1: Any, x2: Any) -> Any:
    """x1 / x2, broadcast, and 0 where x2 is 0; the gradient there is 0."""
    nothing = equal(x2, 0)
    return where(nothing, 0.0, divide(x1, where(nothing, 1, x2)))
