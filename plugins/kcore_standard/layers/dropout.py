"""Dropout: in training, some inputs are left out at random."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Layer, number
from kcore.plugin import register


@register("layers", "dropout")
class Dropout(Layer):
    """Each input is 0 with probability `rate` in training, and the others are scaled by 1 / (1 - rate).

    The same seed leaves out the same inputs on every backend. Source: Srivastava et al., Dropout: A Simple Way to
    Prevent Neural Networks from Overfitting, JMLR 2014.

    Args:
        rate: the share that is left out, at least 0 and below 1.

    Call arguments:
        x: of any shape.
        training: whether anything is left out.

    Returns:
        The shape of x.
    """

    rate: float = attrs.field(validator=number(0, below=1))

    def call(self, x: Any, training: bool = False) -> Any:
        """x, times a mask if this is training."""
        if not training or self.rate == 0:
            return x
        return x * ops.dropout_mask(x.shape, self.rate, self.stream, x.dtype)
