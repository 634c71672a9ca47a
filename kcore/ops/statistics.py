"""Statistics: made of reductions; what needs an order sorts."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph import Op, Symbol, Variable, call, define
from ..graph.index import Index
from ..graph.node import Node
from ..graph.types import DType, Shape, is_float
from ..graph.where import users_line
from .axes import axes, dtype_of, kept, shape_of, whole
from .convert import convert_to_numpy
from .creation import full
from .cumulative import summable
from .elementwise import add, divide, equal, multiply, not_equal, sqrt, square, subtract, where
from .indexing import cut
from .joining import concatenate, stack
from .reductions import Axis, count, max, mean, min, rest, sum, widened
from .shaping import broadcast_to, cast, moveaxis, permute_dims, reshape
from .sorting import sort


def floating(x: Any) -> Any:
    """x, if it holds floats, else as float32."""
    return x if is_float(dtype_of(x)) else cast(x, "float32")


# spread


def _spread(a: Node, *, axis: tuple[int, ...], correction: float) -> tuple[Shape, DType]:
    return rest(a.shape, axis), a.dtype


def _from_mean(a: Any, axis: tuple[int, ...]) -> Any:
    return a - widened(mean(a, axis), a.shape, axis)


def _freedom(a: Any, axis: tuple[int, ...], correction: float) -> float:
    return builtins.max(count(a, axis) - correction, 0.0)


def _of_spread(g: Any, out: Any, a: Any, *, axis: tuple[int, ...], correction: float) -> Any:
    """The differences from the mean: as they add up to 0, nothing comes back through the mean itself."""
    n = _freedom(a, axis, correction)
    return widened(g * (2.0 / n if n else math.inf), a.shape, axis) * _from_mean(a, axis)


_VAR = define(
    Op(
        "var",
        "compound",
        _spread,
        (_of_spread,),
        lambda a, *, axis, correction: sum(square(_from_mean(a, axis)), axis) / _freedom(a, axis, correction),
        floating=True,
        noun="variance",
    )
)


def var(x: Any, axis: Axis = None, keepdims: bool = False, correction: float = 0) -> Any:
    """The variance over `axis`, over all axes if it is None: the mean square of the differences from the mean.

    The sum of squares is divided by the number of elements less `correction`, 1 for an unbiased estimate; where that
    leaves nothing it is NaN or infinite. Integers become float32.
    """
    shape = shape_of(x)
    over = axes(axis, len(shape))
    out = call(_VAR, floating(x), axis=over, correction=float(correction))
    return reshape(out, kept(shape, over)) if keepdims else out


def root(x: Any) -> Any:
    """The square root with the gradient 0 at 0."""
    some = not_equal(x, 0.0)
    return where(some, sqrt(where(some, x, 1.0)), 0.0)


def std(x: Any, axis: Axis = None, keepdims: bool = False, correction: float = 0) -> Any:
    """The standard deviation, the square root of `var`; its gradient is 0 where all elements are equal."""
    return root(var(x, axis, keepdims, correction))


def moments(x: Any, axes: Axis, keepdims: bool = False) -> tuple[Any, Any]:
    """The mean and the variance over `axes`, over all axes if it is None."""
    return mean(x, axes, keepdims), var(x, axes, keepdims)


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The largest element minus the smallest over `axis`, over all axes if it is None.

    Raises:
        TypeError: x holds truth values.
        ValueError: there is no element.
    """
    return subtract(max(x, axis, keepdims), min(x, axis, keepdims))


def average(x: Any, axis: Axis = None, weights: Any = None) -> Any:
    """sum(x * weights) / sum(weights) over `axis`, over all axes if it is None; the mean without weights.

    Args:
        x: an array.
        axis: one axis or several.
        weights: of the shape of x, or of the lengths of these axes alone.

    Raises:
        TypeError: the weights have another shape than x, and no axis is given.
        ValueError: they have another shape than the axes.
    """
    if weights is None:
        return mean(x, axis)
    shape, given = shape_of(x), shape_of(weights)
    over = axes(axis, len(shape))
    if given != shape:
        if axis is None:
            raise TypeError(
                f"{users_line()}ops.average needs an axis for weights {given} that are not of the shape {shape} of x."
            )
        order = [a % len(shape) for a in whole(axis)]
        if given != tuple(shape[a] for a in order):
            raise ValueError(
                f"{users_line()}ops.average takes weights of the shape {shape} of x, or of its axes {axis} alone; "
                f"got {given}."
            )
        rising = permute_dims(weights, sorted(range(len(order)), key=order.__getitem__))
        weights = reshape(rising, [n if i in over else 1 for i, n in enumerate(shape)])
    x, weights = summable(x), summable(weights)
    return divide(sum(multiply(x, weights), over), sum(weights, over))


# order


def _ordered(x: Any, over: tuple[int, ...]) -> Any:
    """x as floats, its axes `over` as one, the last, along which they ascend."""
    shape = shape_of(x)
    rows = moveaxis(floating(x), over, tuple(range(-len(over), 0)))
    return sort(reshape(rows, (*rest(shape, over), count(x, over))), -1)


