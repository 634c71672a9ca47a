"""What is asked of CUDA's compiler."""

from __future__ import annotations


def getVersion() -> tuple[int, int]:  # noqa: N802
    """Of which CUDA it is."""
    return 13, 2
