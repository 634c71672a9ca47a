"""Losses of areas: how much of what was found lies where it should, as in segmentation."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import ElementLoss, number
from kcore.plugin import register

EPSILON = 1e-7
"""What is added to a divisor, as in Keras."""

Axes = int | tuple[int, ...] | list[int] | None


@register("losses", "dice")
class Dice(ElementLoss):
    """1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred)): Milletari et al., 2016, after Dice, 1945.

    Args:
        axis: over which axes areas are summed; None, over all, the batch too.

    Call arguments:
        y_true: 0 and 1: shape (batch, ...).
        y_pred: between them, of the same shape.

    Returns:
        The shape of the other axes before it is reduced.
    """

    axis: Axes = None

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What is lacking to a full overlap."""
        both = ops.sum(y_true * y_pred, self.axis)
        return 1.0 - 2.0 * both / (ops.sum(y_true, self.axis) + ops.sum(y_pred, self.axis) + EPSILON)


@register("losses", "tversky")
class Tversky(ElementLoss):
    """1 - both / (both + alpha missed + beta invented), sums of shares of areas: Salehi et al., 2017.

    With alpha = beta = 1/2 it is `dice`.

    Args:
        alpha: the weight of what y_true has and y_pred lacks.
        beta: the weight of what y_pred has and y_true lacks.
        axis: over which axes areas are summed; None, over all, the batch too.

    Call arguments:
        y_true: 0 and 1: shape (batch, ...).
        y_pred: between them, of the same shape.
    """

    alpha: float = attrs.field(default=0.5, validator=number())
    beta: float = attrs.field(default=0.5, validator=number())
    axis: Axes = None

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What is lacking to a full overlap."""
        both = ops.sum(y_true * y_pred, self.axis)
        missed = ops.sum((1.0 - y_pred) * y_true, self.axis)
        invented = ops.sum(y_pred * (1.0 - y_true), self.axis)
        return 1.0 - both / (both + missed * self.alpha + invented * self.beta + EPSILON)
