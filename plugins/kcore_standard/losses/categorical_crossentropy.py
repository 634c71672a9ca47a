"""Categorical crossentropy: for classes given one-hot."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.interfaces import Loss
from kcore.plugin import register

EPSILON = 1e-7


@register("losses", "categorical_crossentropy", aliases=["cce"])
class CategoricalCrossentropy(Loss):
    """-sum(y_true * log(y_pred)) over the last axis, with y_pred scaled to sum 1.

    Predictions that come straight from a softmax are replaced by its logits, which loses no digits; others are held
    between 1e-7 and 1 - 1e-7, as in Keras.

    Args:
        from_logits: whether y_pred has not been through a softmax.

    Call arguments:
        y_true: probabilities, mostly one-hot: shape (batch, ..., classes).
        y_pred: of the same shape.

    Returns:
        Shape (batch, ...) before it is reduced.
    """

    from_logits: bool = False

    def check_output(self, shape: tuple[int | None, ...]) -> None:
        """One class has nothing to be told from."""
        if len(shape) < 2 or shape[-1] == 1:
            raise ValueError(
                f"{self.label} takes one output for each class, at least two; the model's output has shape {shape}. "
                "For two classes give the last layer 2 units and one-hot labels; for a number use mean_squared_error."
            )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The crossentropy at each position."""
        if self.from_logits:
            return ops.softmax_crossentropy(y_true, y_pred)
        logits = ops.logits_of(y_pred)
        if logits is not None:
            return ops.softmax_crossentropy(y_true, logits)
        shares = ops.clip(y_pred / ops.sum(y_pred, -1, keepdims=True), EPSILON, 1.0 - EPSILON)
        return -ops.sum(y_true * ops.log(shares), -1)
