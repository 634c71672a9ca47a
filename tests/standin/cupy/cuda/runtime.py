"""What is asked of CUDA's runtime: two devices, which are never there but for the asking."""

from __future__ import annotations

from typing import Any

from ..standin import count
from . import current
from .memory import TOTAL, pool
from .stream import Stream


class CUDARuntimeError(RuntimeError):
    """What CUDA's runtime refuses."""

    def __init__(self, status: int, text: str = "") -> None:
        self.status = status
        super().__init__(text or f"cudaError {status}")


def getDeviceCount() -> int:  # noqa: N802
    """How many devices there are."""
    return current.DEVICES


def getDevice() -> int:  # noqa: N802
    """The number of the current one."""
    return current.device()


def setDevice(device: int) -> None:  # noqa: N802
    """Make another one current."""
    if not 0 <= device < current.DEVICES:
        raise CUDARuntimeError(101, "cudaErrorInvalidDevice: invalid device ordinal")
    current.use(device)


def getDeviceProperties(device: int) -> dict[str, Any]:  # noqa: N802
    """Facts of a device."""
    return {"name": b"stand-in for a GPU", "major": 9, "minor": 0, "multiProcessorCount": 132, "totalGlobalMem": TOTAL}


def memGetInfo() -> tuple[int, int]:  # noqa: N802
    """The bytes that are free, and all."""
    return (pool.get_limit() or TOTAL) - pool.used_bytes(), TOTAL


def deviceSynchronize() -> None:  # noqa: N802
    """Wait for all streams."""
    from . import stream

    count["synchronizations"] += 1
    for each in list(stream._known):
        each._until()


def streamSynchronize(stream: int) -> None:  # noqa: N802
    """Wait for one."""
    from .stream import _known

    next(s for s in _known if s.ptr == stream).synchronize()


def driverGetVersion() -> int:  # noqa: N802
    """The newest CUDA that the driver runs."""
    return 13020


def runtimeGetVersion() -> int:  # noqa: N802
    """The CUDA that is used."""
    return 13020


__all__ = ["CUDARuntimeError", "Stream", "deviceSynchronize", "getDeviceCount", "memGetInfo"]
