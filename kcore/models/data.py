"""Data on their way into a program: checked once, then gathered batch by batch into the program's own arrays."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..graph.types import size_of
from ..graph.where import users_level
from ..randomness import generator

HostArray = np.ndarray[Any, Any]
SHUFFLE = 1 << 62  # the stream of random numbers that shuffles; layers count theirs from 0


def checked(data: Any, name: str) -> HostArray:
    """Data as a NumPy array of numbers.

    Args:
        data: an array, or lists of numbers.
        name: what to call it in a message.

    Raises:
        TypeError: it holds no numbers.
        ValueError: it is empty.

    Warns:
        RuntimeWarning: it has NaN in it.
    """
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise TypeError(f"{name} is no array: {str(error).rstrip('.')}. Give all samples the same shape.") from None
    if array.dtype.kind not in "biuf":
        shown = array.reshape(-1)[:1].tolist() or [array.dtype.name]
        cure = (
            "Encode text as numbers first, the names of classes for instance as 0, 1, ... and these by "
            "kcore.utils.to_categorical."
            if isinstance(shown[0], str)
            else "Give an array of floats or integers."
        )
        raise TypeError(f"{name} must hold numbers; it holds {type(shown[0]).__name__}, as {shown[0]!r:.60}. {cure}")
    if array.ndim == 0 or not len(array):
        raise ValueError(f"{name} is empty: its shape is {array.shape}. Give at least one sample.")
    if array.dtype.kind == "f" and np.isnan(np.min(array)):
        where = tuple(int(i) for i in np.argwhere(np.isnan(array))[0])
        warnings.warn(
            f"{name} has NaN in it, first at {list(where)}: the loss will be NaN. "
            f"Remove these samples, or fill the gaps by numpy.nan_to_num.",
            RuntimeWarning,
            stacklevel=users_level(),
        )
    return array


def check_samples(x: HostArray, y: HostArray, prefix: str = "") -> None:
    """Raise ValueError if x and y have different numbers of samples."""
    if len(x) != len(y):
        raise ValueError(
            f"{prefix}x has {len(x)} samples and {prefix}y has {len(y)}; each sample needs its target. "
            f"Their shapes are {x.shape} and {y.shape}."
        )


def check_shape(array: HostArray, expected: tuple[int | None, ...], name: str, what: str) -> None:
    """Raise ValueError if the samples are not of the shape that a model takes or gives.

    Args:
        array: (samples, ...).
        expected: (None, ...).
        name: "x" or "y", "validation x" or "validation y".
        what: what the model does, as "takes samples".
    """
    sample = array.shape[1:]
    if len(sample) == len(expected) - 1 and all(e in (None, n) for e, n in zip(expected[1:], sample, strict=True)):
        return
    wanted = ", ".join(["batch", *map(str, expected[1:])])
    message = f"{name} has shape {array.shape}, but the model {what} of shape ({wanted})."
    width = size_of(sample)
    if len(expected) > 1 and width == size_of(n or 0 for n in expected[1:]):
        message += f" Reshape it: {name}.reshape({len(array)}, {', '.join(map(str, expected[1:]))})."
    elif name.endswith("y") and width == 1 and expected[-1] != 1 and not np.any(array % 1):
        message += (
            f" These look like class numbers: make them one-hot by kcore.utils.to_categorical(y, {expected[-1]})."
        )
    raise ValueError(message)


def as_column(y: HostArray, expected: tuple[int | None, ...]) -> HostArray:
    """Targets of one number each as the column that a model with one output gives."""
    return y[..., None] if y.ndim == len(expected) - 1 and expected[-1] == 1 else y


def gather(source: HostArray, rows: HostArray | slice, out: HostArray) -> None:
    """Copy rows of `source` into `out`, in its dtype."""
    if isinstance(rows, np.ndarray) and source.dtype == out.dtype:
        np.take(source, rows, axis=0, out=out, mode="clip")  # without `clip` NumPy copies twice
    else:
        np.copyto(out, source[rows], casting="unsafe")


def batches(count: int, size: int, order: HostArray | None = None) -> Iterator[HostArray | slice]:
    """The rows of each batch, in order or in this order; the last may be short."""
    for start in range(0, count, size):
        stop = min(start + size, count)
        yield slice(start, stop) if order is None else order[start:stop]


def shuffled(seed: int, epoch: int, count: int) -> HostArray:
    """The order of the samples in an epoch: the same for the same seed on every backend."""
    return generator(seed, SHUFFLE, epoch).permutation(count)


def padded_size(count: int, size: int) -> int:
    """The batch that `count` rows are predicted in: few sizes, so that few programs are traced."""
    return size if count >= size else min(size, 1 << (count - 1).bit_length())
