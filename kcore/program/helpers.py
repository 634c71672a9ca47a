"""What emitted programs call beside the functions of the array namespace."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from ..backend import Array, Backend
from ..graph.types import size_of


def at(buffer: Array, start: int, shape: tuple[int, ...], dtype: Any) -> Array:
    """An array in a buffer's bytes, from element `start` on."""
    return buffer.view(dtype)[start : start + size_of(shape)].reshape(shape)


def blocks(size: int, *arrays: Array) -> list[tuple[Array, ...]]:
    """Arrays in slices of `size` rows each; a shorter one is scratch, used from its start in each slice."""
    whole = max(map(len, arrays))
    starts = range(0, whole, size)
    return [tuple(a[i : i + size] if len(a) == whole else a[: min(size, whole - i)] for a in arrays) for i in starts]


def lane(start: Array, *rooms: Array, length: int) -> list[Array]:
    """Where a carry lies before each of so many turns and after the last: at its start, then in turn in the rooms, of
    which the first is the last to be used."""
    return [start, *(rooms[(length - k) % len(rooms)] for k in range(1, length + 1))]


class _Indices:
    def __getitem__(self, key: Any) -> Any:
        return key


@functools.cache
def _takes(function: Callable[..., Any], option: str) -> bool:
    return option in inspect.signature(function).parameters


def helpers(backend: Backend) -> dict[str, Any]:
    """By name, what any program for this backend may call."""
    xp = backend.xp

    def joined(shape: tuple[int, ...], dtype: Any, value: float, parts: Sequence[tuple[Any, Array, bool]]) -> Array:
        """An array of one number but for its parts, each at an index; those that meet others are added to them."""
        whole = xp.full(shape, value, dtype=dtype)
        for index, part, meets in parts:
            whole[index] = whole[index] + part if meets else part
        return whole

    def masked(array: Array, mask: Array, out: Array) -> None:
        """The array where the mask holds, else 0.

        A product with 0 and 1 takes a tenth of the time of a masked copy, which is left for where it gave NaN.
        """
        xp.multiply(array, mask, out=out)
        if not (backend.on_host and (out.size == 0 or (largest := xp.max(out)) == largest)):
            xp.copyto(out, 0, where=xp.logical_not(mask))

    def stable_argsort(array: Array, axis: int) -> Array:
        """The indices that sort; equal elements keep their order, which in NumPy one must ask for."""
        stable = {"stable": True} if _takes(xp.argsort, "stable") else {}
        return xp.argsort(array, axis=axis, **stable)

    def take_into(out: Array, array: Array, indices: Array, axis: int) -> None:
        """Elements at indices that are in range; which NumPy must be told, or it copies `out`."""
        clipping = {"mode": "clip"} if _takes(xp.take, "mode") else {}
        xp.take(array, indices, axis=axis, out=out, **clipping)

    def updated(array: Array, index: Any, part: Array) -> Array:
        """A copy of an array with another part at an index."""
        new = xp.asarray(array, copy=True)
        new[index] = part
        return new

    return {
        "at": at,
        "blocks": blocks,
        "joined": joined,
        "lane": lane,
        "masked": masked,
        "part": _Indices(),  # part[1:3, ...] is the index itself
        "random_bits": backend.random_bits(),
        "stable_argsort": stable_argsort,
        "take_into": take_into,
        "updated": updated,
    }


NAMES = frozenset(
    {"at", "blocks", "joined", "lane", "masked", "part", "random_bits", "stable_argsort", "take_into", "updated"}
)
