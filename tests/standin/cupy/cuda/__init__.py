"""The device that is played."""

from __future__ import annotations

import shutil
from typing import Any

from . import compiler, cublas, driver, memory, nvrtc, pinned_memory, runtime, stream
from .memory import Memory, MemoryPointer, MemoryPool, OutOfMemoryError
from .pinned_memory import PinnedMemoryPointer, alloc_pinned_memory
from .stream import Event, Graph, Stream, get_current_stream, get_elapsed_time


class Device:
    """One of the devices."""

    compute_capability = "90"

    def __init__(self, device: Any = None) -> None:
        self.id = runtime.getDevice() if device is None else int(device)
        self._before: list[int] = []

    def __enter__(self) -> Device:
        self._before.append(runtime.getDevice())
        return self.use()

    def __exit__(self, *_: object) -> None:
        runtime.setDevice(self._before.pop())

    def __int__(self) -> int:
        return self.id

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Device) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<CUDA Device {self.id}>"

    def use(self) -> Device:
        """Make it the current one."""
        runtime.setDevice(self.id)
        return self

    def synchronize(self) -> None:
        """Wait for all streams."""
        runtime.deviceSynchronize()

    @property
    def mem_info(self) -> tuple[int, int]:
        """The bytes that are free, and all."""
        return runtime.memGetInfo()

    @property
    def attributes(self) -> dict[str, Any]:
        """Facts."""
        return {"MultiProcessorCount": 132, "MaxThreadsPerBlock": 1024}


def is_available() -> bool:
    """Whether there is a device: for what plays it a compiler is needed."""
    return shutil.which("g++") is not None


__all__ = [
    "Device", "Event", "Graph", "Memory", "MemoryPointer", "MemoryPool", "OutOfMemoryError", "PinnedMemoryPointer",
    "Stream", "alloc_pinned_memory", "compiler", "cublas", "driver", "get_current_stream", "get_elapsed_time",
    "is_available", "memory", "nvrtc", "pinned_memory", "runtime", "stream",
]  # fmt: skip
