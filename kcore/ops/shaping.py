"""Views and casts: other shapes and dtypes for the same numbers."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..graph import CAST, Op, Symbol, call, define
from ..graph.types import Shape, broadcast, dtype_name, size_of
from ..graph.where import users_line
from .axes import axes as counted
from .axes import dtype_of, filled, shape_of, whole

define(CAST)
_RESHAPE = define(
    Op(
        "reshape",
        "view",
        lambda a, *, shape: (shape, a.dtype),
        (lambda g, out, a, *, shape: reshape(g, a.shape),),
        text="reshape({0}, {shape})",
        look=lambda a, *, shape: a.reshape(shape, copy=False),
        batched=lambda inputs, stacked, *, shape: reshape(inputs[0], (inputs[0].shape[0], *shape)),
        in_order=True,
        merge=lambda shape, inner, outer: outer,
        noun="reshaped",
    )
)
_PERMUTE = define(
    Op(
        "permute_dims",
        "view",
        lambda a, *, axes: (tuple(a.shape[i] for i in axes), a.dtype),
        (lambda g, out, a, *, axes: permute_dims(g, _inverse(axes)),),
        text=lambda node: "{0}.T" if node.options["axes"] == (1, 0) else "permute_dims({0}, {axes})",
        look=lambda a, *, axes: a.transpose(axes),
        batched=lambda inputs, stacked, *, axes: permute_dims(inputs[0], (0, *(a + 1 for a in axes))),
        merge=lambda shape, inner, outer: {"axes": tuple(inner["axes"][i] for i in outer["axes"])},
        noun="T",
    )
)
_BROADCAST = define(
    Op(
        "broadcast_to",
        "view",
        lambda a, *, shape: (shape, a.dtype),
        (lambda g, out, a, *, shape: g,),  # differentiate sums what was broadcast
        text="broadcast_to({0}, {shape})",
        look=np.broadcast_to,
        batched=lambda inputs, stacked, *, shape: _widened_all(inputs[0], shape),
        merge=lambda shape, inner, outer: outer,
        noun="wide",
    )
)


def _widened_all(x: Symbol, shape: Shape) -> Any:
    """A broadcast for all turns of a loop, along a first axis that stays the first."""
    return broadcast_to(of_rank(x, len(shape)), (x.shape[0], *shape))


def of_rank(x: Symbol, rank: int) -> Any:
    """The values of all turns of a loop, each made one of so many axes by new ones of length 1 before its own."""
    length, *shape = x.shape
    return reshape(x, (length, *[1] * (rank - len(shape)), *shape))


def reshape(x: Any, newshape: Iterable[int]) -> Any:
    """The same elements in row-major order in another shape, of which one length may be -1."""
    old = shape_of(x)
    shape = filled(newshape, size_of(old))
    return x if isinstance(x, Symbol) and shape == old else call(_RESHAPE, x, shape=shape)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(i) for i in range(len(axes)))


def permute_dims(x: Any, axes: Iterable[int]) -> Any:
    """The axes in another order: axis i of the result is axis `axes[i]` of x.

    Raises:
        ValueError: `axes` does not name each axis of x once.
    """
    rank = len(shape_of(x))
    order = tuple(range(rank)[a] if -rank <= a < rank else a for a in whole(axes))
    if sorted(order) != list(range(rank)):
        raise ValueError(f"{users_line()}axes {order} do not name each of the {rank} axes of the array once.")
    return x if isinstance(x, Symbol) and order == tuple(range(rank)) else call(_PERMUTE, x, axes=order)


def transpose(x: Any, axes: Iterable[int] | None = None) -> Any:
    """The axes in reverse order, or in that of `axes`; of a matrix, its transpose."""
    return permute_dims(x, range(len(shape_of(x)))[::-1] if axes is None else axes)


def broadcast_to(x: Any, shape: Iterable[int]) -> Any:
    """x repeated along axes of length 1, and along new leading axes.

    Raises:
        ValueError: x does not broadcast to `shape`.
    """
    target: Shape = whole(shape)
    try:
        fits = broadcast(shape_of(x), target) == target
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{users_line()}shape {shape_of(x)} does not broadcast to {target}.")
    return x if isinstance(x, Symbol) and x.shape == target else call(_BROADCAST, x, shape=target)


def cast(x: Any, dtype: Any) -> Any:
    """x in another dtype, as by assignment to an array of it: floats are cut towards zero to become integers."""
    name = dtype_name(dtype)
    return x if isinstance(x, Symbol) and x.dtype == name else call(CAST, x, dtype=name)


def astype(x: Any, dtype: Any) -> Any:
    """The standard's name of `cast`."""
    return cast(x, dtype)


def shape(x: Any) -> Shape:
    """The length of each axis, as a tuple of integers."""
    return shape_of(x)


def ndim(x: Any) -> int:
    """The number of axes."""
    return len(shape_of(x))


def size(x: Any) -> int:
    """The number of elements."""
    return size_of(shape_of(x))


def expand_dims(x: Any, axis: int | Iterable[int]) -> Any:
    """x with one more axis of length 1 for each of `axis`, which are axes of the result.

    Raises:
        ValueError: one of them is out of range, or named twice.
    """
    old = iter(shape_of(x))
    rank = len(shape_of(x)) + len(whole(axis))
    new = counted(axis, rank)
    return reshape(x, [1 if i in new else next(old) for i in range(rank)])


