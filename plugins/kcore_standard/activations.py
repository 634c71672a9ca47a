"""Activations: elementwise functions between layers, and softmax."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.plugin import register


@register("activations", "linear")
def linear(x: Any) -> Any:
    """x itself."""
    return x


@register("activations", "relu")
def relu(x: Any) -> Any:
    """max(x, 0): Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, 2010."""
    return ops.relu(x)


@register("activations", "sigmoid")
def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), between 0 and 1."""
    return ops.sigmoid(x)


@register("activations", "softmax")
def softmax(x: Any) -> Any:
    """e^x / sum(e^x) along the last axis: positive numbers with sum 1."""
    return ops.softmax(x)


@register("activations", "tanh")
def tanh(x: Any) -> Any:
    """The hyperbolic tangent, between -1 and 1."""
    return ops.tanh(x)
