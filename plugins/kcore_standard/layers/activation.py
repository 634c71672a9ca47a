"""Activation: an activation as a layer of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kcore.interfaces import Layer, get
from kcore.plugin import register


@register("layers", "activation")
class Activation(Layer):
    """An activation, by name or as a function; input and output have the same shape."""

    activation: str | Callable[[Any], Any]

    def __attrs_post_init__(self) -> None:
        get("activations", self.activation)

    def call(self, x: Any) -> Any:
        """activation(x)."""
        return get("activations", self.activation)(x)
