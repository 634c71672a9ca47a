"""AUC: the area under the curve that a classifier draws as its threshold falls."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import one_of, whole_number
from kcore.plugin import register

from .confusion import counted, prepared, thresholds_in_range
from .named import dtype_field
from .per_label import PerLabel

COUNTS = ("true_positives", "true_negatives", "false_positives", "false_negatives")
EPSILON = 1e-7


@register("metrics", "auc")
class AUC(PerLabel):
    """The area under the ROC curve (recall over the rate of false alarms) or the PR curve (precision over recall).

    It is a sum over intervals between thresholds. The PR curve is interpolated as in Davis and Goadrich, "The
    Relationship Between Precision-Recall and ROC Curves", ICML 2006.

    Args:
        num_thresholds: how many, evenly from 0 to 1.
        curve: "ROC" or "PR".
        summation_method: "interpolation", or a bound from below, "minoring", or from above, "majoring".
        thresholds: these instead, beside 0 and 1.
        multi_label: whether each label has an area of its own, of which the mean is told.
        num_labels: how many labels there are, if they are known.
        label_weights: for each label; of the areas if `multi_label`, else of the positions.
        from_logits: whether y_pred has not been through a sigmoid.
    """

    num_thresholds: int = attrs.field(default=200, validator=whole_number(2))
    curve: str = attrs.field(default="ROC", validator=one_of("ROC", "PR"))
    summation_method: str = attrs.field(
        default="interpolation", validator=one_of("interpolation", "minoring", "majoring")
    )
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()
    thresholds: Any = attrs.field(default=None, validator=thresholds_in_range)
    multi_label: bool = False
    num_labels: int | None = None
    label_weights: Any = None
    from_logits: bool = False

    def width_of(self, shape: tuple[int, ...]) -> int:
        """The number of labels, 1 if they are taken together."""
        return super().width_of(shape) if self.multi_label else 1

    @property
    def _limits(self) -> list[float]:
        steps = self.num_thresholds - 1
        given = self.thresholds if self.thresholds is not None else [i / steps for i in range(1, steps)]
        return [-EPSILON, *sorted(map(float, given)), 1 + EPSILON]

    def init(self) -> Any:
        """Zeros."""
        return {name: np.zeros((len(self._limits), self.width or 1)) for name in COUNTS}

    def update(self, state: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count the positions of a batch at each threshold."""
        y_true, y_pred, weight = prepared(self, y_true, y_pred, sample_weight)
        if self.label_weights is not None and not self.multi_label:
            weight = weight * np.asarray(self.label_weights, "float64")
        y_pred = ops.sigmoid(y_pred) if self.from_logits else y_pred
        y_true, y_pred, weight = (ops.reshape(a, (-1, self.width or 1)) for a in (y_true, y_pred, weight))
        sums = counted(y_true, y_pred, weight, self._limits)
        return {name: state[name] + sums[name] for name in COUNTS}

    def told_of(self, state: Any) -> Any:
        """The area; the weighted mean of those of all labels."""
        areas = ops.sum(self._intervals(*(state[name] for name in COUNTS)), 0)
        if self.label_weights is None or not self.multi_label:
            return ops.mean(areas)
        weights = ops.convert_to_tensor(np.asarray(self.label_weights, "float64"))
        return ops.divide_no_nan(ops.sum(areas * weights), ops.sum(weights))

    def _intervals(self, tp: Any, tn: Any, fp: Any, fn: Any) -> Any:
        recall = ops.divide_no_nan(tp, tp + fn)
        if self.curve == "PR" and self.summation_method == "interpolation":
            return _interpolated(tp, tp + fp, tp + fn)
        x = recall if self.curve == "PR" else ops.divide_no_nan(fp, fp + tn)
        y = ops.divide_no_nan(tp, tp + fp) if self.curve == "PR" else recall
        low, high = y[:-1, :], y[1:, :]
        if self.summation_method == "interpolation":
            heights = (low + high) / 2.0
        else:
            heights = (ops.minimum if self.summation_method == "minoring" else ops.maximum)(low, high)
        return (x[:-1, :] - x[1:, :]) * heights


def _interpolated(tp: Any, predicted: Any, actual: Any) -> Any:
    """The integral of precision over recall between thresholds, where true and false positives grow evenly."""
    gained, more = tp[:-1, :] - tp[1:, :], predicted[:-1, :] - predicted[1:, :]
    slope = ops.divide_no_nan(gained, ops.maximum(more, 0.0))
    at_zero = tp[1:, :] - slope * predicted[1:, :]
    both = ops.logical_and(ops.greater(predicted[:-1, :], 0), ops.greater(predicted[1:, :], 0))
    ratio = ops.where(both, ops.divide_no_nan(predicted[:-1, :], predicted[1:, :]), 1.0)
    return ops.divide_no_nan(slope * (gained + at_zero * ops.log(ratio)), actual[1:, :])
