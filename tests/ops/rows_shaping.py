"""Rows of views and casts."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Case, Row, along_one, converted, one, shapes, values


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


@st.composite
def expanded(draw: st.DrawFn) -> Case:
    """An array, and where new axes go."""
    (x,) = draw(values(draw(shapes())))
    if draw(st.booleans()):
        return Case([x], {"axis": draw(st.integers(-x.ndim - 1, x.ndim))})
    rank = x.ndim + draw(st.integers(0, 2))
    new = draw(st.permutations(range(rank)))[: rank - x.ndim]
    return Case([x], {"axis": tuple(a - rank * draw(st.booleans()) for a in new)})


@st.composite
def squeezed(draw: st.DrawFn) -> Case:
    """An array with axes of length 1, and some of them."""
    shape = draw(st.lists(st.sampled_from([0, 1, 1, 2, 3]), max_size=4))
    single = [i for i, n in enumerate(shape) if n == 1]
    some = tuple(a - len(shape) * draw(st.booleans()) for a in single if draw(st.booleans()))
    return Case(draw(values(tuple(shape))), {"axis": draw(st.sampled_from([None, some, *some[:1]]))})


@st.composite
def moved(draw: st.DrawFn) -> Case:
    """An array, some axes and their new places; or one of each."""
    (x,) = draw(values(draw(shapes(least=1))))
    count = draw(st.integers(0, x.ndim))
    pair = [draw(st.permutations(range(x.ndim)))[:count] for _ in range(2)]
    source, destination = (tuple(a - x.ndim * draw(st.booleans()) for a in axes) for axes in pair)
    if count == 1 and draw(st.booleans()):
        return Case([x], {"source": source[0], "destination": destination[0]})
    return Case([x], {"source": source, "destination": destination})


@st.composite
def exchanged(draw: st.DrawFn) -> Case:
    """An array and two of its axes."""
    (x,) = draw(values(draw(shapes(least=1))))
    axis = st.integers(-x.ndim, x.ndim - 1)
    return Case([x], {"axis1": draw(axis), "axis2": draw(axis)})


@st.composite
def several(draw: st.DrawFn) -> Case:
    """Some arrays that broadcast."""
    given = draw(hnp.mutually_broadcastable_shapes(num_shapes=draw(st.integers(1, 3)), min_side=0, max_dims=3))
    return Case(draw(values(*given.input_shapes)))


@st.composite
def repeated(draw: st.DrawFn) -> Case:
    """An array, how often, and along which axis, None for all elements."""
    case = draw(along_one(none=True))
    return Case(case.arrays, {**case.options, "repeats": draw(st.integers(0, 3))})


@st.composite
def tiled(draw: st.DrawFn) -> Case:
    """An array, and how often along the last axes."""
    (x,) = draw(values(draw(shapes())))
    times = draw(st.one_of(st.integers(0, 3), st.lists(st.integers(0, 3), max_size=4).map(tuple)))
    return Case([x], {"repeats": times})


def _views(name: str, cases: st.SearchStrategy[Case]) -> Row:
    return Row(name, getattr(np, name), cases, "view", ops=(), dtypes=ANY)


ROWS = [
    _views("expand_dims", expanded()),
    _views("squeeze", squeezed()),
    _views("ravel", one()),
    _views("moveaxis", moved()),
    _views("swapaxes", exchanged()),
    _views("matrix_transpose", one(least=2)),
    _views("broadcast_arrays", several()),
    _views("atleast_1d", several()),
    _views("atleast_2d", several()),
    _views("atleast_3d", several()),
    _views("repeat", repeated()),
    Row("tile", lambda x, repeats: np.tile(x, repeats), tiled(), "view", ops=(), dtypes=ANY),
    Row("astype", lambda x, dtype: x.astype(dtype), converted(), "view", ops=(), dtypes=ANY, differentiable=False),
    Row("reshape", lambda x, newshape: x.reshape(newshape), reshaped(), "view", dtypes=ANY),
    Row("permute_dims", np.permute_dims, permuted(), "view", dtypes=ANY),
    Row("copy", np.copy, one(), "view", ops=(), dtypes=ANY),
    Row("transpose", np.transpose, one(), "view", ops=("permute_dims",), dtypes=ANY),
    Row("broadcast_to", np.broadcast_to, widened(), "view", dtypes=ANY),
    Row("cast", lambda x, dtype: x.astype(dtype), converted(), "view", dtypes=ANY, differentiable=False),
]
