"""Reductions: atoms never keep the reduced axes; `keepdims` is a reshape, so that both forms are one computation."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..graph import Op, call, define
from ..graph.node import GradientRule, Node, Rule
from ..graph.types import DType, Shape, is_float, size_of
from .axes import axes, dtype_of, kept, shape_of
from .creation import full
from .cumulative import cumulative_prod, moved, summable
from .elementwise import equal, maximum, minimum, where
from .joining import flip
from .shaping import broadcast_to, cast, moveaxis, reshape
from .transcendental import exp, log

Axis = int | Iterable[int] | None


def rest(shape: Shape, axis: tuple[int, ...]) -> Shape:
    """The shape that a reduction leaves."""
    return tuple(n for i, n in enumerate(shape) if i not in axis)


def _reduced(a: Node, *, axis: tuple[int, ...]) -> tuple[Shape, DType]:
    return rest(a.shape, axis), a.dtype


def _chosen(a: Node, *, axis: tuple[int, ...]) -> tuple[Shape, DType]:
    if 0 in (a.shape[i] for i in axis):
        raise ValueError(f"of no elements none is the largest or smallest; along axes {axis} shape {a.shape} has none.")
    return rest(a.shape, axis), a.dtype


def _counted(a: Node, *, axis: tuple[int, ...]) -> tuple[Shape, DType]:
    return _chosen(a, axis=axis)[0], "int64"


def widened(x: Any, shape: Shape, axis: tuple[int, ...]) -> Any:
    """What a reduction of an array of this shape gave, again at every place that it came from."""
    return broadcast_to(reshape(x, kept(shape, axis)), shape)


def _to_extreme(g: Any, out: Any, a: Any, *, axis: tuple[int, ...]) -> Any:
    """Where several elements are the largest or smallest, each gets an equal share."""
    extreme = equal(a, widened(out, a.shape, axis))
    return where(extreme, widened(g / sum(cast(extreme, a.dtype), axis), a.shape, axis), 0.0)


def _of_product(g: Any, out: Any, a: Any, *, axis: tuple[int, ...]) -> Any:
    """The product of all before an element times that of all behind it, without a division, which zeros forbid."""
    if not size_of(a.shape):
        return widened(g, a.shape, axis)
    last = tuple(range(-len(axis), 0))
    rows = moveaxis(a, axis, last)
    flat = reshape(rows, (*rows.shape[: -len(axis)], -1))
    along = len(flat.shape) - 1
    before = moved(cumulative_prod(flat, along), along, 1, 1)
    behind = moved(flip(cumulative_prod(flip(flat, along), along), along), along, -1, 1)
    return widened(g, a.shape, axis) * moveaxis(reshape(before * behind, rows.shape), last, axis)


def _reduction(name: str, rule: Rule, gradient: GradientRule | None = None, noun: str = "", condition: int = 0) -> Op:
    text = f"{name}({{0}}, axis={{axis}})"
    return define(Op(name, "reduction", rule, (gradient,), text=text, noun=noun or name, condition=condition))


_SUM = _reduction("sum", _reduced, lambda g, out, a, *, axis: widened(g, a.shape, axis))
_PROD = _reduction("prod", _reduced, _of_product, "product")
_MAX = _reduction("max", _chosen, _to_extreme)
_MIN = _reduction("min", _chosen, _to_extreme)
_ARGMAX = _reduction("argmax", _counted, noun="index")
_ARGMIN = _reduction("argmin", _counted, noun="index")
_ALL = _reduction("all", _reduced, condition=1)
_ANY = _reduction("any", _reduced, condition=1)


def reduced(op: Op, x: Any, axis: Axis, keepdims: bool, **options: Any) -> Any:
    """A reduction over `axis`, after which the reduced axes may stay as axes of length 1."""
    shape = shape_of(x)
    over = axes(axis, len(shape))
    if not over:
        return cast(x, dtype_of(x))
    out = call(op, x, axis=over, **options)
    return reshape(out, kept(shape, over)) if keepdims else out


def sum(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """The sum over `axis`, over all axes if it is None; of integers and truth values as int64 or uint64.

    If a dtype is given, x is in it first.
    """
    return reduced(_SUM, summable(x, dtype), axis, keepdims)


def prod(x: Any, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """The product over `axis`, over all axes if it is None; of integers and truth values as int64 or uint64.

    If a dtype is given, x is in it first. The gradient is right where there are zeros.
    """
    return reduced(_PROD, summable(x, dtype), axis, keepdims)


def max(x: Any, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Any:
    """The largest element over `axis`, over all axes if it is None; NaN where there is one.

    Where several are the largest, each gets an equal share of the gradient.

    Raises:
        ValueError: there is no element, and no number `initial`, which counts as one more.
    """
    return _extreme(_MAX, maximum, x, axis, keepdims, initial)


def min(x: Any, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Any:
    """The smallest element over `axis`, over all axes if it is None; NaN where there is one.

    Where several are the smallest, each gets an equal share of the gradient.

    Raises:
        ValueError: there is no element, and no number `initial`, which counts as one more.
    """
    return _extreme(_MIN, minimum, x, axis, keepdims, initial)


def _extreme(op: Op, meet: Any, x: Any, axis: Axis, keepdims: bool, initial: float | None) -> Any:
    if initial is not None and not count(x, axis):
        shape, over = shape_of(x), axes(axis, len(shape_of(x)))
        return full(kept(shape, over) if keepdims else rest(shape, over), initial, dtype_of(x))
    numbers = cast(x, "uint8") if dtype_of(x) == "bool" else x
    out = cast(reduced(op, numbers, axis, keepdims), dtype_of(x))
    return out if initial is None else meet(out, initial)


amax, amin = max, min


def mean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The arithmetic mean over `axis`, over all axes if it is None, of integers as float32; NaN of no elements."""
    return call("divide", sum(x, axis, keepdims), float(count(x, axis)))


