"""Data on their way into a program: checked once, then gathered batch by batch into the program's own arrays."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import attrs
import numpy as np

from ..backend import current_backend
from ..graph.types import size_of
from ..graph.where import users_level
from ..randomness import generator

HostArray = np.ndarray[Any, Any]
SHUFFLE = 1 << 62  # the stream of random numbers that shuffles; layers count theirs from 0


@attrs.frozen
class Rows:
    """Samples of a batch: from `start` to `stop`, as they lie or in an order of their numbers."""

    start: int
    stop: int
    order: HostArray | None = None

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def index(self) -> slice | HostArray:
        """By which they are taken from an array."""
        return slice(self.start, self.stop) if self.order is None else self.order[self.start : self.stop]


def numbers(data: Any, name: str) -> HostArray:
    """Data as a NumPy array of numbers.

    Args:
        data: an array, which may be one of the current backend's, or lists of numbers.
        name: what to call it in a message.

    Raises:
        TypeError: it holds no numbers.
        ValueError: it is empty.
    """
    backend = current_backend()
    try:
        array = backend.to_host(data) if not backend.on_host and backend.owns(data) else np.asarray(data)
    except ValueError as error:
        raise TypeError(f"{name} is no array: {str(error).rstrip('.')}. Give all samples the same shape.") from None
    if array.dtype.kind not in "biuf":
        shown = array.reshape(-1)[:1].tolist() or [array.dtype.name]
        cure = (
            "Encode text as numbers first, the names of classes for instance as 0, 1, ... and these by "
            "kcore.utils.to_categorical."
            if isinstance(shown[0], str)
            else "Give x.astype('float32')."
            if isinstance(shown[0], int | float)
            else "Give an array of floats or integers."
        )
        raise TypeError(f"{name} must hold numbers; it holds {type(shown[0]).__name__}, as {shown[0]!r:.60}. {cure}")
    if array.ndim == 0:
        raise ValueError(f"{name} is one number, {array.item()}: give an array with one entry for each sample.")
    if not len(array):
        raise ValueError(f"{name} is empty: its shape is {array.shape}. Give at least one sample.")
    return array


def checked(data: Any, name: str) -> HostArray:
    """The same, with a RuntimeWarning if there is NaN in it."""
    array = numbers(data, name)
    if array.dtype.kind == "f" and np.isnan(np.min(array)):
        where = tuple(int(i) for i in np.argwhere(np.isnan(array))[0])
        warnings.warn(
            f"{name} has NaN in it, first at {list(where)}: the loss will be NaN. "
            f"Remove these samples, or fill the gaps by numpy.nan_to_num.",
            RuntimeWarning,
            stacklevel=users_level(),
        )
    return array


def check_counts(arrays: Mapping[str, HostArray]) -> None:
    """Raise ValueError if arrays, by what to call them, have different numbers of samples."""
    (first, one), *rest = arrays.items()
    for name, other in rest:
        if len(one) != len(other):
            raise ValueError(
                f"{first} has {len(one)} samples and {name} has {len(other)}; each sample needs its target. "
                f"Their shapes are {one.shape} and {other.shape}."
            )


def check_shape(array: HostArray, expected: tuple[int | None, ...], name: str) -> None:
    """Raise ValueError if samples, (samples, ...), are not of the shape (None, ...) that a model takes."""
    sample = array.shape[1:]
    if len(sample) == len(expected) - 1 and all(e in (None, n) for e, n in zip(expected[1:], sample, strict=True)):
        return
    wanted = ", ".join(["batch", *map(str, expected[1:])])
    message = f"{name} has shape {array.shape}, but the model takes samples of shape ({wanted})."
    if len(expected) > 1 and None not in expected[1:] and size_of(sample) == size_of(n or 0 for n in expected[1:]):
        message += f" Reshape it: {name}.reshape({len(array)}, {', '.join(map(str, expected[1:]))})."
    raise ValueError(message)


def weights_of_classes(class_weight: Any, y: HostArray) -> HostArray:
    """A weight for each sample, from those of the classes; one that is not listed counts 1.

    Args:
        class_weight: by class, a whole number, its weight.
        y: class numbers, (samples,) or (samples, 1), or one-hot rows (samples, classes).

    Raises:
        TypeError, ValueError: the weights or the targets are none of these.
    """
    if not isinstance(class_weight, Mapping) or not all(isinstance(c, int | np.integer) for c in class_weight):
        raise TypeError(
            f"class_weight is a dictionary from class to weight, as {{0: 1.0, 1: 5.0}}; got {class_weight!r:.80}."
        )
    if y.ndim > 2:
        raise ValueError(
            f"class_weight is for one class a sample, but y has shape {y.shape}: give sample_weight instead."
        )
    classes = y if y.ndim == 1 else y[:, 0] if y.shape[1] == 1 else np.argmax(y, axis=1)
    weights = np.ones(len(y))
    for number, weight in class_weight.items():
        weights[np.round(classes) == number] = float(weight)
    return weights


def gather(source: HostArray, index: slice | HostArray, out: HostArray) -> None:
    """Copy rows of `source` into `out`, in its dtype."""
    if isinstance(index, np.ndarray) and source.dtype == out.dtype:
        np.take(source, index, axis=0, out=out, mode="clip")  # without `clip` NumPy copies twice
    else:
        np.copyto(out, source[index], casting="unsafe")


def batches(count: int, size: int, order: HostArray | None = None) -> Iterator[Rows]:
    """The rows of each batch, in order or in this order; the last may be short."""
    for start in range(0, count, size):
        yield Rows(start, min(start + size, count), order)


def shuffled(seed: int, epoch: int, count: int) -> HostArray:
    """The order of the samples in an epoch: the same for the same seed on every backend."""
    return generator(seed, SHUFFLE, epoch).permutation(count)


def split_at(count: int, share: float) -> int:
    """How many samples are left for training when a share of them is held out for validation, as Keras counts.

    Raises:
        ValueError: either part would be empty.
    """
    kept = math.floor(count * (1 - share))
    if not 0 < kept < count:
        raise ValueError(
            f"validation_split={share} leaves {kept} of {count} samples for training and {count - kept} for "
            "validation; both need at least one."
        )
    return kept
