"""Losses of distributions: how far one is from another, and counts that follow a Poisson distribution."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.interfaces import ElementLoss
from kcore.plugin import register

EPSILON = 1e-7
"""What a probability is at least, as in Keras."""


@register("losses", "kl_divergence", aliases=["kullback_leibler_divergence", "kld", "KLD"])
class KLDivergence(ElementLoss):
    """sum(y_true log(y_true / y_pred)) over the last axis, both held between 1e-7 and 1: Kullback and Leibler, 1951.

    Call arguments:
        y_true: probabilities, of shape (batch, ..., classes).
        y_pred: of the same shape.

    Returns:
        Shape (batch, ...) before it is reduced.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The divergence at each position."""
        y_true, y_pred = ops.clip(y_true, EPSILON, 1.0), ops.clip(y_pred, EPSILON, 1.0)
        return ops.sum(y_true * ops.log(y_true / y_pred), -1)


@register("losses", "poisson")
class Poisson(ElementLoss):
    """mean(y_pred - y_true log(y_pred + 1e-7)) over the last axis: counts y_true of a mean y_pred, up to a constant.

    Call arguments:
        y_true: counts, of shape (batch, ..., width).
        y_pred: positive, of the same shape.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean at each position."""
        return ops.mean(y_pred - y_true * ops.log(y_pred + EPSILON), -1)
