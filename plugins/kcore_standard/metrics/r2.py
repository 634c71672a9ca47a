"""R2: the share of the targets' variance that predictions explain."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import one_of, same_rank, whole_number
from kcore.plugin import register

from .named import dtype_field
from .per_label import PerLabel
from .shapes import alike

SUMS = ("squared_sum", "sum", "residual", "count")


@register("metrics", "r2_score")
class R2Score(PerLabel):
    """1 - sum((y_true - y_pred)^2) / sum((y_true - mean(y_true))^2), for each place of the last axis.

    Args:
        class_aggregation: "uniform_average" tells their mean, "variance_weighted_average" that by variance, None each;
            0 where y_true does not vary.
        num_regressors: adjust the score to so many regressors: 1 - (1 - R2) (n - 1) / (n - regressors - 1), where n
            counts all targets.

    Call arguments:
        y_true: shape (batch, width).
        y_pred: the same shape.
    """

    class_aggregation: str | None = attrs.field(
        default="uniform_average", validator=one_of("uniform_average", "variance_weighted_average", None)
    )
    num_regressors: int = attrs.field(default=0, validator=whole_number(0))
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()

    @property
    def label(self) -> str:
        """Its name, or "r2_score"."""
        return self.name or "r2_score"

    def init(self) -> Any:
        """Zeros."""
        return {name: np.zeros(self.width or 0) for name in SUMS} | {"num_samples": np.zeros(())}

    def update(self, state: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Add up squares and sums."""
        y_true, y_pred = (ops.cast(y, "float64") for y in alike(self, *same_rank(y_true, y_pred)))
        weight = ops.cast(1.0 if sample_weight is None else sample_weight, "float64")
        weight = ops.expand_dims(weight, 1) if len(weight.shape) == 1 else weight
        weight = ops.broadcast_to(weight, y_true.shape)
        new = (y_true * y_true, y_true, ops.square(y_true - y_pred), 1.0)
        sums = {name: state[name] + ops.sum(each * weight, 0) for name, each in zip(SUMS, new, strict=True)}
        return {**sums, "num_samples": state["num_samples"] + float(y_true.shape[0] * y_true.shape[1])}

    def told_of(self, state: Any) -> Any:
        """The score."""
        total = state["squared_sum"] - ops.divide_no_nan(state["sum"] * state["sum"], state["count"])
        score: Any = ops.where(ops.equal(total, 0), 0.0, 1.0 - ops.divide_no_nan(state["residual"], total))
        if self.class_aggregation == "uniform_average":
            score = ops.mean(score)
        elif self.class_aggregation is not None:
            score = ops.divide_no_nan(ops.sum(total * score), ops.sum(total))
        if not self.num_regressors:
            return score
        samples, left = state["num_samples"], state["num_samples"] - float(self.num_regressors) - 1.0
        adjusted = 1.0 - (1.0 - score) * (samples - 1.0) / ops.where(ops.greater(left, 0), left, 1.0)
        return ops.where(ops.greater(left, 0), adjusted, score)
