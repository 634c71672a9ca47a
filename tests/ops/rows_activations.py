"""Rows of activations, by their definitions in the widest float."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import FLOATS, Array, Case, Cases, Row, one, shapes, values
from tests.ops.rows_elementwise import erf

WIDE = one(-9, 9)


def wide(function: Callable[..., Array]) -> Callable[..., Array]:
    """The function in the widest float, rounded to the dtype of its first argument."""

    @functools.wraps(function)
    def rounded(x: Array, *others: Array, **options: Any) -> Array:
        out = function(x.astype(np.longdouble), *others, **options)
        return np.asarray(out).astype(x.dtype)

    return rounded


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softplus(x: Array) -> Array:
    return np.log1p(np.exp(x))


def elu(x: Array, alpha: float = 1.0, width: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / width))


def leaky_relu(x: Array, slope: float = 0.2) -> Array:
    return np.where(x > 0, x, slope * x)


def squareplus(x: Array, b: float = 4) -> Array:
    return (x + np.sqrt(x**2 + b)) / 2


def silu(x: Array) -> Array:
    return x * sigmoid(x)


def mish(x: Array) -> Array:
    return x * np.tanh(softplus(x))


def gelu(x: Array, approximate: bool = True) -> Array:
    if approximate:
        return x / 2 * (1 + np.tanh(np.sqrt(2 / np.longdouble(np.pi)) * (x + 0.044715 * x**3)))
    return x * ((1 + erf(x.astype("float64") / np.sqrt(2))) / 2)


def hard_sigmoid(x: Array) -> Array:
    return np.clip(x / 6 + 0.5, 0, 1)


def soft_shrink(x: Array, threshold: float = 0.5) -> Array:
    return np.sign(x) * np.maximum(np.abs(x) - threshold, 0)


def glu(x: Array, axis: int = -1) -> Array:
    value, gate = np.split(x, 2, axis)
    return value * sigmoid(gate)


@st.composite
def halves(draw: st.DrawFn) -> Case:
    """An array of two halves along an axis."""
    shape = draw(shapes(least=1))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    doubled = [2 * n if i == axis % len(shape) else n for i, n in enumerate(shape)]
    return Case(draw(values(tuple(doubled))), {"axis": axis})


def given_one_of(cases: Cases, **options: list[Any]) -> Cases:
    """Cases with one of the values of each option."""
    drawn = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in options.items()})
    return st.builds(lambda case, more: Case(case.arrays, case.options | more), cases, drawn)


def _row(name: str, formula: Callable[..., Array], *ops: str, **options: list[Any]) -> Row:
    return Row(name, wide(formula), given_one_of(WIDE, **options), floating=True, ops=ops or None)


BENT = ("maximum", "minimum")
ROWS = [
    Row("relu", lambda x: np.maximum(x, 0), one(), ops=("maximum",)),
    Row("relu6", lambda x: np.clip(x, 0, 6), WIDE, ops=BENT),
    Row("hard_tanh", lambda x: np.clip(x, -1, 1), WIDE, ops=BENT),
    Row(
        "hard_shrink",
        lambda x, threshold=0.5: np.where(np.abs(x) > threshold, x, 0),
        given_one_of(one(), threshold=[0.7, 1]),
        ops=("abs", "where"),
    ),
    Row(
        "threshold",
        lambda x, threshold, default_value: np.where(x > threshold, x, x.dtype.type(default_value)),
        one().map(lambda case: Case(case.arrays, {"threshold": 0.3, "default_value": -1.5})),
        ops=("less_equal", "where"),
        dtypes=FLOATS,
    ),
    _row("leaky_relu", lambda x, negative_slope=0.2: leaky_relu(x, negative_slope), negative_slope=[0, 0.01, -1.0]),
    _row("hard_sigmoid", hard_sigmoid, *BENT),
    _row("hard_silu", lambda x: x * hard_sigmoid(x), *BENT),
    _row("hard_swish", lambda x: x * hard_sigmoid(x), *BENT),
    _row("sparse_sigmoid", lambda x: np.clip((x + 1) / 2, 0, 1), *BENT),
    _row("sparse_plus", lambda x: np.where(x < 1, np.maximum(x + 1, 0) ** 2 / 4, x), "where"),
    _row("soft_shrink", soft_shrink, *BENT, threshold=[0.0, 1]),
    _row("sigmoid", sigmoid),
    _row("log_sigmoid", lambda x: np.log(sigmoid(x)), "softplus"),
    _row("softplus", softplus),
    _row("squareplus", squareplus, b=[0.5]),
    _row("softsign", lambda x: x / (1 + np.abs(x)), "divide"),
    _row("tanh_shrink", lambda x: x - np.tanh(x), "tanh"),
    _row("elu", elu, alpha=[0, 0.3, 1.5, -1.0]),
    _row("selu", lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772), "elu"),
    _row("celu", lambda x, alpha=1.0: elu(x, alpha, alpha), "elu", alpha=[0.5, 2]),
    _row("silu", silu),
    _row("swish", silu, "silu"),
    _row("mish", mish),
    _row("gelu", gelu, "gelu", "gelu_tanh", approximate=[False, True]),
    Row("glu", wide(glu), halves(), floating=True, ops=("sigmoid",)),
]
