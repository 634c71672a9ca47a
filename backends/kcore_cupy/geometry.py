"""Geometry: how many blocks and threads a kernel is launched with.

It follows from the shape alone, so that sums are the same on every GPU and in every run. Small kernels that are chained
run as one block of 32 by 32 threads instead, so that what stands beside a sum may change how it is rounded.
"""

from __future__ import annotations

import attrs

from .layout import Layout

THREADS = 256
BLOCKS = 2048  # enough to fill any GPU; loops take what is left
PART = 4096  # elements of a result from which on several blocks share it


@attrs.frozen
class Geometry:
    """Of one launch.

    Attributes:
        grid, block: numbers of blocks and of threads in each, along x and y.
        parts: how many accumulators the blocks hand to each other.
        tickets: how many counters they need, at most one a result.
    """

    grid: tuple[int, ...]
    block: tuple[int, ...]
    parts: int = 0
    tickets: int = 0


def of_elements(layout: Layout) -> Geometry:
    """Of a kernel without a reduction."""
    return Geometry((blocks(layout.kept.size),), (THREADS,))


def blocks(n: int) -> int:
    """How many blocks loop over so many elements."""
    return min(_over(n, THREADS), BLOCKS)


def of_reduction(layout: Layout) -> Geometry:
    """Of one that reduces: the threads of a result lie along x if it reduces rows, else along y."""
    results, n = max(layout.kept.size, 1), layout.reduced.size
    if layout.rows:
        width = 32 if n <= THREADS else THREADS
        lanes = THREADS // width
    else:
        lanes, width = (32, 8) if n <= THREADS else (16, 64)
    tiles = _over(results, lanes)
    splits = max(1, min(n // PART, THREADS // tiles))
    block = (width, lanes) if layout.rows else (lanes, width)
    shared = results if splits > 1 else 0
    return Geometry((min(tiles, BLOCKS), splits), block, shared * splits, shared)


def _over(n: int, size: int) -> int:
    return max(1, -(-n // size))
