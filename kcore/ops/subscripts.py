"""Subscripts: `x[key]` as NumPy reads it, and slices by where they start."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterable
from typing import Any

from ..graph import Symbol, Variable, call
from ..graph.index import Index
from ..graph.types import Shape, broadcast
from ..graph.where import users_line
from .axes import dtype_of, shape_of, whole
from .convert import convert_to_numpy
from .creation import arange
from .elementwise import clip, where
from .indexing import cut, gathered, positions
from .shaping import broadcast_to, cast, moveaxis, reshape


def getitem(x: Any, key: Any) -> Any:
    """x[key], for a key of integers, slices, `...`, `None` and arrays of integers, which NumPy's rules join.

    Indices that a program computes are held within their axis, as by `take`.

    Raises:
        IndexError: an index that is known is out of range, there are more of them than axes, or arrays do not broadcast
            or hold no integers.
        TypeError: the key holds anything else.
    """
    shape = shape_of(x)
    given = list(key) if isinstance(key, tuple) else [key]
    by_array = any(map(_is_array, given))  # then numbers are arrays, too
    picks = [
        i for i, k in enumerate(given) if k is not None and k is not Ellipsis and not isinstance(k, builtins.slice)
    ]
    ranges: list[builtins.slice] = []
    kept: list[int] = []  # the shape of the result
    places: dict[int, Any] = {}  # by axis of it, the indices of an array
    for k in _spelled_out(given, len(shape)):
        if k is None:
            kept.append(1)
            continue
        n = shape[len(ranges)]
        if isinstance(k, builtins.slice):
            ranges.append(
                builtins.slice(*(None if j is None else operator.index(j) for j in (k.start, k.stop, k.step)))
            )
            kept.append(len(range(n)[ranges[-1]]))
        elif by_array:
            places[len(kept)] = positions(k, n, len(ranges), IndexError)
            ranges.append(builtins.slice(None))
            kept.append(n)
        else:
            start = _position(k, n, len(ranges))
            ranges.append(builtins.slice(start, start + 1))
    part = reshape(cut(x, Index.of(ranges, shape)), kept)
    return _picked(part, places, picks[-1] - picks[0] + 1 == len(picks)) if by_array else part


def _is_array(key: Any) -> bool:
    return isinstance(key, list | Symbol | Variable) or bool(getattr(key, "shape", ()))


def _picked(x: Any, places: dict[int, Any], together: bool) -> Any:
    """x at indices along several axes, which are broadcast and read as one: where they stood, or else in front."""
    axes, shape = list(places), shape_of(x)
    if len(axes) == 1:
        return gathered(x, places[axes[0]], axes[0])
    common = _common(map(shape_of, places.values()))
    flat, count = places[axes[-1]], shape[axes[-1]]
    for axis in axes[-2::-1]:
        flat, count = flat + places[axis] * count, count * shape[axis]
    flat = broadcast_to(flat, common)
    first = axes[0] if together else 0
    if not together:
        x = moveaxis(x, axes, range(len(axes)))
    return gathered(reshape(x, (*shape_of(x)[:first], count, *shape_of(x)[first + len(axes) :])), flat, first)


def _common(shapes: Iterable[Shape]) -> Shape:
    try:
        return broadcast(*shapes)
    except ValueError as error:
        raise IndexError(f"{users_line()}arrays of indices must broadcast. {error}") from None


def _spelled_out(keys: list[Any], rank: int) -> list[Any]:
    """The key with a slice for each axis that it leaves out."""
    named = sum(k is not None and k is not Ellipsis for k in keys)
    if named > rank or sum(k is Ellipsis for k in keys) > 1:
        raise IndexError(f"{users_line()}the index {keys} is too long for an array of {rank} axes.")
    rest = [builtins.slice(None)] * (rank - named)
    dots = next((i for i, k in enumerate(keys) if k is Ellipsis), None)
    return [*keys, *rest] if dots is None else [*keys[:dots], *rest, *keys[dots + 1 :]]


def _position(k: Any, n: int, axis: int) -> int:
    try:
        i = operator.index(k)
    except TypeError:
        raise TypeError(
            f"{users_line()}an index is made of integers, slices, `...`, None and arrays of integers; "
            f"got {type(k).__name__}: {k!r:.80}."
        ) from None
    if isinstance(k, bool) or not -n <= i < n:
        raise IndexError(f"{users_line()}index {k} is out of range for axis {axis} of length {n}.")
    return i % n


def slice(x: Any, start_indices: Any, shape: Iterable[int]) -> Any:
    """The part of x of this shape that starts at `start_indices`.

    Args:
        x: an array.
        start_indices: where it starts, a number for each axis. If a program computes them, a start from which the part
            would leave x is moved until it does not.
        shape: how long it is along each axis.

    Raises:
        ValueError: the part is longer than x, or lies partly outside.
    """
    lengths, old = whole(shape), shape_of(x)
    starts = _starts(start_indices, old, lengths)
    fixed = [i if isinstance(i, int) else None for i in starts]
    part = cut(
        x, Index.of([builtins.slice(i, None if i is None else i + n) for i, n in zip(fixed, lengths, strict=True)], old)
    )
    for axis, (start, n) in enumerate(zip(starts, lengths, strict=True)):
        if not isinstance(start, int):
            part = gathered(part, start + arange(n), axis)
    return part


def slice_update(x: Any, start_indices: Any, updates: Any) -> Any:
    """x with other elements, in the dtype of x, in the part that starts at `start_indices` and is as long as `updates`.

    Raises:
        ValueError: the part is longer than x, or lies partly outside.
    """
    lengths, old = shape_of(updates), shape_of(x)
    starts = _starts(start_indices, old, lengths)
    updates = cast(updates, dtype_of(x))
    if all(isinstance(i, int) for i in starts):
        index = Index.of([builtins.slice(i, i + n) for i, n in zip(starts, lengths, strict=True)], old)
        return call("slice_update", x, updates, index=index)
    if 0 in lengths:
        return cast(x, dtype_of(x))
    inside: Any = True
    for axis, (start, n, length) in enumerate(zip(starts, lengths, old, strict=True)):
        offset = arange(length) - start
        column = [length if i == axis else 1 for i in range(len(old))]
        for holds in (offset >= 0, offset < n):
            inside = where(reshape(holds, column), inside, False)
        updates = gathered(updates, clip(offset, 0, n - 1), axis)
    return where(inside, updates, x)


def _starts(given: Any, lengths: Shape, part: Shape) -> list[Any]:
    """A number for each axis, or the symbol of one that keeps the part inside."""
    given = given.value if isinstance(given, Variable) else given
    if isinstance(given, Symbol):
        starts = [given[i] for i in range(given.shape[0])]
    elif isinstance(given, list | tuple):
        starts = list(given)
    else:
        starts = convert_to_numpy(given).tolist()
    if not len(starts) == len(lengths) == len(part):
        raise ValueError(
            f"{users_line()}a part needs a start and a length for each axis: got starts {given!r:.80} and "
            f"lengths {part} for shape {lengths}."
        )
    return [_start(i, n - length, axis) for axis, (i, n, length) in enumerate(zip(starts, lengths, part, strict=True))]


def _start(start: Any, last: int, axis: int) -> Any:
    start = start.value if isinstance(start, Variable) else start
    if isinstance(start, Symbol) and last >= 0:
        return clip(cast(start, "int64"), 0, last)
    if last < 0 or not 0 <= operator.index(start) <= last:
        raise ValueError(
            f"{users_line()}along axis {axis} a part of this length starts at 0 to {last}, got {start!r:.80}."
        )
    return operator.index(start)