def squeeze(x: Any, axis: int | Iterable[int] | None = None) -> Any:
    """x without these axes, which are of length 1; without all such axes if it is None.

    Raises:
        ValueError: an axis is longer, out of range, or named twice.
    """
    lengths = shape_of(x)
    gone = [i for i, n in enumerate(lengths) if n == 1] if axis is None else counted(axis, len(lengths))
    longer = [i for i in gone if lengths[i] != 1]
    if longer:
        raise ValueError(f"{users_line()}axis {longer[0]} of shape {lengths} cannot be squeezed: it is not 1 long.")
    return reshape(x, [n for i, n in enumerate(lengths) if i not in gone])


def ravel(x: Any) -> Any:
    """The elements in row-major order, as a vector."""
    return reshape(x, (size(x),))


def moveaxis(x: Any, source: int | Iterable[int], destination: int | Iterable[int]) -> Any:
    """x with each axis of `source` at the place that `destination` gives it, the others in order between them.

    Raises:
        ValueError: an axis is out of range or named twice, or there are more of one than of the other.
    """
    rank = ndim(x)
    counted(source, rank), counted(destination, rank)
    taken, places = whole(source), whole(destination)
    if len(taken) != len(places):
        raise ValueError(f"{users_line()}ops.moveaxis moves each axis to one place: got {taken} to {places}.")
    order = [i for i in range(rank) if i not in {a % rank for a in taken}]
    for place, axis in sorted((b % rank, a % rank) for a, b in zip(taken, places, strict=True)):
        order.insert(place, axis)
    return permute_dims(x, order)


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """x with two axes exchanged."""
    rank = ndim(x)
    (one,), (other,) = counted(operator.index(axis1), rank), counted(operator.index(axis2), rank)
    return permute_dims(x, [{one: other, other: one}.get(i, i) for i in range(rank)])


def matrix_transpose(x: Any) -> Any:
    """The transpose of each matrix: the last two axes exchanged.

    Raises:
        ValueError: x has fewer than two axes.
    """
    if ndim(x) < 2:
        raise ValueError(f"{users_line()}ops.matrix_transpose takes matrices (..., n, m), got shape {shape_of(x)}.")
    return swapaxes(x, -1, -2)


def broadcast_shapes(*shapes: Iterable[int]) -> Shape:
    """The shape that arrays of these shapes broadcast to.

    Raises:
        ValueError: they do not broadcast.
    """
    try:
        return broadcast(*map(whole, shapes))
    except ValueError as error:
        raise ValueError(f"{users_line()}{error}") from None


def broadcast_arrays(*arrays: Any) -> list[Any]:
    """The arrays, each repeated to the shape that all broadcast to.

    Raises:
        ValueError: they do not broadcast.
    """
    common = broadcast_shapes(*map(shape_of, arrays))
    return [broadcast_to(a, common) for a in arrays]


def copy(x: Any) -> Any:
    """The same numbers in memory of their own."""
    return call(CAST, x, dtype=dtype_of(x))


def _one_or_all(arrays: tuple[Any, ...], made: list[Any]) -> Any:
    return made[0] if len(arrays) == 1 else made


def atleast_1d(*xs: Any) -> Any:
    """x, a number as a vector of one element; of several arrays a list."""
    return _one_or_all(xs, [reshape(x, shape_of(x) or (1,)) for x in xs])


def atleast_2d(*xs: Any) -> Any:
    """x with axes of length 1 in front until it has two; of several arrays a list."""
    return _one_or_all(xs, [reshape(x, (*[1] * (2 - ndim(x)), *shape_of(x))) for x in xs])


def atleast_3d(*xs: Any) -> Any:
    """x with three axes at least: a vector (n) becomes (1, n, 1), a matrix (n, m) becomes (n, m, 1).

    Of several arrays it gives a list.
    """
    planes = [atleast_2d(x) for x in xs]
    return _one_or_all(xs, [x if ndim(x) > 2 else expand_dims(x, 2) for x in planes])


def repeat(x: Any, repeats: int, axis: int | None = None) -> Any:
    """Each element along `axis` as often as `repeats` says, one beside the other; of all elements if it is None.

    Raises:
        TypeError: `repeats` is no integer: another number for each element would be a shape that depends on data.
        ValueError: it is negative.
    """
    try:
        times = operator.index(repeats)
    except TypeError:
        raise TypeError(
            f"{users_line()}ops.repeat repeats each element equally often, by an integer; got {repeats!r:.80}. "
            "Use kcore.ops.take with the indices of the elements instead."
        ) from None
    if times < 0:
        raise ValueError(f"{users_line()}ops.repeat cannot repeat {times} times.")
    x = ravel(x) if axis is None else x
    lengths = shape_of(x)
    (along,) = counted(0 if axis is None else operator.index(axis), len(lengths))
    before, n, behind = lengths[:along], lengths[along], lengths[along + 1 :]
    wide = broadcast_to(expand_dims(x, along + 1), (*before, n, times, *behind))
    return reshape(wide, (*before, n * times, *behind))


def tile(x: Any, repeats: int | Iterable[int]) -> Any:
    """x side by side with itself, along each axis as often as `repeats` says; a shorter one is for the last axes.

    Raises:
        ValueError: one of `repeats` is negative.
    """
    times, lengths = whole(repeats), shape_of(x)
    if min(times, default=0) < 0:
        raise ValueError(f"{users_line()}ops.tile cannot repeat {times} times.")
    rank = max(len(times), len(lengths))
    times, lengths = (1,) * (rank - len(times)) + times, (1,) * (rank - len(lengths)) + lengths
    narrow = reshape(x, [n for length in lengths for n in (1, length)])
    wide = broadcast_to(narrow, [n for pair in zip(times, lengths, strict=True) for n in pair])
    return reshape(wide, [t * n for t, n in zip(times, lengths, strict=True)])
