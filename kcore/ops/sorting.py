"""Sorting and searching: always stable, NaN behind all numbers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NoReturn

from ..graph import Op, call, define
from ..graph.index import Index
from ..graph.node import Node
from ..graph.types import DType, Shape
from ..graph.where import users_line
from . import indexing
from .axes import axes, dtype_of, shape_of
from .creation import arange
from .elementwise import equal, greater_equal, less, subtract, where
from .indexing import cut
from .joining import flip
from .logic import logical_not
from .reductions import any, max, sum
from .shaping import cast, expand_dims, ravel


def _ranks(a: Node, *, axis: int) -> tuple[Shape, DType]:
    return a.shape, "int64"


def _back(g: Any, out: Any, a: Any, *, axis: int) -> Any:
    """Element i came from place order[i], so place j takes from where j stands in the order."""
    order = call(_ARGSORT, a, axis=axis)
    return indexing.take_along_axis(g, call(_ARGSORT, order, axis=axis), axis=axis)


_SORT = define(
    Op(
        "sort",
        "gather",
        lambda a, *, axis: (a.shape, a.dtype),
        (_back,),
        text="sort({0}, axis={axis})",
        into="copyto({out}, sort({0}, axis={axis}))",
        batched=lambda inputs, stacked, *, axis: call("sort", *inputs, axis=axis + 1),
        noun="sorted",
    )
)
_ARGSORT = define(
    Op(
        "argsort",
        "gather",
        _ranks,
        (None,),
        text="stable_argsort({0}, {axis})",
        into="copyto({out}, stable_argsort({0}, {axis}))",
        batched=lambda inputs, stacked, *, axis: call("argsort", *inputs, axis=axis + 1),
        noun="order",
    )
)


def _found(sequence: Node, values: Node, *, side: str) -> tuple[Shape, DType]:
    return values.shape, "int64"


_SEARCH = define(
    Op(
        "searchsorted",
        "gather",
        _found,
        (None, None),
        text="searchsorted({0}, {1}, side='{side}')",
        into="copyto({out}, searchsorted({0}, {1}, side='{side}'))",
        noun="place",
    )
)


def _sortable(x: Any, axis: int | None) -> tuple[Any, int]:
    """What to sort, truth values as numbers, and along which axis: all elements in row-major order if it is None."""
    x = ravel(x) if axis is None else x
    x = cast(x, "uint8") if dtype_of(x) == "bool" else x
    (along,) = axes(-1 if axis is None else operator.index(axis), len(shape_of(x)))
    return x, along


def sort(x: Any, axis: int | None = -1, descending: bool = False) -> Any:
    """The elements along `axis` from the smallest to the largest, or the other way; all elements if it is None.

    NaN counts as the largest. The gradient goes back to where each element came from.
    """
    numbers, along = _sortable(x, axis)
    out = call(_SORT, numbers, axis=along)
    out = cast(out, "bool") if dtype_of(x) == "bool" else out
    return flip(out, along) if descending else out


def argsort(x: Any, axis: int | None = -1, descending: bool = False) -> Any:
    """The indices by which `take_along_axis` sorts x along `axis`, as int64; equal elements keep their order.

    All elements count in row-major order if `axis` is None. NaN counts as the largest.
    """
    numbers, along = _sortable(x, axis)
    if not descending:
        return call(_ARGSORT, numbers, axis=along)
    order = flip(call(_ARGSORT, flip(numbers, along), axis=along), along)
    return subtract(shape_of(numbers)[along] - 1, order)


def argpartition(x: Any, kth: int, axis: int | None = -1) -> Any:
    """Indices that bring the element of rank `kth` to its place along `axis`, smaller ones before it; they sort all.

    Raises:
        ValueError: there is no element of this rank.
    """
    numbers, along = _sortable(x, axis)
    n = shape_of(numbers)[along]
    if not -n <= operator.index(kth) < n:
        raise ValueError(f"{users_line()}kth={kth} is out of range for an axis of length {n}.")
    return argsort(x, axis)


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The k largest elements along the last axis, the largest first, and their indices as int64.

    Of equal elements the first comes first. They are sorted even if `sorted` is False, which allows any order.

    Raises:
        ValueError: the axis has fewer than k elements.
    """
    order = argsort(x, -1, descending=True)
    n, rank = shape_of(x)[-1], len(shape_of(x))
    if not 0 <= operator.index(k) <= n:
        raise ValueError(f"{users_line()}ops.top_k takes up to all {n} elements of the last axis, got k={k}.")
    indices = cut(order, Index.along(rank - 1, rank, 0, operator.index(k)))
    return indexing.take_along_axis(x, indices, axis=-1), indices


