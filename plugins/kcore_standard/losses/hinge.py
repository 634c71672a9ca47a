"""Losses of margins: nothing where the answer is right by 1 at least."""

from __future__ import annotations

from typing import Any

import numpy as np

from kcore import ops
from kcore.interfaces import ElementLoss, check_values
from kcore.plugin import register


class _Signs(ElementLoss):
    """For labels -1 and 1; if all are 0 or 1, 0 counts as -1."""

    def check_targets(self, y: Any, shape: tuple[int | None, ...], name: str = "y") -> None:
        """They are -1 and 1, or 0 and 1."""
        super().check_targets(y, shape, name)
        known = np.isin(y, [0, 1] if np.any(y == 0) else [-1, 1])
        check_values(
            y,
            ~known,
            name,
            lambda value: (
                f"but {self.label} takes the labels -1 and 1, or 0 and 1. For more classes there is the loss "
                "categorical_hinge, with one-hot targets of kcore.utils.to_categorical; for numbers mean_squared_error."
            ),
        )


def _missing(y_true: Any, y_pred: Any) -> Any:
    """How much each is short of a margin of 1."""
    binary = ops.all(ops.logical_or(ops.equal(y_true, 0.0), ops.equal(y_true, 1.0)))
    return ops.maximum(1.0 - ops.where(binary, 2.0 * y_true - 1.0, y_true) * y_pred, 0.0)


@register("losses", "hinge")
class Hinge(_Signs):
    """mean(max(1 - y_true y_pred, 0)) over the last axis, y_true being -1 or 1; labels 0 and 1 are taken for those.

    Call arguments:
        y_true: shape (batch, ..., width).
        y_pred: of the same shape, mostly from -1 to 1.

    Returns:
        Shape (batch, ...) before it is reduced.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean of what is short of the margin, at each position."""
        return ops.mean(_missing(y_true, y_pred), -1)


@register("losses", "squared_hinge")
class SquaredHinge(_Signs):
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis, the labels as those of `hinge`."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean of the squares of what is short of the margin, at each position."""
        return ops.mean(ops.square(_missing(y_true, y_pred)), -1)


@register("losses", "categorical_hinge")
class CategoricalHinge(ElementLoss):
    """max(1 + neg - pos, 0): pos is the output of the true class, neg the largest of the others, over the last axis.

    It is computed as max((1 - y_true) y_pred), so that neg is 0 at least.

    Call arguments:
        y_true: one-hot, of shape (batch, ..., classes).
        y_pred: of the same shape.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What the true class is short of a margin of 1, at each position."""
        other = ops.max((1.0 - y_true) * y_pred, -1)
        return ops.maximum(other - ops.sum(y_true * y_pred, -1) + 1.0, 0.0)
