"""Layout: how the arrays of a kernel lie under the shape that it goes over, in as few axes as possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs

from kcore.backend.kernel import Description


@attrs.frozen
class Axes:
    """Axes that a loop counts through, each with how far apart its elements lie in every array.

    Attributes:
        sizes: how long the axes are.
        steps: for each array, its steps along the axes, in elements; 0 where it broadcasts.
    """

    sizes: tuple[int, ...]
    steps: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """How many elements there are."""
        return math.prod(self.sizes)

    def reach(self, array: int) -> int:
        """The distance between an array's first element and its last; a large number where it goes backwards."""
        distances = [(n - 1) * step for n, step in zip(self.sizes, self.steps[array], strict=True)]
        return 1 << 62 if any(d < 0 for d in distances) else sum(distances)


def steps(array: Any, shape: Sequence[int]) -> list[int]:
    """How far apart the elements of an array lie along each axis of a shape to which it broadcasts."""
    missing = len(shape) - array.ndim
    own = [0 if n == 1 else stride // array.itemsize for n, stride in zip(array.shape, array.strides, strict=True)]
    return [0] * missing + own


def joined(sizes: Sequence[int], steps: Sequence[Sequence[int]]) -> Axes:
    """Axes that lie behind each other in every array become one, those of one element none."""
    kept: list[int] = []
    apart: list[list[int]] = [[] for _ in steps]
    for axis, size in enumerate(sizes):
        here = [s[axis] for s in steps]
        if size == 1:
            continue
        if kept and all(a[-1] == step * size for a, step in zip(apart, here, strict=True)):
            kept[-1] *= size
            for a, step in zip(apart, here, strict=True):
                a[-1] = step
        else:
            kept.append(size)
            for a, step in zip(apart, here, strict=True):
                a.append(step)
    return Axes(tuple(kept), tuple(map(tuple, apart)))


@attrs.frozen
class Layout:
    """How the arrays of one kernel lie under the axes that it goes over; each counts once, also if read and written.

    Attributes:
        dtypes: theirs.
        shared: whether some of an array's memory is written, perhaps by another name.
        reads, writes: which of them are read and written, by position; a reduction's result is the last.
        kept: the axes of the results; of a kernel without a reduction all axes.
        reduced: those that vanish.
    """

    dtypes: tuple[str, ...]
    shared: tuple[bool, ...]
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    kept: Axes
    reduced: Axes

    @property
    def wide(self) -> bool:
        """Whether positions need 64 bits."""
        furthest = [self.kept.reach(i) + self.reduced.reach(i) for i in range(len(self.dtypes))]
        return max([self.kept.size, self.reduced.size, *furthest]) >= 1 << 31

    @property
    def rows(self) -> bool:
        """Whether what is reduced lies closer together than what is kept: then neighbouring threads share a result."""
        if not self.reads or not self.reduced.sizes or not self.kept.sizes:
            return True
        first = self.reads[0]
        return self.reduced.steps[first][-1] <= self.kept.steps[first][-1]


def lay(what: Description, reads: Sequence[Any], writes: Sequence[Any]) -> tuple[list[Any], Layout]:
    """The arrays of a kernel, and how they lie."""
    axes = what.body.reduction.axes if what.body.reduction else ()
    arrays: dict[object, tuple[Any, list[int]]] = {}

    def position(array: Any, result: bool = False) -> int:
        across = _across(array, axes, len(what.shape)) if result else steps(array, what.shape)
        key = array.data.ptr, str(array.dtype), tuple(across), tuple(array.shape)
        arrays.setdefault(key, (array, across))
        return list(arrays).index(key)

    read = tuple(position(a) for a in reads)
    write = tuple(position(a, result=i == len(what.body.writes)) for i, a in enumerate(writes))
    found, across = [a for a, _ in arrays.values()], [s for _, s in arrays.values()]
    bounds = list(map(_bounds, found))
    kept, reduced = ([i for i in range(len(what.shape)) if (i in axes) is gone] for gone in (False, True))
    layout = Layout(
        tuple(str(a.dtype) for a in found),
        tuple(any(_meet(own, bounds[w]) for w in write) for own in bounds),
        read,
        write,
        joined([what.shape[i] for i in kept], [[s[i] for i in kept] for s in across]),
        joined([what.shape[i] for i in reduced], [[s[i] for i in reduced] for s in across]),
    )
    return found, layout


def _across(array: Any, axes: Sequence[int], rank: int) -> list[int]:
    """The steps of a reduction's result, which has only the axes that are kept."""
    own = iter(steps(array, array.shape))
    return [0 if i in axes else next(own) for i in range(rank)]


def _meet(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Whether two stretches of memory overlap."""
    return a[0] < b[1] and b[0] < a[1]


def _bounds(array: Any) -> tuple[int, int]:
    """The first byte of an array, and the one behind its last."""
    distances = [(n - 1) * stride for n, stride in zip(array.shape, array.strides, strict=True)]
    start = int(array.data.ptr)
    return start + sum(d for d in distances if d < 0), start + sum(d for d in distances if d > 0) + array.itemsize
