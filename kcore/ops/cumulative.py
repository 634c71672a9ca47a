"""Running sums and products along an axis."""

from __future__ import annotations

import builtins
import operator
from typing import Any

from ..graph import Op, call, define
from ..graph.index import Index
from ..graph.node import GradientRule
from ..graph.types import is_float
from ..graph.where import users_line
from .axes import axes, dtype_of, shape_of
from .indexing import cut, join
from .joining import flip
from .shaping import cast, ravel


def summable(x: Any, dtype: Any = None) -> Any:
    """x in this dtype, else its integers and truth values as int64 or uint64: what sums and products of them fit in."""
    known = dtype_of(x)
    return cast(x, dtype or (known if is_float(known) else "uint64" if known.startswith("uint") else "int64"))


def moved(x: Any, axis: int, by: int, value: float) -> Any:
    """The elements moved along an axis, behind as many of this value; or before them, if `by` is negative."""
    rank, n = len(x.shape), x.shape[axis]
    ahead, behind = builtins.max(by, 0), builtins.max(-by, 0)
    part = cut(x, Index.along(axis, rank, behind, n - ahead))
    return join([part], [Index.along(axis, rank, ahead, n - behind)], x.shape, value)


def _of_products(g: Any, out: Any, a: Any, *, axis: int) -> Any:
    """Without a division, so that zeros need no care.

    The product before element k times h[k], where h[k] = g[k] + a[k + 1] h[k + 1]: a recurrence whose steps are
    joined two by two, four by four and so on.
    """
    if not a.shape[axis]:
        return g
    total, factor, step = g, moved(a, axis, -1, 0), 1
    while step < a.shape[axis]:
        total = total + factor * moved(total, axis, -step, 0)
        factor = factor * moved(factor, axis, -step, 0)
        step *= 2
    return total * moved(out, axis, 1, 1)


def _running(name: str, gradient: GradientRule, noun: str) -> Op:
    return define(
        Op(
            name,
            "gather",
            lambda a, *, axis: (a.shape, a.dtype),
            (gradient,),
            text=name + "({0}, axis={axis})",
            batched=lambda inputs, stacked, *, axis: call(name, *inputs, axis=axis + 1),
            noun=noun,
        )
    )


_SUM = _running(
    "cumulative_sum",
    lambda g, out, a, *, axis: flip(call("cumulative_sum", flip(g, axis), axis=axis), axis),
    "sums",
)
_PROD = _running("cumulative_prod", _of_products, "products")


def _run(op: Op, x: Any, axis: int | None, dtype: Any, include_initial: bool) -> Any:
    shape = shape_of(x)
    if axis is None and len(shape) > 1:
        short = op.name.replace("ulative_", "")
        raise ValueError(
            f"{users_line()}ops.{op.name} needs an axis for an array of shape {shape}. kcore.ops.{short} takes all "
            "elements as a vector without one."
        )
    if not shape:
        x, shape = ravel(x), (1,)
    (along,) = axes(operator.index(axis or 0), len(shape))
    out = call(op, summable(x, dtype), axis=along)
    if not include_initial:
        return out
    behind = Index.along(along, len(shape), 1, shape[along] + 1)
    longer = (*shape[:along], shape[along] + 1, *shape[along + 1 :])
    return join([out], [behind], longer, int(op is _PROD))


def cumulative_sum(x: Any, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """At each place along `axis` the sum of the elements up to it; of integers and truth values as int64 or uint64.

    Args:
        x: an array; a vector needs no axis.
        axis: along which.
        dtype: that of the sums, if it is to be another.
        include_initial: whether a 0 comes before the first, which makes the axis longer by one.

    Raises:
        ValueError: there are several axes, and none is given.
    """
    return _run(_SUM, x, axis, dtype, include_initial)


def cumulative_prod(x: Any, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
    """At each place along `axis` the product of the elements up to it, and a 1 before the first if asked for.

    Its gradient is right where there are zeros. Arguments and errors are those of `cumulative_sum`.
    """
    return _run(_PROD, x, axis, dtype, include_initial)


def cumsum(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """At each place along `axis` the sum of the elements up to it; of all elements as a vector if it is None."""
    return cumulative_sum(ravel(x) if axis is None else x, axis, dtype)


def cumprod(x: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """At each place along `axis` the product of the elements up to it; of all elements as a vector if it is None."""
    return cumulative_prod(ravel(x) if axis is None else x, axis, dtype)
