"""Windows: what convolution and pooling see of an array, one strided part of it for each place in the window."""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Iterable
from typing import Any, Literal, SupportsIndex

import attrs

from ..graph.index import Index
from ..graph.types import Shape
from ..graph.where import users_line
from .axes import shape_of, whole
from .indexing import cut, join
from .shaping import permute_dims

Padding = Literal["valid", "same", "causal"]
DataFormat = Literal["channels_last", "channels_first"] | None
Sizes = SupportsIndex | Iterable[SupportsIndex]


@attrs.frozen
class Windows:
    """Windows over the axes of an array (batch, *lengths, channels) between its first and its last.

    Along each axis window i sees the elements `i * stride - before + tap * dilation`, where tap goes from 0 to
    size - 1, and `before` elements of padding precede the first.
    """

    size: Shape
    strides: Shape
    dilation: Shape
    padding: tuple[tuple[int, int], ...]
    """Elements before and after; a negative number after leaves out the last ones."""

    @property
    def span(self) -> Shape:
        """How many elements of an axis lie between the two ends of a window."""
        return tuple((n - 1) * d + 1 for n, d in zip(self.size, self.dilation, strict=True))

    def count(self, shape: Shape) -> Shape:
        """How many windows lie along each axis of an array of this shape."""
        axes = zip(shape[1:-1], self.padding, self.span, self.strides, strict=True)
        return tuple((n + sum(pads) - span) // stride + 1 for n, pads, span, stride in axes)

    def padded(self, shape: Shape) -> tuple[Shape, Index]:
        """The shape of the padded array, and where in it the array lies."""
        pads = [(0, 0), *((b, max(a, 0)) for b, a in self.padding), (0, 0)]
        wide = tuple(n + b + a for n, (b, a) in zip(shape, pads, strict=True))
        return wide, Index.of([builtins.slice(b, b + n) for n, (b, _) in zip(shape, pads, strict=True)], wide)

    def pad(self, x: Any, value: float = 0) -> Any:
        """x with its padding, each element of which is `value`."""
        wide, inside = self.padded(x.shape)
        return x if wide == x.shape else join([x], [inside], wide, value)

    def taps(self, shape: Shape) -> list[Index]:
        """For each place in a window what all windows see there, in the padded array; in row-major order."""
        wide, _ = self.padded(shape)
        count = self.count(shape)
        places = itertools.product(*map(range, self.size))
        return [Index.of([builtins.slice(None), *self._seen(p, count), builtins.slice(None)], wide) for p in places]

    def _seen(self, place: tuple[int, ...], count: Shape) -> list[builtins.slice]:
        axes = zip(place, self.dilation, count, self.strides, strict=True)
        return [builtins.slice(p * d, p * d + (n - 1) * s + 1, s) for p, d, n, s in axes]

    def views(self, x: Any, value: float = 0) -> list[Any]:
        """For each place in a window, what all windows see there of x: (batch, *count, channels)."""
        padded = self.pad(x, value)
        return [cut(padded, tap) for tap in self.taps(x.shape)]

    def spread(self, parts: Iterable[Any], shape: Shape) -> Any:
        """An array of this shape that holds at each element the sum of all that windows see there.

        Args:
            parts: for each place in a window, what the windows have there; (batch, *count, channels).
            shape: the shape of the array.
        """
        wide, inside = self.padded(shape)
        return cut(join(parts, self.taps(shape), wide), inside)


def windows_of(rank: int, size: Sizes, strides: Sizes, dilation: Sizes = 1, what: str = "kernel_size") -> Windows:
    """Windows without padding, for arguments as users give them: one number for all axes, or one for each.

    Raises:
        ValueError: an argument is not positive, or there are too many or too few numbers.
    """
    size, strides, dilation = (
        per_axis(what, size, rank),
        per_axis("strides", strides, rank),
        per_axis("dilation_rate", dilation, rank),
    )
    return Windows(size, strides, dilation, ((0, 0),) * rank)


def windows_over(lengths: Shape, bare: Windows, padding: str, known: tuple[str, ...]) -> Windows:
    """Windows with the padding that a word means for axes of these lengths.

    Raises:
        ValueError: the word is not among those known, or a window is longer than the padded axis.
    """
    if padding not in known:
        raise ValueError(f"{users_line()}padding is {' or '.join(map(repr, known))} here, got {padding!r}.")
    pads = []
    for n, span, stride in zip(lengths, bare.span, bare.strides, strict=True):
        missing = max((-(-n // stride) - 1) * stride + span - n, 0)
        pads.append({"valid": (0, 0), "same": (missing // 2, missing - missing // 2), "causal": (span - 1, 0)}[padding])
    windows = attrs.evolve(bare, padding=tuple(pads))
    if min(windows.count((1, *lengths, 1))) < 1:
        raise ValueError(
            f"{users_line()}a window over {bare.span} elements does not fit into axes of lengths {lengths}: "
            'use a smaller one, or padding="same".'
        )
    return windows


def per_axis(name: str, given: Sizes, rank: int, least: int = 1) -> Shape:
    """One number for each axis.

    Raises:
        ValueError: there are others than `rank` of them, or one is less than `least`.
    """
    numbers = whole(given)
    numbers = numbers * rank if isinstance(given, SupportsIndex) else numbers
    if len(numbers) != rank or min(numbers) < least:
        raise ValueError(f"{users_line()}{name} is a number from {least} up, or {rank} of them; got {given!r}.")
    return numbers


def channels_last(x: Any, data_format: DataFormat) -> Any:
    """x (batch, channels, *lengths) as (batch, *lengths, channels), if that is how it is given.

    Raises:
        ValueError: `data_format` is unknown.
    """
    if data_format not in ("channels_last", "channels_first", None):
        raise ValueError(
            f'{users_line()}data_format is "channels_last" (as is None) or "channels_first"; got {data_format!r}.'
        )
    return permute_dims(x, (0, *range(2, len(shape_of(x))), 1)) if data_format == "channels_first" else x


def as_given(x: Any, data_format: DataFormat) -> Any:
    """x (batch, *lengths, channels) in the data format that was asked for."""
    rank = len(x.shape)
    return permute_dims(x, (0, rank - 1, *range(1, rank - 1))) if data_format == "channels_first" else x
