"""Input: says what a model takes."""

from __future__ import annotations

from typing import Any

from kcore.interfaces import Layer
from kcore.plugin import register


@register("layers", "input")
class Input(Layer):
    """The first entry of a Sequential, in place of `input_shape` at its first layer.

    Args:
        shape: of one sample, without the batch.
    """

    shape: tuple[int, ...] = ()

    def __attrs_post_init__(self) -> None:
        self.input_shape = tuple(self.shape)

    def call(self, x: Any) -> Any:
        """x itself."""
        return x
