"""Samplewise: how values at positions and weights of samples are brought to one shape, and to sums over samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import ops
from . import targets


def same_rank(one: Any, other: Any) -> tuple[Any, Any]:
    """Two arrays with as many axes, where one has a last axis of length 1 more; others as they are."""
    shapes = targets.same_rank(one.shape, other.shape)
    one, other = (a if a.shape == to else ops.reshape(a, to) for a, to in zip((one, other), shapes, strict=True))
    return one, other


def samplewise(values: Any, weight: Any, reduce: Callable[..., Any]) -> tuple[Any, Any]:
    """A number and a weight for each sample, float64, from values at positions and weights that may have fewer axes.

    As Keras does it: the values are reduced over the axes that the weights lack, multiplied by the weights, and both
    are reduced to one number a sample.

    Args:
        values: shape (batch, ...), or one number.
        weight: one number, shape (batch,), (batch, 1) or (batch, ...), or None.
        reduce: `ops.mean` or `ops.sum`.

    Returns:
        Both of shape (batch,), or single numbers; the weight None if none is given.

    Raises:
        ValueError: the weights do not broadcast to the values.
    """
    values = ops.cast(values, "float64")
    if weight is not None:
        values, weight = same_rank(values, ops.cast(weight, "float64"))
        rank = len(weight.shape)
        values = _reduced(values, rank, reduce)
        if not _broadcasts(weight.shape, values.shape):
            raise ValueError(
                f"sample_weight of shape {weight.shape} does not fit values of shape {values.shape}: "
                "give one weight for each sample, or one for each position."
            )
        weight = ops.broadcast_to(weight, values.shape)
        values = values * weight
        weight = _reduced(weight, min(rank, 1), reduce)
    return _reduced(values, min(len(values.shape), 1), reduce), weight


def mean_update(state: Mapping[str, Any], values: Any, weight: Any = None) -> Mapping[str, Any]:
    """A total and a count, after more values; the count is that of samples, or the sum of their weights."""
    values, weight = samplewise(values, weight, ops.mean)
    count = values.shape[0] if values.shape else 1
    more = count if weight is None else ops.sum(weight)
    return {"total": state["total"] + ops.sum(values), "count": state["count"] + more}


def _reduced(values: Any, keep: int, reduce: Callable[..., Any]) -> Any:
    axes = tuple(range(keep, len(values.shape)))
    return reduce(values, axes) if axes else values


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    return len(shape) <= len(to) and all(n in (1, m) for n, m in zip(shape[::-1], to[::-1], strict=False))
