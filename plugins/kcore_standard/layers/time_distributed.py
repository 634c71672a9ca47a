"""TimeDistributed: one layer for every step of sequences."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Layer
from kcore.plugin import register


@register("layers", "time_distributed")
class TimeDistributed(Layer):
    """The same layer on every step, as if the steps of all sequences were one batch.

    Args:
        layer: takes (batch, ...) and gives one array.

    Call arguments:
        x: shape (batch, steps, ...).

    Returns:
        Shape (batch, steps, ...), as the layer gives.

    >>> import numpy as np
    >>> from kcore.layers import Dense, TimeDistributed
    >>> TimeDistributed(Dense(3))(np.ones((2, 5, 4))).shape
    (2, 5, 3)
    """

    layer: Layer = attrs.field(validator=attrs.validators.instance_of(Layer))

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the layer for one step."""
        if len(input_shape) < 3:
            raise ValueError(
                f"Layer '{self.label}' takes sequences of shape (batch, steps, ...), at least three axes; "
                f"got {input_shape}."
            )
        self.layer.compute_output_shape((None, *input_shape[2:]))

    def call(self, x: Any) -> Any:
        """The layer's outputs."""
        y = self.layer(ops.reshape(x, (x.shape[0] * x.shape[1], *x.shape[2:])))
        return ops.reshape(y, (*x.shape[:2], *y.shape[1:]))
