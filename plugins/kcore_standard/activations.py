"""Activations: functions between layers. What is no more than its function of kcore.ops is listed at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable
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
def softmax(x: Any, axis: int = -1) -> Any:
    """e^x / sum(e^x) along `axis`: positive numbers with sum 1."""
    return ops.softmax(x, axis)


@register("activations", "tanh")
def tanh(x: Any) -> Any:
    """The hyperbolic tangent, between -1 and 1."""
    return ops.tanh(x)


@register("activations", "exponential")
def exponential(x: Any) -> Any:
    """e to the power of x."""
    return ops.exp(x)


@register("activations", "gelu")
def gelu(x: Any, approximate: bool = False) -> Any:
    """x times the share of normal numbers below x: Hendrycks and Gimpel, 2016.

    Args:
        x: numbers.
        approximate: whether by tanh, as in `ops.gelu` where nothing is said, or by the error function.
    """
    return ops.gelu(x, approximate)


def _registered(function: Callable[..., Any], *aliases: str) -> Callable[..., Any]:
    """A function of kcore.ops as an activation of the same name."""

    @functools.wraps(function)
    def activation(x: Any, *args: Any, **options: Any) -> Any:
        return function(x, *args, **options)

    activation.__module__ = __name__
    return register("activations", function.__name__, aliases=aliases)(activation)


celu = _registered(ops.celu)
elu = _registered(ops.elu)
glu = _registered(ops.glu)
hard_shrink = _registered(ops.hard_shrink)
hard_sigmoid = _registered(ops.hard_sigmoid)
hard_silu = _registered(ops.hard_silu, "hard_swish")
hard_tanh = _registered(ops.hard_tanh)
leaky_relu = _registered(ops.leaky_relu)
log_sigmoid = _registered(ops.log_sigmoid)
log_softmax = _registered(ops.log_softmax)
mish = _registered(ops.mish)
relu6 = _registered(ops.relu6)
selu = _registered(ops.selu)
silu = _registered(ops.silu, "swish")
soft_shrink = _registered(ops.soft_shrink)
softplus = _registered(ops.softplus)
softsign = _registered(ops.softsign)
sparse_plus = _registered(ops.sparse_plus)
sparse_sigmoid = _registered(ops.sparse_sigmoid)
sparsemax = _registered(ops.sparsemax)
squareplus = _registered(ops.squareplus)
tanh_shrink = _registered(ops.tanh_shrink)
