"""Scattering: what lies at several indices is added up or put in place, the opposite of taking.

All is made of one sum over segments. It sorts, so that what belongs together lies together, and takes differences of
running sums: the same numbers in every run, on every backend.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from typing import Any

from ..graph import Op, call, define
from ..graph.index import Index
from ..graph.node import Node
from ..graph.types import DType, Shape, is_float, lowest, size_of
from ..graph.where import users_line
from .axes import dtype_of, shape_of, whole
from .convert import convert_to_tensor
from .creation import arange, full, ones, zeros
from .cumulative import cumulative_sum
from .elementwise import add, clip, equal, maximum, where
from .indexing import counted, gathered, integers, join, take_along_axis
from .shaping import cast, reshape
from .sorting import argsort, searchsorted, sort


def _by_segment(data: Node, ids: Node, *, count: int, **_: object) -> tuple[Shape, DType]:
    return (count, *data.shape[1:]), data.dtype


def _summed(data: Any, ids: Any, *, count: int, sorted: bool) -> Any:
    rows, rest = data.shape[0], data.shape[1:]
    if 0 in (rows, count):
        return zeros((count, *rest), data.dtype)
    if not sorted:
        order = argsort(ids)
        data, ids = gathered(data, order, 0), gathered(ids, order, 0)
    starts = searchsorted(ids, arange(count + 1))
    wide = cast(data, "float64" if is_float(data.dtype) else "int64")
    sums = cumulative_sum(wide, 0, include_initial=True)
    within = sums[1:] - gathered(sums, gathered(starts, clip(ids, 0, count), 0), 0)  # from the start of its segment
    zeros_behind = [Index.along(0, data.ndim, 0, rows)]
    totals = join([cast(within, data.dtype)], zeros_behind, (rows + 1, *rest))
    return gathered(totals, where(starts[1:] > starts[:-1], starts[1:] - 1, rows), 0)


def _back(rows: Any, ids: Any, count: int) -> Any:
    """For each id the row of its segment, zeros for an id that is no segment's."""
    if not count:
        return zeros((*ids.shape, *rows.shape[1:]), rows.dtype)
    near = clip(ids, 0, count - 1)
    return where(_column(equal(near, ids), rows), gathered(rows, near, 0), 0)


def _column(x: Any, like: Any) -> Any:
    """A vector with axes of length 1 behind it, to be broadcast with `like`."""
    return reshape(x, (*x.shape, *[1] * (len(like.shape) - 1)))


_SUM = define(
    Op(
        "segment_sum",
        "compound",
        _by_segment,
        (lambda g, out, data, ids, *, count, sorted: _back(g, ids, count), None),
        _summed,
        promotes=False,
        noun="segments",
    )
)


def _largest(data: Any, ids: Any, *, count: int, sorted: bool) -> Any:
    rows = data.shape[0]
    if 0 in (rows, count):
        return full((count, *data.shape[1:]), lowest(data.dtype), data.dtype)
    by_value = argsort(data, 0)
    by_segment = argsort(gathered(ids, by_value, 0), 0)  # which keeps the order by value within each
    ranked = take_along_axis(take_along_axis(data, by_value, 0), by_segment, 0)
    starts = searchsorted(ids if sorted else sort(ids), arange(count + 1))
    found = gathered(ranked, clip(starts[1:] - 1, 0, rows - 1), 0)
    return where(_column(starts[1:] > starts[:-1], data), found, lowest(data.dtype))


def _to_largest(g: Any, out: Any, data: Any, ids: Any, *, count: int, sorted: bool) -> Any:
    """Where several elements of a segment are the largest, each gets an equal share."""
    chosen = cast(equal(data, _back(out, ids, count)), data.dtype)
    number = maximum(call(_SUM, chosen, ids, count=count, sorted=sorted), 1)
    return _back(g / number, ids, count) * chosen


_MAX = define(
    Op(
        "segment_max",
        "compound",
        _by_segment,
        (_to_largest, None),
        _largest,
        promotes=False,
        noun="segments",
    )
)


def _segments(op: Op, data: Any, segment_ids: Any, num_segments: int | None, sorted: bool) -> Any:
    ids, known = integers(segment_ids)
    if len(shape_of(ids)) != 1 or shape_of(data)[:1] != shape_of(ids):
        raise ValueError(
            f"{users_line()}ops.{op.name} takes data (n, ...) and segment_ids (n): got shapes {shape_of(data)} and "
            f"{shape_of(ids)}."
        )
    if num_segments is None:
        num_segments = _largest_of(known, f"ops.{op.name} needs num_segments") + 1
    data = cast(data, "int64") if dtype_of(data) == "bool" else data
    ids = ids if known is None else convert_to_tensor(known)
    return call(op, data, ids, count=whole(num_segments)[0], sorted=bool(sorted))


def _largest_of(known: Any, need: str) -> int:
    """The largest index, -1 if there are none."""
    if known is None:
        raise ValueError(
            f"{users_line()}{need} here: the shape of its result cannot depend on numbers that exist only when the "
            "program runs."
        )
    return int(known.max(initial=-1))


