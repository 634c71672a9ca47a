"""What one array of a data file must be, said once for every file format."""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen


@frozen
class Expected:
    """An array's dtype and shape, and the largest value that may stand in it.

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
        return f"{self.dtype} of shape {_written(self.shape)}{limit}"

    def mismatch(self, shape: tuple[int, ...], dtype: np.dtype[np.generic], lengths: Mapping[str, int]) -> str | None:
        """Say how an array differs from what is expected, or None if it agrees.

        `lengths` is what each word stands for in the arrays met so far.
        """
        if dtype.hasobject:
            return "Python objects, which only unpickling could read (kcore unpickles no data file)"
        if dtype != self.dtype or len(shape) != len(self.shape):
            return f"{dtype} of shape {_written(shape)}"
        for axis, length in zip(self.shape, shape, strict=True):
            if isinstance(axis, str) and axis in lengths and lengths[axis] != length:
                return f"shape {_written(shape)}, though other arrays have {axis} = {lengths[axis]}"
            if length < 1 if isinstance(axis, str) else length != axis:
                return f"{dtype} of shape {_written(shape)}"
        return None


def _written(shape: tuple[int | str, ...]) -> str:
    inside = ", ".join(map(str, shape))
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
