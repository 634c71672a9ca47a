"""Rows of views and casts."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Case, Row, converted, one, shapes, values


@st.composite
def reshaped(draw: st.DrawFn) -> Case:
    """An array, and another shape for it, sometimes with one length left open."""
    (x,) = draw(values(draw(shapes())))
    factors = [n for n in range(1, x.size + 1) if x.size % n == 0] or [0]
    rows = draw(st.sampled_from(factors))
    shape = [rows, x.size // rows if rows else 3]
    shape.insert(draw(st.integers(0, 2)), draw(st.sampled_from([1, 1, -1]) if x.size else st.just(1)))
    return Case([x], {"newshape": draw(st.sampled_from([tuple(shape), x.shape, (x.size,)]))})


@st.composite
def widened(draw: st.DrawFn) -> Case:
    """An array, and a shape that it broadcasts to."""
    target = draw(shapes())
    source = tuple(draw(st.sampled_from([n, 1])) for n in target)[draw(st.integers(0, len(target))) :]
    return Case(draw(values(source)), {"shape": target})


@st.composite
def permuted(draw: st.DrawFn) -> Case:
    """An array, and an order of its axes, some counted from the end."""
    (x,) = draw(values(draw(shapes())))
    order = draw(st.permutations(range(x.ndim)))
    return Case([x], {"axes": tuple(a - x.ndim * draw(st.booleans()) for a in order)})


ROWS = [
    Row("reshape", lambda x, newshape: x.reshape(newshape), reshaped(), "view", dtypes=ANY),
    Row("permute_dims", np.permute_dims, permuted(), "view", dtypes=ANY),
    Row("transpose", np.transpose, one(), "view", ops=("permute_dims",), dtypes=ANY),
    Row("broadcast_to", np.broadcast_to, widened(), "view", dtypes=ANY),
    Row("cast", lambda x, dtype: x.astype(dtype), converted(), "view", dtypes=ANY, differentiable=False),
]
