"""Rows of elementwise functions."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import Case, Row, one, shapes, two, values


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


ROWS = [
    Row("add", np.add, two()),
    Row("subtract", np.subtract, two()),
    Row("multiply", np.multiply, two()),
    Row("divide", np.divide, two(gap=0.3), floating=True),
    Row("maximum", np.maximum, two()),
    Row("minimum", np.minimum, two()),
    Row("greater", np.greater, two(), differentiable=False),
    Row("greater_equal", np.greater_equal, two(), differentiable=False),
    Row("less", np.less, two(), ops=("greater",), differentiable=False),
    Row("equal", np.equal, two(), differentiable=False),
    Row("negative", np.negative, one()),
    Row("exp", np.exp, one(), floating=True),
    Row("log", np.log, one(low=0.5, high=4), floating=True),
    Row("tanh", np.tanh, one(), floating=True),
    Row("sqrt", np.sqrt, one(low=0.5, high=4), floating=True),
    Row("square", np.square, one()),
    Row("where", np.where, chosen(), "view", differentiable=False),
    Row("clip", np.clip, clipped(), ops=("maximum", "minimum")),
]
