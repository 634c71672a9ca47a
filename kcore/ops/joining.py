"""Arrays put together, taken apart and turned: copies of parts in, views of parts out."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from ..graph.index import Index
from ..graph.where import users_line
from .axes import axes as counted
from .axes import dtype_of, shape_of, whole
from .indexing import cut, join
from .shaping import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_arrays,
    cast,
    expand_dims,
    ravel,
    reshape,
    swapaxes,
)


def _one(axis: int, rank: int) -> int:
    (along,) = counted(operator.index(axis), rank)
    return along


def _all(xs: Iterable[Any], what: str) -> list[Any]:
    arrays = list(xs)
    if not arrays:
        raise ValueError(f"{users_line()}ops.{what} needs at least one array.")
    return arrays


def concatenate(xs: Iterable[Any], axis: int | None = 0) -> Any:
    """The arrays one behind the other along `axis`, as vectors if it is None; their dtypes are made to agree.

    Raises:
        ValueError: there are none, they have no axes, or they differ in another axis.
    """
    arrays = _all(xs, "concatenate")
    arrays = [ravel(x) for x in arrays] if axis is None else arrays
    shapes = [shape_of(x) for x in arrays]
    along = _one(axis or 0, len(shapes[0]))
    rest = {(*s[:along], *s[along + 1 :]) if len(s) == len(shapes[0]) else s for s in shapes}
    if len(rest) > 1 or len({len(s) for s in shapes}) > 1:
        raise ValueError(
            f"{users_line()}ops.concatenate joins arrays that differ only along axis {along}, got shapes "
            f"{', '.join(map(str, shapes))}."
        )
    indices, stop = [], 0
    for s in shapes:
        indices.append(Index.along(along, len(s), stop, stop + s[along]))
        stop += s[along]
    return join(arrays, indices, (*shapes[0][:along], stop, *shapes[0][along + 1 :]))


concat = concatenate


def append(x1: Any, x2: Any, axis: int | None = None) -> Any:
    """x2 behind x1 along `axis`, both as vectors if it is None; see `concatenate`."""
    return concatenate([x1, x2], axis)


def stack(xs: Iterable[Any], axis: int = 0) -> Any:
    """Arrays of one shape one behind the other along a new axis of the result.

    Raises:
        ValueError: there are none, or their shapes differ.
    """
    arrays = _all(xs, "stack")
    shapes = [shape_of(x) for x in arrays]
    if len(set(shapes)) > 1:
        raise ValueError(
            f"{users_line()}ops.stack takes arrays of one shape, got shapes {', '.join(map(str, shapes))}."
        )
    along = _one(axis, len(shapes[0]) + 1)
    return concatenate([expand_dims(x, along) for x in arrays], along)


def hstack(xs: Iterable[Any]) -> Any:
    """The arrays side by side: vectors along their only axis, others along axis 1."""
    arrays = [atleast_1d(x) for x in _all(xs, "hstack")]
    return concatenate(arrays, 0 if len(shape_of(arrays[0])) == 1 else 1)


def vstack(xs: Iterable[Any]) -> Any:
    """The arrays one below the other, vectors as rows."""
    return concatenate([atleast_2d(x) for x in _all(xs, "vstack")], 0)


def dstack(xs: Iterable[Any]) -> Any:
    """The arrays one behind the other along axis 2, as `atleast_3d` makes them."""
    return concatenate([atleast_3d(x) for x in _all(xs, "dstack")], 2)


def _cuts(x: Any, bounds: Iterable[int], along: int) -> list[Any]:
    """The parts between places along an axis, each counted as a slice would."""
    places, lengths = list(bounds), shape_of(x)
    pieces = [slice(a, b) for a, b in zip([0, *places], [*places, None], strict=True)]
    around = [slice(None)] * len(lengths)
    return [cut(x, Index.of([*around[:along], p, *around[along + 1 :]], lengths)) for p in pieces]


def array_split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """The parts of x along `axis`, as views: so many of nearly one length, the longer ones first, or cut at places.

    Raises:
        ValueError: a number of parts is not positive.
    """
    along = _one(axis, len(shape_of(x)))
    if isinstance(indices_or_sections, Iterable):
        return _cuts(x, whole(indices_or_sections), along)
    count, n = operator.index(indices_or_sections), shape_of(x)[along]
    if count < 1:
        raise ValueError(f"{users_line()}ops.split cuts into 1 part or more, got {count}.")
    return _cuts(x, [n // count * i + min(i, n % count) for i in range(1, count)], along)


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Any]:
    """The parts of x along `axis`, as views: so many of one length, or cut at places.

    Raises:
        ValueError: it cannot be cut into so many parts of one length.
    """
    parts = array_split(x, indices_or_sections, axis)
    lengths = {shape_of(p)[_one(axis, len(shape_of(x)))] for p in parts}
    if not isinstance(indices_or_sections, Iterable) and len(lengths) > 1:
        raise ValueError(
            f"{users_line()}axis {axis} of shape {shape_of(x)} cannot be split into {len(parts)} parts of one length. "
            "Use kcore.ops.array_split for parts of nearly one length."
        )
    return parts


def unstack(x: Any, num: int | None = None, axis: int = 0) -> list[Any]:
    """The elements of x along `axis`, without that axis.

    Raises:
        ValueError: there are not `num` of them.
    """
    along = _one(axis, len(shape_of(x)))
    lengths = shape_of(x)
    if num is not None and num != lengths[along]:
        raise ValueError(f"{users_line()}axis {axis} of shape {lengths} does not have {num} elements.")
    rest = lengths[:along] + lengths[along + 1 :]
    parts = (cut(x, Index.along(along, len(lengths), i, i + 1)) for i in range(lengths[along]))
    return [reshape(p, rest) for p in parts]


def flip(x: Any, axis: int | Iterable[int] | None = None) -> Any:
    """x in reverse order along `axis`, along all axes if it is None."""
    lengths = shape_of(x)
    turned = counted(axis, len(lengths))
    return cut(x, Index.of([slice(None, None, -1 if i in turned else 1) for i in range(len(lengths))], lengths))


def roll(x: Any, shift: int | Iterable[int], axis: int | Iterable[int] | None = None) -> Any:
    """x moved forward by `shift` along `axis`, what leaves at the end coming in at the start.

    Over all elements in row-major order if `axis` is None. One of both may be a single number for all of the other.

    Raises:
        ValueError: there are neither as many shifts as axes, nor one.
    """
    if axis is None:
        return reshape(roll(ravel(x), sum(whole(shift)), 0), shape_of(x))
    shifts, along = whole(shift), whole(axis)
    shifts, along = shifts * (len(along) if len(shifts) == 1 else 1), along * (len(shifts) if len(along) == 1 else 1)
    if len(shifts) != len(along):
        raise ValueError(f"{users_line()}ops.roll takes one shift for each axis: got {shifts} for axes {along}.")
    moved = cast(x, dtype_of(x))
    for by, a in zip(shifts, along, strict=True):
        place = _one(a, len(shape_of(x)))
        n = shape_of(x)[place]
        if n and by % n:
            moved = concatenate(_cuts(moved, [n - by % n], place)[::-1], place)
    return moved


def rot90(array: Any, k: int = 1, axes: Sequence[int] = (0, 1)) -> Any:
    """The array turned by k right angles in the plane of two axes, from the first towards the second.

    Raises:
        ValueError: these are not two axes of it.
    """
    rank = len(shape_of(array))
    plane = whole(axes)
    if len(plane) != 2 or len({_one(a, rank) for a in plane}) != 2:
        raise ValueError(f"{users_line()}ops.rot90 turns in the plane of two axes, got {plane}.")
    first, second = plane
    turned = {0: (), 1: (second,), 2: plane, 3: (first,)}[operator.index(k) % 4]
    out = flip(array, turned)
    return swapaxes(out, first, second) if k % 2 else out


def meshgrid(*xs: Any, indexing: str = "xy") -> list[Any]:
    """Vectors as the coordinates of a grid: for each an array that varies along an axis of its own.

    Args:
        xs: vectors, or numbers as vectors of one element.
        indexing: "ij" if vector i varies along axis i; "xy" exchanges the first two.

    Raises:
        ValueError: one of them has several axes, or `indexing` is neither.
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f'{users_line()}indexing is "xy" or "ij", got {indexing!r}.')
    if any(len(shape_of(x)) > 1 for x in xs):
        raise ValueError(
            f"{users_line()}ops.meshgrid takes vectors, got shapes {', '.join(str(shape_of(x)) for x in xs)}."
        )
    count = len(xs)
    places = [1, 0, *range(2, count)] if indexing == "xy" and count > 1 else list(range(count))
    spread = [reshape(x, [-1 if i == place else 1 for i in range(count)]) for x, place in zip(xs, places, strict=True)]
    return broadcast_arrays(*spread)
