"""What is asked of CUDA's driver."""

from __future__ import annotations


class CUDADriverError(RuntimeError):
    """What the driver refuses."""

    def __init__(self, status: int, text: str = "") -> None:
        self.status = status
        super().__init__(text or f"CUDA_ERROR {status}")


def get_build_version() -> int:
    """The CUDA that CuPy was built with."""
    return 13020
