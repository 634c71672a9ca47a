"""What one array of a data file must be, said once for every file format."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray


@frozen
class Expected:
    """An array's dtype and shape, and the largest value that may stand in it.

    Integers are never negative and floats always finite. The dtype `object` stands for lists of integers.

    A number in `shape` is the length of that axis. A word there stands for any length from 1 up, the same
    wherever the word stands in the file: images of shape `("train", 28, 28)` want labels `("train",)`.

    >>> str(Expected("uint8", ("train",), largest=9))
    'uint8 of shape (train,), values up to 9'
    """

    dtype: np.dtype[np.generic] = field(converter=np.dtype)
    shape: tuple[int | str, ...]
    largest: int | None = None

    def __str__(self) -> str:
        limit = "" if self.largest is None else f", values up to {self.largest}"
        kind = "lists of integers" if self.dtype.hasobject else str(self.dtype)
        return f"{kind} of shape {_written(self.shape)}{limit}"

    def mismatch(self, shape: tuple[int, ...], dtype: np.dtype[np.generic], lengths: Mapping[str, int]) -> str | None:
        """Say how an array differs from what is expected, or None if it agrees.

        `lengths` is what each word stands for in the arrays met so far.
        """
        if dtype.hasobject and not self.dtype.hasobject:
            return "Python objects, which only unpickling could read (kcore unpickles lists of integers alone)"
        if dtype != self.dtype or len(shape) != len(self.shape):
            return f"{dtype} of shape {_written(shape)}"
        for axis, length in zip(self.shape, shape, strict=True):
            if isinstance(axis, str) and axis in lengths and lengths[axis] != length:
                return f"shape {_written(shape)}, though other arrays have {axis} = {lengths[axis]}"
            if length < 1 if isinstance(axis, str) else length != axis:
                return f"{dtype} of shape {_written(shape)}"
        return None

    def named(self, shape: tuple[int, ...]) -> dict[str, int]:
        """What each word in the shape stands for in an array of this shape."""
        return {axis: length for axis, length in zip(self.shape, shape, strict=True) if isinstance(axis, str)}

    def stray(self, array: NDArray[Any]) -> str | None:
        """Say which value of an array, whose dtype and shape agree, may not stand in it, or None."""
        if self.dtype.kind == "f":
            bad = array[~np.isfinite(array)]
            return f"the value {bad[0]}" if bad.size else None
        if self.dtype.hasobject:
            array = np.array([value for row in array if row for value in (min(row), max(row))], np.int64)
        if array.size and array.min() < 0:
            return f"the value {array.min()}"
        if self.largest is not None and array.size and array.max() > self.largest:
            return f"the value {array.max()}"
        return None


def _written(shape: tuple[int | str, ...]) -> str:
    inside = ", ".join(map(str, shape))
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
