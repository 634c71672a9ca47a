"""Index: a basic index, one range for each axis, that can be an option of a node."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from .types import Shape

Range = tuple[int | None, int | None, int | None]
WHOLE: Range = (None, None, None)


@attrs.frozen(repr=False)
class Index:
    """Where a part of an array lies: start, stop and step along each axis, in the shortest form that says it.

    Two that pick the same elements of one shape are equal, and `str` is what Python would have between brackets.
    """

    ranges: tuple[Range, ...]

    @classmethod
    def of(cls, slices: Iterable[slice], shape: Shape) -> Index:
        """The index of a slice for each axis of an array of this shape."""
        return cls(tuple(_shortest(s, n) for s, n in zip(slices, shape, strict=True)))

    @classmethod
    def along(cls, axis: int, rank: int, start: int, stop: int) -> Index:
        """From `start` to `stop` along one axis, everything along the others."""
        return cls(tuple((start, stop, None) if i == axis else WHOLE for i in range(rank)))

    @property
    def slices(self) -> tuple[slice, ...]:
        """What NumPy takes."""
        return tuple(slice(*r) for r in self.ranges)

    def shape(self, of: Shape) -> Shape:
        """The shape of the part of an array of this shape."""
        return tuple(len(range(*slice(*r).indices(n))) for r, n in zip(self.ranges, of, strict=True))

    def within(self, outer: Index, shape: Shape) -> Index:
        """This part of the part `outer` of an array of this shape, as a part of that array."""
        seen = (range(n)[slice(*a)][slice(*b)] for n, a, b in zip(shape, outer.ranges, self.ranges, strict=True))
        return Index(tuple(_of_range(r, n) for r, n in zip(seen, shape, strict=True)))

    def behind(self) -> Index:
        """The same, behind a new first axis that it takes all of."""
        return Index((WHOLE, *self.ranges))

    def elements(self, of: Shape) -> list[range]:
        """The positions along each axis of an array of this shape."""
        return [range(n)[slice(*r)] for r, n in zip(self.ranges, of, strict=True)]

    @property
    def turned(self) -> tuple[int, ...]:
        """The axes that are gone through backwards, which not every library's indices can say."""
        return tuple(axis for axis, (_, _, step) in enumerate(self.ranges) if step is not None and step < 0)

    def forward(self) -> Index:
        """The same elements, each axis gone through forwards."""
        return Index(tuple(_forward(*r) for r in self.ranges))

    def __repr__(self) -> str:
        return f"[{self}]"

    def __str__(self) -> str:
        ranges = list(self.ranges)
        while len(ranges) > 1 and ranges[-1] == ranges[-2] == WHOLE:
            ranges.pop()
        texts = [_text(*r) for r in ranges]
        if ranges and ranges[-1] == WHOLE:
            texts[-1] = "..."
        return ", ".join(texts) or "..."


def _shortest(s: slice, length: int) -> Range:
    return _of_range(range(length)[s], length)


def _of_range(r: range, length: int) -> Range:
    if len(r) == 0:
        return 0, 0, None
    if len(r) == 1:
        return r.start, r.start + 1, None
    if r.step == 1:
        return WHOLE if len(r) == length else (r.start, r.stop, None)
    return r.start, r.stop if r.stop >= 0 else None, r.step


def _forward(start: int | None, stop: int | None, step: int | None) -> Range:
    if start is None or step is None or step > 0:
        return start, stop, step
    r = range(start, -1 if stop is None else stop, step)[::-1]
    return r[0], r[-1] + 1, None if r.step == 1 else r.step


def _text(start: int | None, stop: int | None, step: int | None) -> str:
    texts = ["" if n is None else str(n) for n in (start, stop, step)]
    return ":".join(texts if step is not None else texts[:2])