def count(x: Any, axis: Axis) -> int:
    """How many elements become one in a reduction."""
    shape = shape_of(x)
    return size_of(shape[i] for i in axes(axis, len(shape)))


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the first largest element along `axis`, as int64; that of the first NaN where there is one.

    It counts all elements in row-major order if `axis` is None.

    Raises:
        ValueError: there is no element.
    """
    return _where_extreme(_ARGMAX, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Any:
    """The index of the first smallest element along `axis`, as int64; that of the first NaN where there is one.

    It counts all elements in row-major order if `axis` is None.

    Raises:
        ValueError: there is no element.
    """
    return _where_extreme(_ARGMIN, x, axis, keepdims)


def _where_extreme(op: Op, x: Any, axis: int | None, keepdims: bool) -> Any:
    x = cast(x, "uint8") if dtype_of(x) == "bool" else x
    if axis is not None:
        return reduced(op, x, operator.index(axis), keepdims)
    found = reduced(op, reshape(x, (-1,)), 0, False)
    return reshape(found, kept(shape_of(x), axes(None, len(shape_of(x))))) if keepdims else found


def all(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether all elements over `axis` hold, over all axes if it is None, as bool; numbers other than 0 hold."""
    return reduced(_ALL, cast(x, "bool"), axis, keepdims)


def any(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Whether an element over `axis` holds, over all axes if it is None, as bool; numbers other than 0 hold."""
    return reduced(_ANY, cast(x, "bool"), axis, keepdims)


def count_nonzero(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """How many elements over `axis` are not 0, over all axes if it is None, as int64."""
    return sum(cast(x, "bool"), axis, keepdims)


def _logsumexp(x: Any, *, axis: tuple[int, ...]) -> Any:
    largest = max(x, axis)
    largest = where(call("isfinite", largest), largest, 0.0)
    return log(sum(exp(x - widened(largest, x.shape, axis)), axis)) + largest


def _to_powers(g: Any, out: Any, x: Any, *, axis: tuple[int, ...]) -> Any:
    """The softmax; an element that is all of the sum, infinite or not, has the share 1, those of -inf alone have 0."""
    total = widened(maximum(out, float(np.finfo(x.dtype).min)), x.shape, axis)
    return widened(g, x.shape, axis) * exp(where(equal(x, total), 0.0, x - total))


_LOGSUMEXP = define(Op("logsumexp", "compound", _chosen, (_to_powers,), _logsumexp, floating=True, noun="logsumexp"))


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """log(sum(e^x)) over `axis`, over all axes if it is None, without overflow.

    Of nothing but -inf it is -inf, and has no gradient.

    Raises:
        ValueError: there is no element.
    """
    x = x if is_float(dtype_of(x)) else cast(x, "float32")
    return reduced(_LOGSUMEXP, x, axis, keepdims)
