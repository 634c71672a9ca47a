"""Metrics."""

from kcore import ops
from kcore.interfaces import Metric
from kcore.plugin import register


@register("metrics", "within")
class Within(Metric):
    """The share of predictions that are near.

    Args:
        tolerance: how far from the target they may be.
    """

    tolerance: float = 0.5

    def call(self, y_true, y_pred):
        """One number for each position, of shape (batch, ...); their mean is the metric."""
        return ops.mean(ops.cast(ops.abs(y_pred - y_true) <= self.tolerance, "float32"), -1)
