"""Hypothesis strategies for arrays: shapes that broadcast, dtypes, layouts in memory, numbers that meet no kink."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from .arrays import FLOATS, Array

Shape = tuple[int, ...]

REAL = (*FLOATS, "int32", "int64")
ANY = (*REAL, "bool")

LAYOUTS: dict[str, Callable[[Array], Array]] = {
    "contiguous": lambda a: a.copy(order="C"),
    "Fortran's": lambda a: a.copy(order="F"),
    "every other element": lambda a: np.repeat(a[..., None], 2, -1)[..., 0] if a.ndim else a,
    "reversed": lambda a: a[::-1].copy()[::-1] if a.ndim else a,
}
"""By name, ways in which the same array may lie in memory."""


@st.composite
def values(draw: st.DrawFn, *shapes: Shape, low: float = -2, high: float = 2, gap: float = 0) -> list[Array]:
    """A float64 array of each shape, on whose numbers gradients can be compared with differences.

    All their elements differ as far as the range allows, none is near 0, so that no kink or tie is met by chance.

    Args:
        draw: hypothesis gives it.
        shapes: of the arrays.
        low: what no number is below.
        high: what no number is above, but for the gap.
        gap: how far from 0 they stay.
    """
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = sum(int(np.prod(s)) for s in shapes)
    step = (high - low) / max(count, 1)
    grid = low + step * (rng.permutation(count) + rng.uniform(0.6, 0.9, count))
    grid = np.where(np.abs(grid) < step / 9, grid + step / 9, grid)
    grid += np.sign(grid) * gap
    parts = np.split(grid, np.cumsum([int(np.prod(s)) for s in shapes])[:-1])
    return [p.reshape(s) for p, s in zip(parts, shapes, strict=True)]


def shapes(least: int = 0, most: int = 3, shortest: int = 0, longest: int = 4) -> st.SearchStrategy[Shape]:
    """Shapes of so many axes of so many elements, empty ones and 0-d ones among them."""
    return hnp.array_shapes(min_dims=least, max_dims=most, min_side=shortest, max_side=longest)


def broadcastable(count: int = 2, shortest: int = 0) -> st.SearchStrategy[tuple[Shape, ...]]:
    """So many shapes that broadcast with each other."""
    together = hnp.mutually_broadcastable_shapes(num_shapes=count, min_side=shortest, max_dims=3, max_side=4)
    return together.map(lambda found: tuple(found.input_shapes))


def dtypes(among: Sequence[str] = ANY) -> st.SearchStrategy[str]:
    """Names of dtypes that every backend has."""
    return st.sampled_from(among)


def layouts() -> st.SearchStrategy[Callable[[Array], Array]]:
    """Functions that lay an array out otherwise in memory, its numbers as they are."""
    return st.sampled_from(sorted(LAYOUTS)).map(LAYOUTS.__getitem__)


@st.composite
def arrays(
    draw: st.DrawFn,
    dtype: str | st.SearchStrategy[str] = "float64",
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    low: float = -2,
    high: float = 2,
) -> Array:
    """An array of any layout in memory; of whole numbers they go three times as far."""
    name = dtype if isinstance(dtype, str) else draw(dtype)
    size = shape if isinstance(shape, tuple) else draw(shapes() if shape is None else shape)
    (drawn,) = draw(values(size, low=low, high=high))
    layout = draw(layouts())
    return layout((drawn if name in FLOATS else drawn * 3).astype(name))


def axes(rank: int) -> st.SearchStrategy[int]:
    """One of so many axes, counted from either end."""
    return st.integers(-rank, rank - 1)
