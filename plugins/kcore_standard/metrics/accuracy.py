"""Accuracy: the share of right predictions."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.interfaces import Metric
from kcore.plugin import register


@register("metrics", "accuracy", aliases=["acc"])
class Accuracy(Metric):
    """The share of positions where the predicted class is the true one.

    The shapes tell how classes are written: several outputs with one-hot labels, or with labels that are the index of
    the class, are compared by their largest; a single output counts as class 1 above one half.

    Call arguments:
        y_true: one-hot (batch, ..., classes), or indices (batch, ...) or (batch, ..., 1).
        y_pred: shape (batch, ..., classes), or (batch, ..., 1) for two classes.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Which positions are right."""
        if y_pred.shape[-1] == 1:
            chosen = ops.cast(y_pred > 0.5, y_pred.dtype)
            return ops.equal(ops.reshape(ops.cast(y_true, y_pred.dtype), y_pred.shape), chosen)
        return ops.equal(_index(y_true, y_pred), ops.argmax(y_pred, -1))


def _index(y_true: Any, y_pred: Any) -> Any:
    if y_true.shape == y_pred.shape:
        return ops.argmax(y_true, -1)
    return ops.cast(ops.reshape(y_true, y_pred.shape[:-1]), "int64")
