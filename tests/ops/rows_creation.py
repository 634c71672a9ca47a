"""Rows of functions that make and move arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, FLOATS, REAL, Array, Case, Row, converted, one, shapes, two


def _full(shape: tuple[int, ...], fill_value: float = 0, dtype: str = "float32") -> Array:
    return np.full(shape, fill_value, dtype)


FILLED = st.builds(lambda shape, dtype: Case([], {"shape": shape, "dtype": dtype}), shapes(), st.sampled_from(ANY))


def _with_fill(case: Case) -> Case:
    return Case(case.arrays, {**case.options, "fill_value": 2})


LIKE = st.builds(lambda case, dtype: Case(case.arrays, {"dtype": dtype}), one(), st.sampled_from([None, *ANY]))


@st.composite
def counted(draw: st.DrawFn) -> Case:
    """A start, a stop and a step, whole numbers or floats."""
    whole = draw(st.booleans())
    number = st.integers(-9, 9) if whole else st.floats(-9, 9, width=32)
    step = draw(number.filter(lambda n: abs(n) > 0.1))
    dtype = draw(st.sampled_from(REAL if whole else FLOATS))
    return Case([], {"start": draw(number), "stop": draw(number), "step": step, "dtype": dtype})


@st.composite
def spaced(draw: st.DrawFn) -> Case:
    """Two numbers, or two arrays that broadcast, and how many numbers between them."""
    options = {"num": draw(st.integers(0, 5)), "endpoint": draw(st.booleans())}
    if draw(st.booleans()):
        start, stop = draw(st.integers(-9, 9)), draw(st.floats(-9, 9, width=32))
        return Case([], {"start": start, "stop": stop, "dtype": draw(st.sampled_from(REAL)), **options})
    case = draw(two())
    rank = max(a.ndim for a in case.arrays)
    return Case(case.arrays, {"axis": draw(st.integers(-rank - 1, rank)), **options})


def _arange(start: float, stop: float, step: float, dtype: str) -> Array:
    return np.arange(start, stop, step, dtype)


ROWS = [
    Row("full", _full, FILLED.map(lambda c: Case([], {**c.options, "fill_value": 3})), ops=(), differentiable=False),
    Row("zeros", _full, FILLED, ops=(), differentiable=False),
    Row("empty", _full, FILLED, ops=(), differentiable=False),
    Row("ones", lambda shape, dtype: _full(shape, 1, dtype), FILLED, ops=(), differentiable=False),
    Row("full_like", np.full_like, LIKE.map(_with_fill), ops=(), dtypes=ANY, differentiable=False),
    Row("zeros_like", np.zeros_like, LIKE, ops=(), dtypes=ANY, differentiable=False),
    Row("empty_like", np.zeros_like, LIKE, ops=(), dtypes=ANY, differentiable=False),
    Row("ones_like", np.ones_like, LIKE, ops=(), dtypes=ANY, differentiable=False),
    Row("arange", _arange, counted(), differentiable=False),
    Row("linspace", np.linspace, spaced(), floating=True),
    Row("convert_to_tensor", lambda x, dtype: x.astype(dtype), converted(), "view", ops=(), differentiable=False),
    Row("array", lambda x, dtype: x.astype(dtype), converted(), "view", ops=(), differentiable=False),
    Row("asarray", lambda x, dtype: x.astype(dtype), converted(), "view", ops=(), differentiable=False),
    Row("convert_to_numpy", np.array, one(), "view", ops=(), dtypes=ANY, traced=False),
]