def _at(rows: Any, i: int, j: int) -> Any:
    return cut(rows, Index.along(len(shape_of(rows)) - 1, len(shape_of(rows)), i, j))


def _single(rows: Any, i: int) -> Any:
    return reshape(_at(rows, i, i + 1), shape_of(rows)[:-1])


def _or_nan(rows: Any, out: Any) -> Any:
    """NaN where there is one among the elements, which is then the last."""
    last = _single(rows, shape_of(rows)[-1] - 1)
    return where(equal(last, last), out, last)


def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The element in the middle of those over `axis`, over all axes if it is None; of two that are, the mean.

    It is NaN where there is a NaN, or no element. Integers become float32.
    """
    shape = shape_of(x)
    over, n = axes(axis, len(shape)), count(x, axis)
    if not n:
        out = full(rest(shape, over), math.nan, dtype_of(floating(x)))
    else:
        rows = _ordered(x, over)
        out = _or_nan(rows, mean(_at(rows, (n - 1) // 2, n // 2 + 1), -1))
    return reshape(out, kept(shape, over)) if keepdims else out


_BETWEEN: dict[str, Callable[[float], float]] = {
    "linear": lambda place: place - math.floor(place),
    "lower": lambda place: 0.0,
    "higher": lambda place: 1.0,
    "midpoint": lambda place: 0.5,
    "nearest": lambda place: float(round(place) - math.floor(place)),  # halfway: the even one
}
"""How far a quantile is, of the way from the element before its place in the order to that behind it."""


def quantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """What a share q of the elements over `axis`, over all axes if it is None, lies below; NaN where there is a NaN.

    Args:
        x: an array, of which integers become float32.
        q: a number from 0 to 1 or an array of them, whose axes come first in the result. It is written into a program.
        axis: one axis or several.
        method: what is taken where q leads between two elements: "linear" for the number at that place on the line
            between them, "lower", "higher" or "nearest" for one of them, or "midpoint" for their mean.
        keepdims: whether the axes stay, each of length 1.

    Raises:
        TypeError: q is known only when a program runs.
        ValueError: a q is not from 0 to 1, the method is none of these, or there is no element.
    """
    q = q.value if isinstance(q, Variable) else q
    if isinstance(q, Symbol):
        raise TypeError(f"{users_line()}ops.quantile needs a q that is known before a program runs: a number or array.")
    shares = np.asarray(convert_to_numpy(q), "float64")
    if not np.all((shares >= 0) & (shares <= 1)):
        raise ValueError(f"{users_line()}ops.quantile takes q from 0 to 1, got {shares.tolist()!r:.80}.")
    if method not in _BETWEEN:
        raise ValueError(f"{users_line()}ops.quantile knows the methods {', '.join(_BETWEEN)}; got {method!r}.")
    shape = shape_of(x)
    over, n = axes(axis, len(shape)), count(x, axis)
    if not n:
        raise ValueError(f"{users_line()}no elements have no quantile; along axes {over} shape {shape} has none.")
    rows = _ordered(x, over)
    left = kept(shape, over) if keepdims else rest(shape, over)
    found = [_between(rows, place, method) for place in (shares * (n - 1)).ravel().tolist()]
    if not found:
        return full((*shares.shape, *left), 0, dtype_of(rows))
    out = stack([_or_nan(rows, a) for a in found]) if shares.ndim else _or_nan(rows, found[0])
    return reshape(out, (*shares.shape, *left))


def _between(rows: Any, place: float, method: str) -> Any:
    low, high = math.floor(place), math.ceil(place)
    t = _BETWEEN[method](place)
    if low == high or t in (0, 1):
        return _single(rows, high if t == 1 else low)
    one, other = _single(rows, low), _single(rows, high)
    return where(equal(one, other), one, add(multiply(one, 1 - t), multiply(other, t)))


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Each element less the one before it along `axis`, n times over; of truth values whether they differ.

    Args:
        a: an array.
        n: how often; each time the axis becomes shorter by one.
        axis: along which.
        prepend: what comes before the first element, a number or an array that fits.
        append: what comes behind the last.

    Raises:
        ValueError: a is a number, or n is negative.
    """
    shape, times = shape_of(a), operator.index(n)
    if not shape or times < 0:
        raise ValueError(
            f"{users_line()}ops.diff takes an array of one axis or more, and n from 0 up: got shape {shape} and n={n}."
        )
    (along,) = axes(operator.index(axis), len(shape))
    single = (*shape[:along], 1, *shape[along + 1 :])
    ends = [e if e is None or shape_of(e) else cast(broadcast_to(e, single), dtype_of(a)) for e in (prepend, append)]
    parts = [p for p in (ends[0], a, ends[1]) if p is not None]
    out = concatenate(parts, along) if len(parts) > 1 and times else cast(a, dtype_of(a))
    minus = not_equal if dtype_of(out) == "bool" else subtract
    for _ in range(times):
        length, rank = shape_of(out)[along], len(shape)
        behind = cut(out, Index.along(along, rank, builtins.min(1, length), length))
        out = minus(behind, cut(out, Index.along(along, rank, 0, builtins.max(length - 1, 0))))
    return out
