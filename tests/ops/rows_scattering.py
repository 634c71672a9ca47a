"""Rows of what is added up or put in place at indices, with loops written from the definitions."""

from __future__ import annotations

from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import Array, Case, Row, shapes, values


@st.composite
def segmented(draw: st.DrawFn, full: bool = False) -> Case:
    """Rows and for each a segment, sometimes none of those that are asked for; with `full` each segment has a row."""
    count = draw(st.integers(1, 4))
    some = draw(st.lists(st.integers(-1, count), max_size=6))
    ids = draw(st.permutations([*range(count * full), *some]))
    (data,) = draw(values((len(ids), *draw(shapes(most=2)))))
    ordered = draw(st.booleans())
    ids = sorted(ids) if ordered else ids
    return Case([data, np.array(ids, "int64")], {"num_segments": count, "sorted": ordered})


@st.composite
def scattered(draw: st.DrawFn, into: bool = False) -> Case:
    """Indices into the first axes of an array, and what goes there."""
    shape = draw(shapes(least=1, shortest=1))
    depth = draw(st.integers(1, len(shape)))
    many = draw(shapes(least=1, most=2))
    indices = np.stack(
        [draw(hnp.arrays("int64", many, elements=st.integers(-n, n - 1))) for n in shape[:depth]], axis=-1
    )
    if into:
        inputs, updates = draw(values(shape, (*many, *shape[depth:])))
        return Case([inputs, indices, updates])
    (given,) = draw(values((*many, *shape[depth:])))
    return Case([indices, given], {"shape": shape})


@st.composite
def counted(draw: st.DrawFn) -> Case:
    """Numbers from 0 up, weights, and how many numbers there are."""
    x = np.array(draw(st.lists(st.integers(0, 4), max_size=6)), "int64")
    (weights,) = draw(values(x.shape))
    return Case([x, weights], {"minlength": draw(st.integers(5, 7))})


def _segment_sum(data: Array, ids: Array, num_segments: int, **_: Any) -> Array:
    out = np.zeros((num_segments, *data.shape[1:]), data.dtype)
    for row, i in zip(data, ids, strict=True):
        if 0 <= i < num_segments:
            out[i] += row
    return out


def _segment_max(data: Array, ids: Array, num_segments: int, **_: Any) -> Array:
    lowest = -np.inf if data.dtype.kind == "f" else np.iinfo(data.dtype).min
    out = np.full((num_segments, *data.shape[1:]), lowest, data.dtype)
    for row, i in zip(data, ids, strict=True):
        if 0 <= i < num_segments:
            out[i] = np.maximum(out[i], row)
    return out


def _scatter_add(inputs: Array, indices: Array, updates: Array) -> Array:
    out = inputs.copy()
    for place in np.ndindex(indices.shape[:-1]):
        out[tuple(indices[place])] += updates[place]
    return out


def _scatter_update(inputs: Array, indices: Array, updates: Array) -> Array:
    out = inputs.copy()
    for place in np.ndindex(indices.shape[:-1]):
        out[tuple(indices[place])] = updates[place]
    return out


def _scatter(indices: Array, given: Array, shape: tuple[int, ...]) -> Array:
    return _scatter_add(np.zeros(shape, given.dtype), indices, given)


def _bincount(x: Array, weights: Array, minlength: int) -> Array:
    return _segment_sum(weights, x, minlength)


SUM = ("segment_sum",)

ROWS = [
    Row("segment_sum", _segment_sum, segmented(), "reduction", fixed=(1,)),
    Row("segment_max", _segment_max, segmented(full=True), "view", fixed=(1,)),
    Row("scatter", _scatter, scattered(), "reduction", fixed=(0,), ops=SUM),
    Row("scatter_add", _scatter_add, scattered(into=True), "reduction", fixed=(1,), ops=SUM),
    Row("scatter_update", _scatter_update, scattered(into=True), "view", fixed=(1,), ops=SUM),
    Row("bincount", _bincount, counted(), "reduction", fixed=(0,), ops=SUM),
]
