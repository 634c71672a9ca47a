"""Reductions: atoms never keep the reduced axes; `keepdims` is a reshape, so that both forms are one computation."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from ..graph import Op, call, define
from ..graph.node import Node
from ..graph.types import DType, Shape, is_float
from .axes import axes, dtype_of, kept, shape_of
from .shaping import broadcast_to, cast, reshape

Axis = int | Iterable[int] | None


def _reduced(a: Node, *, axis: tuple[int, ...]) -> tuple[Shape, DType]:
    return tuple(n for i, n in enumerate(a.shape) if i not in axis), a.dtype


def _chosen(a: Node, *, axis: tuple[int, ...]) -> tuple[Shape, DType]:
    if 0 in (a.shape[i] for i in axis):
        raise ValueError(f"none of no elements is the largest; along axes {axis} shape {a.shape} has none.")
    return _reduced(a, axis=axis)


def _counted(a: Node, *, axis: tuple[int, ...]) -> tuple[Shape, DType]:
    return _chosen(a, axis=axis)[0], "int64"


def _wide(x: Any, like: Any, axis: tuple[int, ...]) -> Any:
    """What a reduction of `like` gave, again at every place that it came from."""
    return broadcast_to(reshape(x, kept(like.shape, axis)), like.shape)


def _of_largest(g: Any, out: Any, a: Any, *, axis: tuple[int, ...]) -> Any:
    """Where several elements are the largest, each gets an equal share."""
    largest = cast(a == _wide(out, a, axis), a.dtype)
    return _wide(g / sum(largest, axis), a, axis) * largest


_SUM = define(
    Op(
        "sum",
        "reduction",
        _reduced,
        (lambda g, out, a, *, axis: _wide(g, a, axis),),
        text="sum({0}, axis={axis})",
        noun="sum",
    )
)
_MAX = define(Op("max", "reduction", _chosen, (_of_largest,), text="max({0}, axis={axis})", noun="max"))
_ARGMAX = define(Op("argmax", "reduction", _counted, (None,), text="argmax({0}, axis={axis})", noun="index"))


def _reduce(op: Op, x: Any, axis: Axis, keepdims: bool) -> Any:
    shape = shape_of(x)
    over = axes(axis, len(shape))
    if not over:
        return cast(x, dtype_of(x))
    out = call(op, x, axis=over)
    return reshape(out, kept(shape, over)) if keepdims else out


def sum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The sum over `axis`, over all axes if it is None; of integers and truth values, as int64."""
    exact = is_float(dtype_of(x)) or dtype_of(x) == "int64"
    return _reduce(_SUM, x if exact else cast(x, "int64"), axis, keepdims)


def max(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest element over `axis`, over all axes if it is None; NaN where there is one."""
    return _reduce(_MAX, x, axis, keepdims)


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The arithmetic mean over `axis`, over all axes if it is None."""
    shape = shape_of(x)
    count = 1
    for i in axes(axis, len(shape)):
        count *= shape[i]
    return call("divide", sum(x, axis, keepdims), float(count))


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the first largest element along `axis`, as int64; that of the first NaN where there is one.

    It counts all elements in row-major order if `axis` is None.
    """
    if axis is not None:
        return _reduce(_ARGMAX, x, operator.index(axis), keepdims)
    found = _reduce(_ARGMAX, reshape(x, (-1,)), 0, False)
    return reshape(found, kept(shape_of(x), axes(None, len(shape_of(x))))) if keepdims else found
