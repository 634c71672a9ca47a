"""Circle loss: embeddings of one class are drawn together, those of others apart."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import Loss, number
from kcore.plugin import register


@register("losses", "circle")
class Circle(Loss):
    """log(1 + sum(exp(gamma a s)) sum(exp(gamma b t))) over pairs of a batch: Sun et al., Circle loss, 2020.

    With d = 1 - cosine of a pair, a = d + margin and s = d - margin for two of one class, b = 1 + margin - d and
    t = 1 - margin - d for two of different ones; a and b are 0 at least. Samples of loss 0 do not count in means.

    Args:
        gamma: a scale: how sharply the worst pairs are told from others.
        margin: how far apart classes should be.
        remove_diagonal: whether a sample makes no pair with itself.

    Call arguments:
        y_true: numbers of classes, of shape (batch,) or (batch, 1).
        y_pred: embeddings of length 1, of shape (batch, width); of (..., batch, width) each batch for itself.
    """

    gamma: float = attrs.field(default=80.0, validator=number())
    margin: float = attrs.field(default=0.4, validator=number())
    remove_diagonal: bool = True
    target_dtype = "int64"

    def target_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """A class for each sample."""
        return shape[:-1]

    def mask(self, y_true: Any, y_pred: Any) -> Any:
        """Which samples have a loss."""
        return self.call(y_true, y_pred) > 0.0

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of each sample."""
        distance = ops.maximum(1.0 - ops.matmul(y_pred, ops.matrix_transpose(y_pred)), 0.0)
        alike = ops.equal(ops.expand_dims(y_true, -1), ops.expand_dims(y_true, -2))
        others = ops.logical_not(alike)
        if self.remove_diagonal:
            alike = ops.logical_and(alike, ~np.eye(y_true.shape[-1], dtype=bool))
        near = self.gamma * ops.maximum(distance + self.margin, 0.0) * (distance - self.margin)
        far = self.gamma * ops.maximum(1.0 + self.margin - distance, 0.0) * (1.0 - self.margin - distance)
        total = ops.logsumexp(ops.where(alike, near, -np.inf), -1) + ops.logsumexp(ops.where(others, far, -np.inf), -1)
        return ops.softplus(total)
