"""Losses of numbers: differences, their squares, logarithms and shares; and the angle between vectors."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import ElementLoss, number
from kcore.plugin import register

EPSILON = 1e-7
"""What is least divided by, as in Keras."""


@register("losses", "mean_squared_error", aliases=["mse", "MSE"])
class MeanSquaredError(ElementLoss):
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


@register("losses", "mean_absolute_error", aliases=["mae", "MAE"])
class MeanAbsoluteError(ElementLoss):
    """mean(|y_true - y_pred|) over the last axis; where they are equal the gradient is 0."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean distance at each position."""
        return ops.mean(ops.abs(y_pred - y_true), -1)


@register("losses", "mean_absolute_percentage_error", aliases=["mape", "MAPE"])
class MeanAbsolutePercentageError(ElementLoss):
    """100 mean(|y_true - y_pred| / |y_true|) over the last axis; |y_true| counts as 1e-7 at least."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean distance in percent of the truth, at each position."""
        return 100.0 * ops.mean(ops.abs((y_true - y_pred) / ops.maximum(ops.abs(y_true), EPSILON)), -1)


@register("losses", "mean_squared_logarithmic_error", aliases=["msle", "MSLE"])
class MeanSquaredLogarithmicError(ElementLoss):
    """mean((log(1 + y_true) - log(1 + y_pred))^2) over the last axis; what is below 1e-7 counts as 1e-7."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean squared difference of logarithms at each position."""
        return ops.mean(ops.square(_log_above(y_pred) - _log_above(y_true)), -1)


def _log_above(x: Any) -> Any:
    return ops.log1p(ops.maximum(x, EPSILON))


@register("losses", "huber", aliases=["huber_loss"])
class Huber(ElementLoss):
    """The mean of e^2 / 2, and of delta (|e| - delta / 2) where |e| > delta, e = y_pred - y_true: Huber, 1964.

    Args:
        delta: the error from which on it grows no faster.
    """

    delta: float = attrs.field(default=1.0, validator=number())

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean at each position of what is square near 0 and straight further out."""
        distance = ops.abs(y_pred - y_true)
        near = ops.minimum(distance, self.delta)
        return ops.mean(near * (distance - 0.5 * near), -1)


_LOG_COSH = ops.define(
    ops.Op(
        "kcore/log_cosh",
        "compound",
        rule=lambda x: (x.shape, x.dtype),
        gradients=(lambda g, out, x: g * ops.tanh(x),),
        lowering=lambda x: _log_cosh(ops.abs(x)),
        floating=True,
        noun="log_cosh",
    )
)


def _log_cosh(size: Any) -> Any:
    """Near 0 by cosh(x) = 1 + 2 sinh(x / 2)^2: the difference that is exact further out would lose its digits there."""
    near = ops.log1p(2.0 * ops.square(ops.sinh(ops.minimum(size, 1.0) * 0.5)))
    return ops.where(size < 1.0, near, size + (ops.log1p(ops.exp(-2.0 * size)) - LOG_2))


LOG_2 = 0.6931471805599453


@register("losses", "log_cosh", aliases=["logcosh"])
class LogCosh(ElementLoss):
    """mean(log(cosh(y_pred - y_true))) over the last axis: a square near 0, |y_pred - y_true| - log(2) far off."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean at each position."""
        return ops.mean(ops.call(_LOG_COSH, y_pred - y_true), -1)


@register("losses", "cosine_similarity", aliases=["cosine_proximity"])
class CosineSimilarity(ElementLoss):
    """Minus the cosine of the angle between y_true and y_pred, -1 where they point the same way.

    A vector of length below 1e-7 counts as a part of one of that length, so that zeros give 0.

    Args:
        axis: along which vectors lie.
    """

    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Minus the cosine at each position."""
        return -ops.sum(ops.normalize(y_true, self.axis) * ops.normalize(y_pred, self.axis), self.axis)
