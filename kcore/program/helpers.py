"""What emitted programs call beside the functions of the array namespace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backend import Array, Backend
from ..graph.types import size_of


def at(buffer: Array, start: int, shape: tuple[int, ...], dtype: Any) -> Array:
    """An array in a buffer's bytes, from element `start` on."""
    return buffer.view(dtype)[start : start + size_of(shape)].reshape(shape)


def blocks(size: int, *arrays: Array) -> list[tuple[Array, ...]]:
    """Flat arrays in slices of `size` elements each; a shorter one is scratch, used from its start in each slice."""
    whole = max(a.size for a in arrays)
    starts = range(0, whole, size)
    return [tuple(a[i : i + size] if a.size == whole else a[: min(size, whole - i)] for a in arrays) for i in starts]


class _Indices:
    def __getitem__(self, key: Any) -> Any:
        return key


def helpers(backend: Backend) -> dict[str, Any]:
    """By name, what any program for this backend may call."""
    xp = backend.xp

    def joined(shape: tuple[int, ...], dtype: Any, parts: Sequence[tuple[Any, Array]]) -> Array:
        """An array of zeros but for its parts, each at an index."""
        whole = xp.zeros(shape, dtype=dtype)
        for index, part in parts:
            whole[index] = part
        return whole

    def updated(array: Array, index: Any, part: Array) -> Array:
        """A copy of an array with another part at an index."""
        new = xp.asarray(array, copy=True)
        new[index] = part
        return new

    return {
        "at": at,
        "blocks": blocks,
        "joined": joined,
        "part": _Indices(),  # part[1:3, ...] is the index itself
        "random_bits": backend.random_bits(),
        "updated": updated,
    }


NAMES = frozenset({"at", "blocks", "joined", "part", "random_bits", "updated"})
