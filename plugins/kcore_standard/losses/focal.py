"""Losses for classes of which some are rare or hard: focal crossentropies, and one that forgives wrong labels."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import ElementLoss, number
from kcore.plugin import register

from .crossentropy import CLOSE, NumberedClasses, smoothed


@register("losses", "binary_focal_crossentropy")
class BinaryFocalCrossentropy(ElementLoss):
    """binary_crossentropy times (1 - p)^gamma, p being the probability of the true label: Lin et al., 2017.

    Args:
        apply_class_balancing: whether label 1 counts `alpha` and label 0 counts 1 - alpha.
        alpha: the weight of label 1.
        gamma: how much less what is right already counts.
        from_logits: whether y_pred has not been through a sigmoid.
        label_smoothing: how far labels are moved to 1/2.
        axis: over which the mean is taken.

    Call arguments:
        y_true: 0 and 1: shape (batch, ..., width).
        y_pred: of the same shape.
    """

    apply_class_balancing: bool = False
    alpha: float = attrs.field(default=0.25, validator=number(0, 1))
    gamma: float = attrs.field(default=2.0, validator=number())
    from_logits: bool = False
    label_smoothing: float = attrs.field(default=0.0, validator=number(0, 1))
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean at each position."""
        y_true = smoothed(y_true, self.label_smoothing, 2)
        p = ops.sigmoid(y_pred) if self.from_logits else y_pred
        values = ops.binary_crossentropy(y_true, p) * ops.pow(_other(y_true, p), self.gamma)
        if self.apply_class_balancing:
            values = values * (y_true * self.alpha + (1.0 - y_true) * (1.0 - self.alpha))
        return ops.mean(values, self.axis)


def _other(y_true: Any, p: Any) -> Any:
    """The probability of the label that is not true."""
    return 1.0 - (y_true * p + (1.0 - y_true) * (1.0 - p))


@register("losses", "categorical_focal_crossentropy")
class CategoricalFocalCrossentropy(ElementLoss):
    """-sum(alpha (1 - y_pred)^gamma y_true log(y_pred)) over the last axis: Lin et al., 2017.

    y_pred is scaled to sum 1 and held between 1e-7 and 1 - 1e-7.

    Args:
        alpha: a weight for all classes.
        gamma: how much less what is right already counts.
        from_logits: whether y_pred has not been through a softmax.
        label_smoothing: the part of each label that is shared out to all classes.
        axis: the axis of the classes.

    Call arguments:
        y_true: one-hot: shape (batch, ..., classes).
        y_pred: of the same shape.
    """

    alpha: float = attrs.field(default=0.25, validator=number())
    gamma: float = attrs.field(default=2.0, validator=number())
    from_logits: bool = False
    label_smoothing: float = attrs.field(default=0.0, validator=number(0, 1))
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The focal crossentropy at each position."""
        y_true = smoothed(y_true, self.label_smoothing, y_pred.shape[self.axis])
        p = ops.softmax(y_pred, self.axis) if self.from_logits else y_pred
        p = ops.clip(p / ops.sum(p, self.axis, keepdims=True), CLOSE, 1.0 - CLOSE)
        return -ops.sum(self.alpha * ops.pow(1.0 - p, self.gamma) * (y_true * ops.log(p)), self.axis)


@register("losses", "categorical_generalized_cross_entropy")
class CategoricalGeneralizedCrossEntropy(NumberedClasses):
    """(1 - p^q) / q, p being the probability of the true class: Zhang and Sabuncu, 2018.

    Near q = 0 it is the crossentropy, at q = 1 the mean absolute error, which wrong labels disturb less.

    Args:
        q: above 0 and below 1.

    Call arguments:
        y_true: numbers of classes from 0 up: shape (batch, ...) or (batch, ..., 1).
        y_pred: probabilities, of shape (batch, ..., classes).
    """

    q: float = attrs.field(default=0.5, validator=number(1e-6, below=1))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss at each position."""
        p = ops.sum(y_pred * ops.one_hot(y_true, y_pred.shape[-1], dtype=y_pred.dtype), -1)
        return (1.0 - ops.pow(p, self.q)) / self.q
