"""Intersection over union: how well predicted classes cover the true ones, as for the pixels of pictures."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import Metric, whole_number
from kcore.plugin import register

from .named import dtype_field

EPSILON = 1e-7


@register("metrics", "mean_io_u", aliases=["mean_iou"])
class MeanIoU(Metric):
    """The mean over classes of the positions of both divided by those of either, classes that never occur left out.

    Args:
        num_classes: how many classes there are; positions of others do not count.
        ignore_class: a class of y_true whose positions do not count.
        sparse_y_true: whether y_true holds indices of classes; else the largest along `axis` is meant.
        sparse_y_pred: the same of y_pred.
        axis: of the classes.
    """

    num_classes: int = attrs.field(validator=whole_number(1))  # type: ignore[misc]  # those of the base are given by name
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()
    ignore_class: int | None = None
    sparse_y_true: bool = True
    sparse_y_pred: bool = True
    axis: int = -1

    def init(self) -> Any:
        """No position of any class."""
        return {"total_confusion_matrix": np.zeros((self.num_classes, self.num_classes))}

    def update(self, state: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count the pairs of true and predicted classes."""
        y_true = y_true if self.sparse_y_true else ops.argmax(y_true, self.axis)
        y_pred = y_pred if self.sparse_y_pred else ops.argmax(y_pred, self.axis)
        true, predicted = (ops.cast(ops.reshape(y, (-1,)), "int64") for y in (y_true, y_pred))
        weight = ops.ones(true.shape, dtype="float64")
        if sample_weight is not None:
            weight = ops.cast(sample_weight, "float64")
            weight = ops.broadcast_to(ops.reshape(weight, (-1,)) if weight.shape else weight, true.shape)
        if self.ignore_class is not None:
            weight = ops.where(ops.equal(true, self.ignore_class), 0.0, weight)
        one, other = (ops.one_hot(y, self.num_classes, dtype="float64") for y in (true, predicted))
        pairs = ops.matmul(ops.transpose(one * ops.expand_dims(weight, -1)), other)
        return {"total_confusion_matrix": state["total_confusion_matrix"] + pairs}

    def compute(self, state: Any) -> Any:
        """The mean."""
        pairs = state["total_confusion_matrix"]
        both = ops.diagonal(pairs)
        either = ops.sum(pairs, 0) + ops.sum(pairs, 1) - both
        occurs = ops.cast(ops.greater(either, 1e-9), "float64")
        return ops.sum(occurs * both / (either + EPSILON)) / (ops.sum(occurs) + EPSILON)
