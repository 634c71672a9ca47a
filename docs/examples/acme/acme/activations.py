"""Activations."""

from kcore import ops
from kcore.plugin import register


@register("activations", "bent")
def bent(x):
    """(sqrt(x^2 + 1) - 1) / 2 + x."""
    return (ops.sqrt(ops.square(x) + 1.0) - 1.0) * 0.5 + x
