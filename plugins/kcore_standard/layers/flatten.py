"""Flatten: all axes but the batch's become one."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.interfaces import Layer
from kcore.plugin import register


@register("layers", "flatten")
class Flatten(Layer):
    """From (batch, a, b, ...) to (batch, a * b * ...)."""

    def call(self, x: Any) -> Any:
        """The same elements in row-major order."""
        width = 1
        for n in x.shape[1:]:
            width *= n
        return ops.reshape(x, (x.shape[0], width))
