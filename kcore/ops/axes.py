"""Axes and shapes as users write them, made canonical."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any, SupportsIndex

import numpy as np

from ..graph.types import DType, Shape, dtype_name, size_of
from ..graph.where import users_line


def shape_of(x: Any) -> Shape:
    """The shape of a symbol, a variable, an array or a number."""
    return tuple(x.shape) if hasattr(x, "shape") else np.shape(x)


def dtype_of(x: Any) -> DType:
    """The name of its dtype; float32 for Python's floats."""
    if hasattr(x, "dtype"):
        return dtype_name(x.dtype)
    name = dtype_name(np.asarray(x).dtype)
    return "float32" if name == "float64" else name


def whole(numbers: SupportsIndex | Iterable[SupportsIndex]) -> tuple[int, ...]:
    """One or several whole numbers, NumPy's among them, as Python's: to be printed and compared."""
    given = numbers if isinstance(numbers, Iterable) else (numbers,)
    return tuple(index(n) for n in given)


def axes(axis: SupportsIndex | Iterable[SupportsIndex] | None, rank: int) -> tuple[int, ...]:
    """All axes if None, else these, counted from the front and in order.

    Raises:
        ValueError: an axis is out of range, or named twice.
    """
    if axis is None:
        return tuple(range(rank))
    given = whole(axis)
    wrong = [a for a in given if not -rank <= a < rank]
    if wrong:
        raise ValueError(f"{users_line()}axis {wrong[0]} is out of range for an array of {rank} axes.")
    counted = tuple(sorted(a % rank for a in given))
    if len(set(counted)) < len(counted):
        raise ValueError(f"{users_line()}an axis is named twice in {given}.")
    return counted


def kept(shape: Shape, reduced: tuple[int, ...]) -> Shape:
    """The shape of a reduction that keeps the reduced axes, each of length 1."""
    return tuple(1 if i in reduced else n for i, n in enumerate(shape))


def filled(shape: SupportsIndex | Iterable[SupportsIndex], size: int) -> Shape:
    """A target shape with its one -1, if it has one, replaced by what `size` leaves for it.

    Raises:
        ValueError: an array of this size cannot have the shape.
    """
    shape = whole(shape)
    if shape.count(-1) == 1:
        rest = -size_of(shape)
        full = tuple(size // rest if n == -1 else n for n in shape) if rest else shape
    else:
        full = shape
    if min(full, default=0) < 0 or size_of(full) != size:
        raise ValueError(f"{users_line()}an array of {size} elements cannot be reshaped to {shape}.")
    return full
