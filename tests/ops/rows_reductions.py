"""Rows of reductions."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Array, Case, Row, shapes, values


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


def _sum(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.sum(x, axis=axis, keepdims=keepdims)


def _argmax(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.argmax(x, axis=axis, keepdims=keepdims)


def _mean(x: Array, axis: Any, keepdims: bool) -> Array:
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).astype(int)
    count = x.dtype.type(np.prod([x.shape[a] for a in axes]))
    return np.sum(x, axis=axis, keepdims=keepdims) / count


ROWS = [
    Row("sum", _sum, reduced(), "reduction", dtypes=ANY),
    Row("mean", _mean, reduced(shortest=1), "reduction", ops=("sum", "divide"), dtypes=ANY, floating=True),
    Row("max", lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims), reduced(shortest=1), "view"),
    Row("argmax", _argmax, indexed(), differentiable=False),
]
