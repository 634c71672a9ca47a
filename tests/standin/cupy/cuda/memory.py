"""Memory of the device, with a limit that a test may set."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..standin import count
from . import current
from .stream import capturing

ROUND = 512  # bytes: CuPy's pool gives whole blocks of them
TOTAL = 16 << 30


class OutOfMemoryError(MemoryError):
    """The device has no memory left."""

    def __init__(self, size: int, total: int, limit: int = 0):
        limited = f", limit set to: {limit:,} bytes" if limit else ""
        super().__init__(f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes{limited}).")
        self.args = (size, total, limit)
        self._text = f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes{limited})."

    def __str__(self) -> str:
        return self._text


class MemoryPool:
    """What arrays are given their memory from."""

    def __init__(self) -> None:
        self._used = 0
        self._limit = 0

    def set_limit(self, size: int | None = None, fraction: float | None = None) -> None:
        """Refuse more bytes than these, or this part of all; 0: no limit."""
        self._limit = int(TOTAL * fraction) if fraction is not None else size or 0

    def get_limit(self) -> int:
        """The limit, 0 if there is none."""
        return self._limit

    def used_bytes(self) -> int:
        """Those of arrays that live."""
        return self._used

    def free_bytes(self) -> int:
        """Those that are kept for arrays to come."""
        return 0

    def total_bytes(self) -> int:
        """All that it holds."""
        return self._used

    def free_all_blocks(self, stream: Any = None) -> None:
        """Give back what is not used."""

    def _take(self, size: int) -> None:
        if self._used + size > (self._limit or TOTAL):
            raise OutOfMemoryError(size, self._used, self._limit)
        self._used += size
        count["allocations"] += 1
        count["allocated"] += size


pool = MemoryPool()


class Memory:
    """Bytes of the device, given back when nothing points to them."""

    def __init__(self, size: int) -> None:
        if capturing():  # whose graph would go on using what is given away by then
            raise MemoryError(
                "The stand-in refuses memory while a stream captures: a step that is recorded asks for none."
            )
        self.size = -(-size // ROUND) * ROUND
        self.device_id = current.device()
        pool._take(self.size)
        self.bytes = np.empty(size, np.uint8)
        self.bytes[:] = 0xFF  # NaN and -1: what was never written shows

    def __del__(self, pool: MemoryPool = pool) -> None:  # which outlives the module
        if hasattr(self, "bytes"):
            pool._used -= self.size


class MemoryPointer:
    """Where in the device's memory an array begins."""

    def __init__(self, mem: Any, offset: int) -> None:
        self.mem = mem
        self.ptr = offset
        self.device_id = getattr(mem, "device_id", 0)

    @property
    def device(self) -> Any:
        """The device."""
        from . import Device

        return Device(self.device_id)
