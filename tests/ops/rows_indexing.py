"""Rows of parts of arrays: cut out, replaced, taken by index, padded."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Array, Case, Row, shapes, values


@st.composite
def indexed(draw: st.DrawFn) -> Case:
    """An array, and a key of integers, slices, None and an ellipsis."""
    (x,) = draw(values(draw(shapes())))
    keys = [draw(st.integers(-n, n - 1) | st.slices(n) if n else st.slices(n)) for n in x.shape]
    keys = keys[: draw(st.integers(0, len(keys)))]
    if draw(st.booleans()):
        keys.insert(draw(st.integers(0, len(keys))), None)
    if draw(st.booleans()):
        keys.append(...)
    return Case([x], {"key": tuple(keys)})


@st.composite
def indexed_by_arrays(draw: st.DrawFn) -> Case:
    """An array, and a key with arrays of integers that broadcast, behind each other or apart."""
    (x,) = draw(values(draw(shapes(least=1, shortest=1))))
    common = draw(hnp.mutually_broadcastable_shapes(num_shapes=x.ndim, max_dims=2, max_side=3)).input_shapes
    keys: list[Any] = []
    for n, shape in zip(x.shape, common, strict=True):
        array = draw(_within(n, shape))
        keys.append(draw(st.sampled_from([array, array, array.tolist(), n - 1, slice(None, None, -1)])))
    for extra in draw(st.lists(st.sampled_from([None, ...]), max_size=2, unique=True)):
        keys.insert(draw(st.integers(0, len(keys))), extra)
    return Case([x], {"key": tuple(keys)})


def _within(n: int, shape: tuple[int, ...], dtype: str = "int64") -> st.SearchStrategy[Array]:
    """Indices into an axis of this length, some counted from its end."""
    return hnp.arrays(dtype, shape, elements=st.integers(-n, n - 1))


@st.composite
def taken(draw: st.DrawFn) -> Case:
    """An array, indices of any shape, and an axis."""
    (x,) = draw(values(draw(shapes(shortest=1))))
    axis = draw(st.sampled_from([None, *range(-x.ndim, x.ndim)]))
    dtype = draw(st.sampled_from(["int8", "int32", "int64"]))
    indices = draw(_within(x.size if axis is None else x.shape[axis], draw(shapes(most=2)), dtype))
    return Case([x, indices], {"axis": axis})


@st.composite
def taken_along(draw: st.DrawFn) -> Case:
    """An array, and indices for each row along an axis, or for some that are broadcast."""
    (x,) = draw(values(draw(shapes(least=1, shortest=1))))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    shape = [draw(st.sampled_from([n, n, 1])) for n in x.shape]
    shape[axis] = draw(st.integers(0, 4))
    indices = draw(_within(x.shape[axis], tuple(shape)))
    if draw(st.booleans()):
        x = x[tuple(slice(0, 1 if i != axis % x.ndim and draw(st.booleans()) else None) for i in range(x.ndim))]
    return Case([x, indices], {"axis": axis})


@st.composite
def padded(draw: st.DrawFn) -> Case:
    """An array, widths and a mode."""
    mode = draw(st.sampled_from(["constant", "reflect", "symmetric", "edge", "wrap"]))
    (x,) = draw(values(draw(shapes(least=1, shortest=0 if mode == "constant" else 1))))
    pair = st.tuples(st.integers(0, 5), st.integers(0, 5))
    width = draw(st.integers(0, 3) | pair | st.tuples(*[pair] * x.ndim))
    options: dict[str, Any] = {"pad_width": width, "mode": mode}
    if mode == "constant" and draw(st.booleans()):
        options["constant_values"] = draw(st.integers(0, 1))
    return Case([x], options)


@st.composite
def part_of(draw: st.DrawFn, update: bool = False) -> Case:
    """An array, and where a part of it starts: numbers that a program computes, or such that it knows."""
    shape = draw(shapes(least=1))
    lengths = tuple(draw(st.integers(0, n)) for n in shape)
    starts = [draw(st.integers(0, n - m)) for n, m in zip(shape, lengths, strict=True)]
    if update:
        x, updates = draw(values(shape, lengths))
        return Case([x, np.array(starts), updates])
    (x,) = draw(values(shape))
    if draw(st.booleans()):
        return Case([x, np.array(starts)], {"shape": lengths})
    return Case([x], {"start_indices": starts, "shape": lengths})


def _getitem(x: Array, key: tuple[object, ...]) -> Array:
    return x[key]


def _slice(x: Array, start_indices: Any, shape: tuple[int, ...]) -> Array:
    return x[tuple(slice(a, a + n) for a, n in zip(start_indices, shape, strict=True))]


def _slice_update(x: Array, start_indices: Any, updates: Array) -> Array:
    new = x.copy()
    new[tuple(slice(a, a + n) for a, n in zip(start_indices, updates.shape, strict=True))] = updates
    return new


def _take_along_axis(x: Array, indices: Array, axis: int) -> Array:
    """NumPy's, but that it does not broadcast the array itself."""
    others = [
        1 if i == axis % x.ndim else n for i, n in enumerate(np.broadcast_shapes(_but(x, axis), _but(indices, axis)))
    ]
    others[axis] = x.shape[axis]
    return np.take_along_axis(np.broadcast_to(x, others), indices, axis)


def _but(x: Array, axis: int) -> tuple[int, ...]:
    return tuple(1 if i == axis % x.ndim else n for i, n in enumerate(x.shape))


PARTS = ("slice", "join", "slice_update")

ROWS = [
    Row("getitem", _getitem, indexed(), "view", ops=PARTS, dtypes=ANY),
    Row("getitem", _getitem, indexed_by_arrays(), "view", ops=("take", "segment_sum"), dtypes=ANY),
    Row("slice", _slice, part_of(), "view", fixed=(1,), ops=PARTS, dtypes=ANY),
    Row("slice_update", _slice_update, part_of(update=True), "view", fixed=(1,), dtypes=ANY),
    Row("take", np.take, taken(), "view", fixed=(1,), ops=("take", "segment_sum"), dtypes=ANY),
    Row("take_along_axis", _take_along_axis, taken_along(), "view", fixed=(1,), ops=("take",), dtypes=ANY),
    Row("pad", np.pad, padded(), "view", ops=("join",), dtypes=ANY),
]
