"""Counts of true and false positives and negatives at thresholds, and the shares made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import Metric, same_rank
from kcore.plugin import register

from .named import dtype_field
from .shapes import alike

LEAST = -1e10
"""What predictions count as that are not among the k largest."""


def thresholds_in_range(owner: object, field: Any, value: Any) -> None:
    """Thresholds lie from 0 to 1, or are left to the metric."""
    if value is not None and not all(0 <= t <= 1 for t in np.ravel(value)):
        raise ValueError(f"{type(owner).__name__}: {field.name} must be from 0 to 1; got {value!r}.")


def prepared(metric: Metric, y_true: Any, y_pred: Any, weight: Any) -> tuple[Any, Any, Any]:
    """Labels as zeros and ones, predictions, and float64 weights, all of one shape."""
    y_pred, y_true = same_rank(y_pred, y_true)
    y_true, y_pred = alike(metric, y_true, y_pred)
    y_true = ops.cast(ops.not_equal(y_true, 0), "float64")
    if weight is None:
        return y_true, y_pred, ops.ones(y_true.shape, dtype="float64")
    weight, rank = ops.cast(weight, "float64"), len(y_true.shape)
    if len(weight.shape) == rank + 1 and weight.shape[-1] == 1:
        weight = ops.reshape(weight, weight.shape[:-1])
    elif 0 < len(weight.shape) < rank:
        weight = ops.reshape(weight, (*weight.shape, *[1] * (rank - len(weight.shape))))
    return y_true, y_pred, ops.broadcast_to(weight, y_true.shape)


def counted(y_true: Any, y_pred: Any, weight: Any, thresholds: Any) -> dict[str, Any]:
    """The four sums of weights at each threshold: a prediction is positive if it is greater.

    Args:
        y_true: zeros and ones, float64, shape (n, ...).
        y_pred: numbers, shape (n, ...).
        weight: float64, shape (n, ...).
        thresholds: numbers.

    Returns:
        Arrays of shape (thresholds, ...).
    """
    limits = np.asarray(thresholds, str(y_pred.dtype)).reshape(-1, *[1] * len(y_pred.shape))
    above = ops.cast(ops.greater(ops.expand_dims(y_pred, 0), limits), "float64")
    positive, negative = y_true * weight, (1.0 - y_true) * weight
    tp, fp = ops.sum(above * positive, 1), ops.sum(above * negative, 1)
    return {
        "true_positives": tp,
        "false_positives": fp,
        "false_negatives": ops.sum(positive, 0) - tp,
        "true_negatives": ops.sum(negative, 0) - fp,
    }


class Counts(Metric):
    """The base: sums of the weights of positions that are counted, at each threshold."""

    counts: ClassVar[tuple[str, ...]]
    top_k: Any = attrs.field(default=None, init=False)
    class_id: Any = attrs.field(default=None, init=False)

    @property
    def _limits(self) -> list[float]:
        given: Any = getattr(self, "thresholds")  # noqa: B009 - each subclass has its place for it
        default = 0.5 if self.top_k is None else LEAST
        return [float(t) for t in np.ravel(default if given is None else given)]

    def init(self) -> Any:
        """Zeros."""
        return {name: np.zeros(len(self._limits)) for name in self.counts}

    def update(self, state: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count the positions of a batch."""
        y_true, y_pred, weight = prepared(self, y_true, y_pred, sample_weight)
        if self.top_k is not None:
            kept = ops.sum(ops.one_hot(ops.top_k(y_pred, self.top_k)[1], y_pred.shape[-1]), -2)
            y_pred = ops.where(ops.greater(kept, 0), y_pred, LEAST)
        if self.class_id is not None:
            y_true, y_pred, weight = (a[..., self.class_id] for a in (y_true, y_pred, weight))
        y_true, y_pred, weight = (ops.reshape(a, (-1,)) for a in (y_true, y_pred, weight))
        sums = counted(y_true, y_pred, weight, self._limits)
        return {name: state[name] + sums[name] for name in self.counts}

    def compute(self, state: Mapping[str, Any]) -> Any:
        """The one number, or one for each threshold."""
        values = self.of_counts(*(state[name] for name in self.counts))
        return values[0] if len(self._limits) == 1 else values

    def of_counts(self, *counts: Any) -> Any:
        """What is told of the counts: the only one."""
        return counts[0]


class _OneCount(Counts):
    thresholds: Any = attrs.field(default=None, validator=thresholds_in_range)
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()


@register("metrics", "true_positives")
class TruePositives(_OneCount):
    """How many positions are 1 in y_true and above the threshold in y_pred, or the sum of their weights.

    Args:
        thresholds: one number or several from 0 to 1; 0.5 if None.
    """

    counts = ("true_positives",)


@register("metrics", "false_positives")
class FalsePositives(_OneCount):
    """How many positions are 0 in y_true and above the threshold in y_pred, or the sum of their weights.

    Args:
        thresholds: one number or several from 0 to 1; 0.5 if None.
    """

    counts = ("false_positives",)


@register("metrics", "true_negatives")
class TrueNegatives(_OneCount):
    """How many positions are 0 in y_true and not above the threshold in y_pred, or the sum of their weights.

    Args:
        thresholds: one number or several from 0 to 1; 0.5 if None.
    """

    counts = ("true_negatives",)


@register("metrics", "false_negatives")
class FalseNegatives(_OneCount):
    """How many positions are 1 in y_true and not above the threshold in y_pred, or the sum of their weights.

    Args:
        thresholds: one number or several from 0 to 1; 0.5 if None.
    """

    counts = ("false_negatives",)


class _Share(Counts):
    thresholds: Any = attrs.field(default=None, validator=thresholds_in_range)
    top_k: int | None = None
    class_id: int | None = None
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()

    def of_counts(self, *counts: Any) -> Any:
        """The share of the first in both; 0 if there is none."""
        return ops.divide_no_nan(counts[0], counts[0] + counts[1])


@register("metrics", "precision")
class Precision(_Share):
    """The share of right ones among the positions that are predicted to be 1.

    Args:
        thresholds: above which a prediction is 1: one number or several from 0 to 1; 0.5 if None, and any if `top_k`.
        top_k: count only the k largest predictions of a row as 1.
        class_id: count only this place of the last axis.
    """

    counts = ("true_positives", "false_positives")


@register("metrics", "recall")
class Recall(_Share):
    """The share of those found among the positions that are 1.

    Args:
        thresholds: above which a prediction is 1: one number or several from 0 to 1; 0.5 if None, and any if `top_k`.
        top_k: count only the k largest predictions of a row as 1.
        class_id: count only this place of the last axis.
    """

    counts = ("true_positives", "false_negatives")
