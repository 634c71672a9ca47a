"""Padding: more elements around an array, of one number or of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..graph.index import Index
from ..graph.types import Shape, rounded
from ..graph.where import users_line
from .axes import dtype_of, shape_of, whole
from .indexing import cut, join
from .joining import concatenate
from .shaping import broadcast_to, cast

MODES: dict[str, Callable[[int, int], int]] = {
    "reflect": lambda i, n: abs((i + n - 1) % (2 * n - 2) - n + 1) if n > 1 else 0,
    "symmetric": lambda i, n: min(i % (2 * n), 2 * n - 1 - i % (2 * n)),
    "edge": lambda i, n: min(max(i, 0), n - 1),
    "wrap": lambda i, n: i % n,
}
"""By name which of n elements stands at place i, that may lie before the first or behind the last."""


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: float | None = None) -> Any:
    """x with more elements before and after it along each axis.

    Args:
        x: an array.
        pad_width: how many, as a pair for each axis, one pair for all or one number for all.
        mode: what they are: "constant", one number; "reflect", those of x mirrored at the first and the last, which are
            not repeated; "symmetric", the same, but they are repeated; "edge", only the first and the last; "wrap",
            those of the other end.
        constant_values: the number; 0 if it is None.

    Raises:
        ValueError: a width is negative or there are too many, the mode is unknown or takes no number, or there is
            nothing to repeat along an axis of length 0.
        TypeError: a width is no integer.
    """
    shape = shape_of(x)
    widths = _widths(pad_width, len(shape))
    if mode != "constant" and mode not in MODES:
        known = ", ".join(map(repr, ["constant", *MODES]))
        raise ValueError(f"{users_line()}ops.pad knows the modes {known}; got {mode!r}.")
    if mode == "constant":
        wide = tuple(n + before + after for n, (before, after) in zip(shape, widths, strict=True))
        inside = Index.of([slice(b, b + n) for n, (b, _) in zip(shape, widths, strict=True)], wide)
        return join([x], [inside], wide, rounded(constant_values or 0, dtype_of(x)))
    if constant_values is not None:
        raise ValueError(f"{users_line()}constant_values are for the mode 'constant' of ops.pad, not for {mode!r}.")
    padded = cast(x, dtype_of(x))
    for axis, (before, after) in enumerate(widths):
        if before or after:
            padded = _padded(padded, axis, before, after, mode)
    return padded


def _widths(pad_width: Any, rank: int) -> list[tuple[int, int]]:
    given = pad_width.tolist() if hasattr(pad_width, "tolist") else pad_width
    rows = list(given) if isinstance(given, Iterable) else [given]
    pairs = [whole(row) for row in rows] if any(isinstance(r, Iterable) for r in rows) else [whole(rows)]
    pairs = [pair * 2 if len(pair) == 1 else pair for pair in pairs]
    pairs = pairs * rank if len(pairs) == 1 else pairs
    if len(pairs) != rank or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"{users_line()}ops.pad takes a pair of widths for each of {rank} axes, got {pad_width!r}.")
    if any(n < 0 for pair in pairs for n in pair):
        raise ValueError(f"{users_line()}ops.pad cannot take away elements, got {pad_width!r}. Use a slice.")
    return [(before, after) for before, after in pairs]


def _padded(x: Any, axis: int, before: int, after: int, mode: str) -> Any:
    """x padded along one axis by parts of itself: runs of elements in order, in reverse, or of one repeated."""
    shape = shape_of(x)
    if not shape[axis]:
        raise ValueError(f"{users_line()}ops.pad finds nothing to repeat along axis {axis} of length 0.")
    order = [MODES[mode](i, shape[axis]) for i in range(-before, shape[axis] + after)]
    return concatenate([_run(x, axis, start, step, count) for start, step, count in _runs(order)], axis)


def _runs(order: list[int]) -> list[tuple[int, int, int]]:
    """The longest runs of numbers with step 1, -1 or 0: start, step and count of each."""
    runs: list[tuple[int, int, int]] = []
    for i in order:
        start, step, count = runs[-1] if runs else (0, 0, 0)
        if count == 1 and abs(i - start) <= 1:
            runs[-1] = start, i - start, 2
        elif count > 1 and i == start + step * count:
            runs[-1] = start, step, count + 1
        else:
            runs.append((i, 0, 1))
    return runs


def _run(x: Any, axis: int, start: int, step: int, count: int) -> Any:
    shape: Shape = shape_of(x)
    stop = start + step * count if step else start + 1
    part = slice(start, stop if stop >= 0 else None, step or 1)
    whole = [slice(None)] * len(shape)
    run = cut(x, Index.of([*whole[:axis], part, *whole[axis + 1 :]], shape))
    return run if step else broadcast_to(run, (*shape[:axis], count, *shape[axis + 1 :]))
