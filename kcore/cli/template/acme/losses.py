"""Losses."""

from kcore import ops
from kcore.interfaces import Loss
from kcore.plugin import register


@register("losses", "quartic")
class Quartic(Loss):
    """The mean of (y_true - y_pred)^4 over the last axis."""

    def call(self, y_true, y_pred):
        """One number for each position, of shape (batch, ...)."""
        return ops.mean(ops.square(ops.square(y_pred - y_true)), -1)