def segment_sum(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """For each segment the sum of its rows, zeros where it has none.

    Floats are added up in float64 by differences of one running sum, so that infinity or NaN in one row reaches the
    segments behind it. Truth values are counted as int64.

    Args:
        data: (n, ...).
        segment_ids: for each row its segment, integers (n); rows of others than 0 to num_segments - 1 are left out.
        num_segments: how many there are; if None, one more than the largest id, which a program cannot know.
        sorted: whether the ids are known to ascend.

    Raises:
        TypeError: the ids are no integers.
        ValueError: shapes do not fit, or the number of segments is not known.
    """
    return _segments(_SUM, data, segment_ids, num_segments, sorted)


def segment_max(data: Any, segment_ids: Any, num_segments: int | None = None, sorted: bool = False) -> Any:
    """For each segment the largest of its rows, element by element; NaN where there is one.

    Where a segment has no rows it is minus infinity, or the smallest integer. Of several that are the largest each gets
    an equal share of the gradient. The arguments and errors are those of `segment_sum`.
    """
    return _segments(_MAX, data, segment_ids, num_segments, sorted)


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each of 0, 1, 2, ... occurs in x as int64, or the sum of the weights there in the dtype of those.

    Args:
        x: a vector of integers from 0 up.
        weights: a number for each.
        minlength: how many numbers are counted at least; inside a program it is exactly as many, and larger ones are
            left out.

    Raises:
        TypeError: x holds no integers.
        ValueError: one is negative, x or the weights are no vector, or a program is not told `minlength`.
    """
    numbers, known = integers(x)
    if len(shape_of(numbers)) != 1:
        raise ValueError(f"{users_line()}ops.bincount counts in a vector, got shape {shape_of(numbers)}.")
    if known is not None and known.min(initial=0) < 0:
        raise ValueError(f"{users_line()}ops.bincount counts numbers from 0 up, got {known.min()}.")
    if known is not None or not minlength:
        minlength = builtins.max(minlength, _largest_of(known, "ops.bincount needs minlength") + 1)
    return segment_sum(ones(shape_of(numbers), "int64") if weights is None else weights, numbers, minlength)


def scatter(indices: Any, values: Any, shape: Iterable[int]) -> Any:
    """An array of zeros of this shape but for the values at the indices; those at one index are added.

    Args:
        indices: (n, k), each an index into the first k axes; negative numbers count from the end.
        values: (n, *the lengths of the other axes).
        shape: that of the result.

    Raises:
        IndexError: an index that is known is out of range; one of a program is left out instead.
        TypeError: the indices are no integers.
        ValueError: the shapes do not fit.
    """
    shape = whole(shape)
    cells, count = _cells(indices, shape_of(values), shape)
    rows = reshape(values, (*shape_of(cells), *shape[_depth(indices) :]))
    return cast(reshape(segment_sum(rows, cells, count), shape), dtype_of(values))


def scatter_add(inputs: Any, indices: Any, updates: Any) -> Any:
    """`inputs` with the updates added at the indices, all of them where several have one index.

    Arguments and errors are those of `scatter_update`.
    """
    return add(inputs, scatter(indices, cast(updates, dtype_of(inputs)), shape_of(inputs)))


def scatter_update(inputs: Any, indices: Any, updates: Any) -> Any:
    """`inputs` with the updates in place of what is at the indices; of several at one index the last counts.

    Args:
        inputs: an array.
        indices: (n, k), each an index into the first k axes; negative numbers count from the end.
        updates: (n, *the lengths of the other axes), in the dtype of the inputs.

    Raises:
        IndexError: an index that is known is out of range; one of a program is left out instead.
        TypeError: the indices are no integers.
        ValueError: the shapes do not fit.
    """
    shape, depth = shape_of(inputs), _depth(indices)
    cells, count = _cells(indices, shape_of(updates), shape)
    (n,) = shape_of(cells)
    if 0 in (n, count):
        return cast(inputs, dtype_of(inputs))
    last = segment_max(arange(n), cells, count)
    rows = gathered(reshape(cast(updates, dtype_of(inputs)), (n, *shape[depth:])), maximum(last, 0), 0)
    written = reshape(last >= 0, (*shape[:depth], *[1] * (len(shape) - depth)))
    return where(written, reshape(rows, shape), inputs)


def _depth(indices: Any) -> int:
    return (shape_of(indices) or (0,))[-1]


def _cells(indices: Any, given: Shape, shape: Shape) -> tuple[Any, int]:
    """The cell that each index means, -1 for one that lies outside, as a vector; and how many cells there are."""
    many, depth = shape_of(indices)[:-1], _depth(indices)
    if not 0 < depth <= len(shape) or given != (*many, *shape[depth:]):
        raise ValueError(
            f"{users_line()}an array {shape} is written to by indices (n, k) into its first k axes and values "
            f"(n, *the lengths of the other axes): got indices {shape_of(indices)} and values {given}."
        )
    numbers, known = integers(indices)
    if known is not None:
        flat: Any = 0
        for axis, n in enumerate(shape[:depth]):
            flat = flat * n + counted(known[..., axis], n, axis)
        return convert_to_tensor(flat.reshape(-1)), size_of(shape[:depth])
    cells, inside = zeros(many, "int64"), full(many, True, "bool")
    for axis, n in enumerate(shape[:depth]):
        place = numbers[..., axis]
        place = where(place < 0, place + n, place)
        inside = where(equal(clip(place, 0, n - 1), place), inside, False)
        cells = cells * n + place
    return reshape(where(inside, cells, -1), (size_of(many),)), size_of(shape[:depth])
