"""Norms of vectors and matrices, where they need no decomposition."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ..graph.where import users_line
from .axes import axes, kept, shape_of, whole
from .elementwise import abs, not_equal, pow, square, where
from .reductions import max, min, rest, sum
from .shaping import cast, reshape
from .statistics import floating, root

Order = int | float | str | None


def norm(x: Any, ord: Order = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any:
    """The norm of vectors along one axis, or of matrices along two; integers become float32.

    Its gradient is 0 where all elements are 0, and 0 for elements that are 0.

    Args:
        x: an array; one of other than one or two axes needs `axis` or no `ord`.
        ord: None for the square root of the sum of squares, over all axes if `axis` is None, too. For vectors a number
            p for sum(abs(x)**p)**(1/p), 0 for the number of elements other than 0, inf and -inf for the largest and
            smallest absolute value. For matrices "fro", as None, 1 and -1 for the largest and smallest sum of a
            column's absolute values, inf and -inf for those of a row's.
        axis: one axis, or two: that which counts rows and that which counts columns.
        keepdims: whether these axes stay, each of length 1.

    Raises:
        ValueError: `ord` is no norm of vectors or matrices, or needs singular values; or there are other than one or
            two axes.
    """
    shape, x = shape_of(x), floating(x)
    over = axes(axis, len(shape))
    order = tuple(range(len(shape))) if axis is None else tuple(a % len(shape) for a in whole(axis))
    if ord is None and axis is None:
        out = root(sum(square(x), over))
    elif len(order) == 1:
        out = _of_vectors(x, ord, over)
    elif len(order) == 2:
        out = _of_matrices(x, ord, order)
    else:
        raise ValueError(f"{users_line()}ops.norm takes vectors or matrices: one or two axes, not {len(order)}.")
    return reshape(out, kept(shape, over) if keepdims else rest(shape, over))


def _of_vectors(x: Any, ord: Order, axis: Iterable[int]) -> Any:
    if isinstance(ord, str):
        raise ValueError(f"{users_line()}ops.norm has no norm {ord!r} of vectors: ord is None or a number.")
    if ord is None or ord == 2:
        return root(sum(square(x), axis))
    if ord == math.inf:
        return max(abs(x), axis, initial=0)
    if ord == -math.inf:
        return min(abs(x), axis)
    if ord == 0:
        return sum(cast(not_equal(x, 0.0), x.dtype), axis)
    return sum(abs(x), axis) if ord == 1 else _power(sum(_power(abs(x), float(ord)), axis), 1 / float(ord))


def _power(x: Any, p: float) -> Any:
    """x, nowhere negative, to the power of p, with the gradient 0 at 0."""
    some = not_equal(x, 0.0)
    return where(some, pow(where(some, x, 1.0), p), 0.0 if p > 0 else math.inf)


def _of_matrices(x: Any, ord: Order, axis: tuple[int, ...]) -> Any:
    if ord is None or ord == "fro":
        return root(sum(square(x), axis))
    if ord in (2, -2, "nuc"):
        raise ValueError(
            f"{users_line()}ops.norm(x, {ord!r}) of matrices needs their singular values, for which kcore has no "
            f'function. Use ord="fro", or outside of a model numpy.linalg.norm(kcore.ops.convert_to_numpy(x), {ord!r}).'
        )
    if ord not in (1, -1, math.inf, -math.inf):
        raise ValueError(f'{users_line()}ops.norm of matrices knows ord None, "fro", 1, -1, inf, -inf; got {ord!r}.')
    across, along = axis if ord in (1, -1) else axis[::-1]
    sums = sum(abs(x), across, keepdims=True)
    return max(sums, along, keepdims=True, initial=0) if ord > 0 else min(sums, along, keepdims=True)
