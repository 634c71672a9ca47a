"""What is asked of a GPU's memory and what is free of it, for the error of one that is exhausted."""

from __future__ import annotations

import re
from typing import Any

import attrs

from kcore.backend.memory import in_units

FULL = {
    ("CUDARuntimeError", 2),  # cudaErrorMemoryAllocation
    ("CUDADriverError", 2),  # CUDA_ERROR_OUT_OF_MEMORY
    ("CUBLASError", 3),  # CUBLAS_STATUS_ALLOC_FAILED
}


@attrs.frozen
class Memory:
    """The current device's memory in bytes: how much is `free` of the `total`, how much of it CuPy's pool has got
    (`held`), how much of that arrays lie in (`used`), and what the pool is limited to, 0 for no limit."""

    free: int
    total: int
    held: int = 0
    used: int = 0
    limit: int = 0

    @property
    def left(self) -> int:
        """How much arrays may still take."""
        left = self.free + self.held - self.used
        return min(left, self.limit - self.used) if self.limit else left

    def __str__(self) -> str:
        pool = f"CuPy's pool holds {in_units(self.held)}, {in_units(self.used)} of it in use"
        limit = f", and is limited to {in_units(self.limit)}" if self.limit else ""
        return f"{in_units(self.free)} of {in_units(self.total)} are free, {pool}{limit}"


def memory_of(cupy: Any) -> Memory:
    """The memory of the current device now."""
    free, total = cupy.cuda.runtime.memGetInfo()
    pool = cupy.get_default_memory_pool()
    return Memory(free, total, pool.total_bytes(), pool.used_bytes(), pool.get_limit())


def exhausted(error: Exception, cupy: Any) -> str | None:
    """What was asked for and what is free, if an error of CUDA, of its libraries or of CuPy's pool is about that."""
    if not isinstance(error, MemoryError) and (type(error).__name__, getattr(error, "status", None)) not in FULL:
        return None
    asked = re.search(r"allocating ([\d,]+) bytes", str(error))  # CuPy's pool says it there alone
    what = f"{in_units(int(asked[1].replace(',', '')))} more were asked for" if asked else str(error)
    try:
        return f"{what}; on GPU {cupy.cuda.Device().id} {memory_of(cupy)}"
    except Exception:  # a device that cannot even be asked
        return what
