"""Rows of reductions."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Array, Case, Row, shapes, values

EVERY = (*ANY, "int8", "uint8", "uint64")


@st.composite
def reduced(draw: st.DrawFn, shortest: int = 0) -> Case:
    """An array, and the axes that a reduction goes over."""
    (x,) = draw(values(draw(shapes(shortest=shortest))))
    some = (
        st.lists(st.integers(-x.ndim, x.ndim - 1), unique_by=lambda a: a % x.ndim).map(tuple) if x.ndim else st.just(())
    )
    single = st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none()
    return Case([x], {"axis": draw(st.one_of(st.none(), single, some)), "keepdims": draw(st.booleans())})


@st.composite
def indexed(draw: st.DrawFn) -> Case:
    """An array with elements, and the one axis that argmax counts along."""
    (x,) = draw(values(draw(shapes(least=1, shortest=1))))
    return Case([x], {"axis": draw(st.none() | st.integers(-x.ndim, x.ndim - 1)), "keepdims": draw(st.booleans())})


@st.composite
def ran(draw: st.DrawFn) -> Case:
    """An array, and the one axis that sums or products run along."""
    (x,) = draw(values(draw(shapes())))
    axes = st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none()
    axis = draw(axes | st.none() if x.ndim == 1 else axes)
    return Case([x], {"axis": axis, "include_initial": draw(st.booleans())})


@st.composite
def ran_flat(draw: st.DrawFn) -> Case:
    """The same, or no axis; and a dtype or none."""
    (x,) = draw(values(draw(shapes())))
    axes = st.integers(-x.ndim, x.ndim - 1) | st.none() if x.ndim else st.none()
    return Case([x], {"axis": draw(axes), "dtype": draw(st.sampled_from([None, "float64"]))})


@st.composite
def counted(draw: st.DrawFn) -> Case:
    """An array with some zeros among its elements, and the axes that they are counted over."""
    case = draw(reduced())
    zeros = np.random.default_rng(draw(st.integers(0, 99))).random(case.arrays[0].shape) < draw(st.floats(0, 1))
    return Case([np.where(zeros, 0, case.arrays[0])], case.options)


@st.composite
def bounded(draw: st.DrawFn) -> Case:
    """An array, perhaps empty, and a number more."""
    case = draw(reduced())
    return Case(case.arrays, case.options | {"initial": draw(st.sampled_from([-3, 0, 3]))})


@st.composite
def widened(draw: st.DrawFn) -> Case:
    """An array, and perhaps another dtype to reduce in."""
    case = draw(reduced())
    return Case(case.arrays, case.options | {"dtype": draw(st.sampled_from([None, "float64"]))})


def _mean(x: Array, axis: Any, keepdims: bool) -> Array:
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).astype(int)
    count = x.dtype.type(np.prod([x.shape[a] for a in axes]))
    return np.sum(x, axis=axis, keepdims=keepdims) / count


def _count(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.asarray(np.count_nonzero(x, axis=() if not x.ndim else axis, keepdims=keepdims), "int64")


def _logsumexp(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)) if axis != () and x.ndim else x


full = reduced(shortest=1)
ROWS = [
    Row("sum", np.sum, widened(), "reduction", dtypes=EVERY),
    Row("prod", np.prod, widened(), "reduction", dtypes=EVERY),
    Row("mean", _mean, full, "reduction", ops=("sum", "divide"), dtypes=ANY, floating=True),
    Row("max", np.max, full | bounded(), "view"),
    Row("min", np.min, full | bounded(), "view"),
    Row("amax", np.max, full, "view", ops=("max",), dtypes=EVERY),
    Row("amin", np.min, full, "view", ops=("min",), dtypes=EVERY),
    Row("argmax", np.argmax, indexed(), differentiable=False, dtypes=EVERY),
    Row("argmin", np.argmin, indexed(), differentiable=False, dtypes=EVERY),
    Row("any", np.any, counted(), differentiable=False, dtypes=EVERY),
    Row("all", np.all, counted(), differentiable=False, dtypes=EVERY),
    Row("count_nonzero", _count, counted(), ops=("sum", "cast"), differentiable=False, dtypes=EVERY),
    Row("logsumexp", _logsumexp, full, "reduction", dtypes=ANY, floating=True),
    Row("cumulative_sum", np.cumulative_sum, ran(), "reduction", dtypes=ANY),
    Row("cumulative_prod", np.cumulative_prod, ran(), "reduction", dtypes=ANY),
    Row("cumsum", np.cumsum, ran_flat(), "reduction", ops=("cumulative_sum",), dtypes=ANY),
    Row("cumprod", np.cumprod, ran_flat(), "reduction", ops=("cumulative_prod",), dtypes=ANY),
]
