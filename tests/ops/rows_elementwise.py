"""Rows of elementwise functions."""

from __future__ import annotations

import math

import attrs
import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Array, Case, Cases, Row, one, shapes, two, values

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


@st.composite
def chosen(draw: st.DrawFn) -> Case:
    """Zeros and ones for a condition, and two arrays that broadcast with it."""
    three = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_dims=3, max_side=4))
    condition, *arrays = draw(values(*three.input_shapes))
    return Case([np.float64(condition > 0), *arrays])


@st.composite
def clipped(draw: st.DrawFn) -> Case:
    """An array and two bounds, the lower first."""
    x, *bounds = draw(values(draw(shapes()), (), ()))
    return Case([x, *sorted(bounds)])


@st.composite
def rounded(draw: st.DrawFn) -> Case:
    """An array, and how many digits behind the point to keep."""
    return Case(draw(values(draw(shapes()), low=-99, high=99)), {"decimals": draw(st.integers(-2, 3))})


def _floats(name: str, cases: Cases, **how: bool) -> Row:
    """Of a function that makes floats of integers, and that NumPy has under the same name."""
    return Row(name, getattr(np, name), cases, floating=True, **how)


def _truths(name: str, cases: Cases) -> Row:
    """Of a question that NumPy answers under the same name."""
    return Row(name, getattr(np, name), cases, dtypes=ANY, differentiable=False)


def _whole(name: str) -> Row:
    """Of a function that rounds, and leaves what is whole as it is."""
    return Row(name, getattr(np, name), one(low=-9, high=9), dtypes=ANY, differentiable=False)


def also(rows: list[Row], names: dict[str, str]) -> list[Row]:
    """Rows for other names of functions that have rows."""
    of = {row.name: row for row in rows}
    return [attrs.evolve(of[name], name=alias, ops=of[name].ops or (name,)) for alias, name in names.items()]


def erf(x: Array) -> Array:
    """The C library's error function."""
    return np.reshape([math.erf(a) for a in x.ravel()], x.shape).astype(x.dtype)


def erfinv(x: Array) -> Array:
    """Where the C library's error function has this value: by Newton's method, which from 0 never goes too far."""
    wanted, y = x.astype("float64"), np.zeros(x.shape)
    for _ in range(60):
        y += (wanted - erf(y)) * np.exp(np.square(y)) * (math.sqrt(math.pi) / 2)
    return y.astype(x.dtype)


def _heaviside(x: Array, h: Array) -> Array:
    return np.where(x > 0, 1, np.where(x == 0, h, 0)).astype(np.result_type(x, h))


def _divided(a: Array, b: Array) -> Array:
    return np.where(b == 0, 0, a / np.where(b == 0, 1, b)).astype(a.dtype)


ARITHMETIC = [
    Row("add", np.add, two(), dtypes=ANY),
    Row("subtract", np.subtract, two()),
    Row("multiply", np.multiply, two(), dtypes=ANY),
    Row("divide", np.divide, two(gap=0.3), floating=True),
    Row("floor_divide", np.floor_divide, two(gap=0.3), dtypes=ANY, differentiable=False),
    Row("remainder", np.remainder, two(gap=0.3), dtypes=ANY),
    Row("pow", np.power, two(low=0.3), dtypes=ANY),
    Row("maximum", np.maximum, two(), dtypes=ANY),
    Row("minimum", np.minimum, two(), dtypes=ANY),
    Row("negative", np.negative, one()),
    Row("positive", np.positive, one(), ops=()),
    Row("abs", np.abs, one(), dtypes=ANY),
    Row("sign", np.sign, one(), differentiable=False),
    Row("square", np.square, one(), dtypes=ANY),
    Row("sqrt", np.sqrt, one(low=0.5, high=4), floating=True),
    Row("reciprocal", np.reciprocal, one(low=0.5, high=4), floating=True),
    Row("copysign", np.copysign, two(), floating=True),
    Row("nextafter", np.nextafter, two(), floating=True),
    Row("signbit", np.signbit, one(), floating=True, differentiable=False),
    *(_whole(n) for n in ("floor", "ceil", "trunc")),
    Row("round", np.round, rounded(), differentiable=False),
    Row("where", np.where, chosen(), "view", differentiable=False),
    Row("clip", np.clip, clipped(), ops=("maximum", "minimum")),
]
COMPARISONS = ("greater", "greater_equal", "less", "less_equal", "equal", "not_equal")
TRANSCENDENTAL = [
    *(_floats(n, one()) for n in ("exp", "expm1", "exp2", "sin", "cos", "sinh", "cosh", "tanh", "asinh", "atan")),
    *(_floats(n, one(low=0.5, high=4)) for n in ("log", "log2", "log10", "log1p")),
    *(_floats(n, one(low=-0.9, high=0.9)) for n in ("asin", "acos", "atanh")),
    _floats("tan", one(low=-1, high=1)),
    _floats("acosh", one(low=1.5, high=4)),
    _floats("logaddexp", two()),
    *(_floats(n, two(gap=0.3)) for n in ("atan2", "hypot")),
    Row("rsqrt", lambda x: 1 / np.sqrt(x), one(low=0.5, high=4), ops=(), floating=True),
    Row("deg2rad", np.deg2rad, one(), ops=(), floating=True),
    Row("rad2deg", np.rad2deg, one(), ops=(), floating=True),
    Row("sinc", np.sinc, one(), ops=(), floating=True),
    Row("erf", erf, one(low=-3, high=3), floating=True),
    Row("erfinv", erfinv, one(low=-0.9, high=0.9), dtypes=("float32", "float64")),
]
BITS = ("bitwise_and", "bitwise_or", "bitwise_xor")
LOGIC = [
    *(_truths(n, two()) for n in ("logical_and", "logical_or", "logical_xor")),
    _truths("logical_not", one()),
    *(_truths(n, two()) for n in COMPARISONS),
    *(_truths(n, one()) for n in ("isfinite", "isinf", "isnan")),
    *(Row(n, getattr(np, n), two(), dtypes=(*INTEGERS, "bool"), differentiable=False) for n in BITS),
    Row("bitwise_invert", np.bitwise_invert, one(), dtypes=(*INTEGERS, "bool"), differentiable=False),
    Row("bitwise_left_shift", np.left_shift, two(low=0), dtypes=(*INTEGERS, "bool"), differentiable=False),
    Row("bitwise_right_shift", np.right_shift, two(low=0), dtypes=(*INTEGERS, "bool"), differentiable=False),
    Row("isclose", np.isclose, two(), ops=(), differentiable=False),
    Row("heaviside", _heaviside, two(), ops=(), dtypes=("float32", "float64"), differentiable=False),
    Row("nan_to_num", np.nan_to_num, one(), ops=()),
    Row("divide_no_nan", _divided, two(gap=0.3), ops=(), floating=True),
]
_ROWS = ARITHMETIC + TRANSCENDENTAL + LOGIC
_OTHER_NAMES = {"absolute": "abs", "mod": "remainder", "power": "pow", "true_divide": "divide"}
_OTHER_NAMES |= {f"arc{n}": f"a{n}" for n in ("cos", "cosh", "sin", "sinh", "tan", "tan2", "tanh")}
_OTHER_NAMES |= {"bitwise_not": "bitwise_invert", "invert": "bitwise_invert"}
_OTHER_NAMES |= {f"{way}_shift": f"bitwise_{way}_shift" for way in ("left", "right")}
ROWS = _ROWS + also(_ROWS, _OTHER_NAMES)
