"""Mean squared error."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.interfaces import Loss
from kcore.plugin import register


@register("losses", "mean_squared_error", aliases=["mse", "MSE"])
class MeanSquaredError(Loss):
    """mean((y_true - y_pred)^2) over the last axis.

    Call arguments:
        y_true: shape (batch, ..., width).
        y_pred: of the same shape.

    Returns:
        Shape (batch, ...) before it is reduced.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean squared difference at each position."""
        return ops.mean(ops.square(y_pred - y_true), -1)
