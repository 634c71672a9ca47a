"""Pinned memory of the host: the device reads it while the host goes on."""

from __future__ import annotations

import ctypes
import weakref

import numpy as np

_pinned: weakref.WeakSet[PinnedMemoryPointer] = weakref.WeakSet()


class PinnedMemoryPointer(bytearray):
    """Bytes of the host that the device reads by itself."""

    def __init__(self, size: int) -> None:
        super().__init__(max(size, 1))
        self.ptr = ctypes.addressof(ctypes.c_char.from_buffer(self))
        _pinned.add(self)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def size(self) -> int:
        """How many."""
        return len(self)


def alloc_pinned_memory(size: int) -> PinnedMemoryPointer:
    """So many bytes."""
    return PinnedMemoryPointer(size)


def is_pinned(array: np.ndarray) -> bool:
    """Whether an array lies in pinned memory."""
    at = array.ctypes.data
    return any(p.ptr <= at < p.ptr + len(p) for p in list(_pinned))