def in_top_k(targets: Any, predictions: Any, k: int) -> Any:
    """Whether fewer than k predictions of a row are above that of its target, as bool.

    Equal predictions share a rank; NaN is above all, and so is never a hit, as is a target that is no class.

    Args:
        targets: the class of each row, integers of shape (...).
        predictions: floats of shape (..., classes).
        k: how many ranks count.
    """
    classes = shape_of(predictions)[-1]
    chosen = equal(expand_dims(targets, -1), arange(classes))
    own = max(where(chosen, predictions, -float("inf")), -1, keepdims=True)
    above = where(greater_equal(own, predictions), 0, 1)
    return less(sum(above, -1), k)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left") -> Any:
    """For each value the index, as int64, at which it would keep the sequence, a sorted vector, in order.

    Args:
        sorted_sequence: a vector in ascending order.
        values: an array of any shape.
        side: before equal elements ("left") or behind them ("right").

    Raises:
        ValueError: the sequence is no vector, or `side` is neither.
    """
    if len(shape_of(sorted_sequence)) != 1:
        raise ValueError(
            f"{users_line()}ops.searchsorted searches in one vector, got shape {shape_of(sorted_sequence)}."
        )
    if side not in ("left", "right"):
        raise ValueError(f'{users_line()}side is "left" or "right", got {side!r}.')
    numbers = [cast(a, "uint8") if dtype_of(a) == "bool" else a for a in (sorted_sequence, values)]
    return call(_SEARCH, *numbers, side=side)


def digitize(x: Any, bins: Any) -> Any:
    """For each element of x the index, as int64, of the bin that it is in: bins[i - 1] <= x < bins[i].

    Args:
        x: an array.
        bins: a vector in ascending order.

    Raises:
        ValueError: the bins are no vector.
    """
    return searchsorted(bins, x, side="right")


def _refused(name: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise TypeError(
            f"{users_line()}ops.{name} would give a shape that depends on the numbers, and shapes are known before a "
            f"program runs. {instead} Outside of a model use "
            f"numpy.{name}(kcore.ops.convert_to_numpy(x))."
        )

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Refused, since its shape depends on the numbers. {instead}"
    return refuse


_MASK = "Choose with kcore.ops.where(condition, a, b), or count by kcore.ops.sum(condition)."
_SORTED = "Mark the first of equal elements in kcore.ops.sort(x), or count known values by comparing with each."
nonzero = _refused("nonzero", _MASK)
flatnonzero = _refused("flatnonzero", _MASK)
argwhere = _refused("argwhere", _MASK)
unique = _refused("unique", _SORTED)
unique_all = _refused("unique_all", _SORTED)
unique_counts = _refused("unique_counts", _SORTED)
unique_inverse = _refused("unique_inverse", _SORTED)
unique_values = _refused("unique_values", _SORTED)


def isin(x1: Any, x2: Any, invert: bool = False) -> Any:
    """For each element of x1 whether x2 holds it, as bool; whether it does not, if `invert`.

    Every element is compared with every other: for a long x2, look it up by `searchsorted`.
    """
    found = any(equal(expand_dims(x1, -1), ravel(x2)), -1)
    return logical_not(found) if invert else found
