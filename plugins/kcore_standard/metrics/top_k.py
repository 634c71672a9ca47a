"""Accuracies that count a prediction as right if the true class is among its k largest."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Metric, whole_number
from kcore.plugin import register

from .named import dtype_field
from .shapes import classes_of, classes_to


@register("metrics", "top_k_categorical_accuracy")
class TopKCategoricalAccuracy(Metric):
    """The share of positions where fewer than k predictions are larger than that of the true class.

    Args:
        k: how many count.

    Call arguments:
        y_true: one-hot labels, shape (batch, ..., classes).
        y_pred: the same shape; logits will do.
    """

    k: int = attrs.field(default=5, validator=whole_number(1))
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 where the prediction is right, else 0."""
        return ops.cast(ops.in_top_k(classes_of(self, y_true, y_pred), y_pred, self.k), "float32")


@register("metrics", "sparse_top_k_categorical_accuracy")
class SparseTopKCategoricalAccuracy(Metric):
    """The share of positions where the class that the label says is among the k of the largest predictions.

    Args:
        k: how many count.
        from_sorted_ids: whether y_pred holds not a number for each class, but indices of classes, the best first.

    Call arguments:
        y_true: indices of classes, shape (batch, ...) or (batch, ..., 1).
        y_pred: shape (batch, ..., classes), or (batch, ..., ids) from sorted ids.
    """

    k: int = attrs.field(default=5, validator=whole_number(1))
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()
    from_sorted_ids: bool = False

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 where the prediction is right, else 0."""
        classes = classes_to(self, y_true, y_pred)
        if self.from_sorted_ids:
            best = y_pred[..., : self.k]
            right = ops.any(ops.equal(ops.cast(ops.expand_dims(classes, -1), best.dtype), best), -1)
        else:
            right = ops.in_top_k(ops.cast(classes, "int64"), y_pred, self.k)
        return ops.reshape(ops.cast(right, "float32"), y_true.shape)
