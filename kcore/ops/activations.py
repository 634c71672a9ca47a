"""Activations: functions of single numbers between layers. At infinity they and their gradients are their limits."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from ..graph import Op, call, define
from ..graph.node import GradientRule
from ..graph.where import users_line
from .atoms import elementwise
from .axes import axes, shape_of
from .elementwise import (
    abs,
    add,
    clip,
    divide,
    greater,
    less,
    less_equal,
    maximum,
    minimum,
    multiply,
    negative,
    square,
    subtract,
    where,
)
from .joining import split
from .special import erf
from .transcendental import exp, expm1, hypot, log1p, tanh

FAR = 60.0
"""A gate is shut at -FAR, to e^-60 at least, and open at FAR: beyond it x counts as if it were there, since products of
0 and infinity would be NaN."""
HUGE = 1e30


def _compound(name: str, gradient: GradientRule, lowering: Callable[..., Any]) -> Op:
    return define(Op(name, "compound", elementwise(name), (gradient,), lowering, floating=True, noun=name))


def _gated(name: str, gate: Callable[[Any], Any], slope: Callable[[Any, Any], Any]) -> Op:
    """x times a gate that goes from 0 to 1; the slope of the gate is made of x and the gate."""

    def gradient(g: Any, out: Any, x: Any) -> Any:
        near = clip(x, -FAR, FAR)
        opened = gate(near)
        return g * (opened + near * slope(near, opened))

    def lowering(x: Any) -> Any:
        low = maximum(x, -FAR)
        return low * gate(minimum(low, FAR))  # the gate that the gradient reads, too, so that it is computed once

    return _compound(name, gradient, lowering)


def _above(out: Any, x: Any, slope: float) -> Any:
    """Whether x is above 0: told from `out`, if it is of the same sign, so that x may be overwritten."""
    return greater(out if slope >= 0 else x, 0.0)


def _elu_gradient(g: Any, out: Any, x: Any, *, alpha: float, width: float) -> Any:
    if alpha == width > 0:
        return g * (minimum(out, 0.0) / width + 1.0)
    low = minimum(out, 0.0) if alpha >= 0 else out
    return where(_above(out, x, alpha), g, g * ((low + alpha) / width))


def _squareplus(x: Any, *, b: float) -> Any:
    """(x + sqrt(x^2 + b)) / 2, and below 0 as b / 4 over that of -x: the difference would have no digits left."""
    large = (abs(x) + hypot(x, math.sqrt(b))) * 0.5
    return where(greater(x, 0.0), large, b / 4 / large)


_SIGMOID = _compound("sigmoid", lambda g, out, x: g * (out * (1.0 - out)), lambda x: tanh(x * 0.5) * 0.5 + 0.5)
_SOFTPLUS = _compound("softplus", lambda g, out, x: g * sigmoid(x), lambda x: maximum(x, 0.0) + log1p(exp(-abs(x))))
_LEAKY_RELU = _compound(
    "leaky_relu",
    lambda g, out, x, *, slope: where(_above(out, x, slope), g, g * slope),
    lambda x, *, slope: maximum(x, 0.0) + minimum(x, 0.0) * slope,
)
_ELU = _compound(
    "elu",
    _elu_gradient,
    lambda x, *, alpha, width: maximum(x, 0.0) + expm1(minimum(x, 0.0) / width) * alpha,
)
_SQUAREPLUS = _compound("squareplus", lambda g, out, x, *, b: g / (b / 4 / square(out) + 1.0), _squareplus)
_SILU = _gated("silu", lambda x: sigmoid(x), lambda x, gate: gate * (1.0 - gate))
_MISH = _gated("mish", lambda x: tanh(softplus(x)), lambda x, gate: (1.0 - square(gate)) * sigmoid(x))
_GELU = _gated(
    "gelu",
    lambda x: erf(x * math.sqrt(0.5)) * 0.5 + 0.5,
    lambda x, gate: exp(square(x) * -0.5) * (0.5 / math.pi) ** 0.5,
)
_GELU_TANH = _gated(
    "gelu_tanh",
    lambda x: tanh(x * (square(x) * 0.044715 + 1.0) * math.sqrt(2 / math.pi)) * 0.5 + 0.5,
    lambda x, gate: gate * (1.0 - gate) * (square(x) * (3 * 0.044715) + 1.0) * math.sqrt(8 / math.pi),
)


# bent at a point


def relu(x: Any) -> Any:
    """x where it is positive, else 0; the gradient at 0 is 0."""
    return maximum(x, 0)


def relu6(x: Any) -> Any:
    """x, but at least 0 and at most 6; the gradient at 0 and 6 is 0."""
    return clip(x, 0, 6)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Any:
    """x where it is positive, else x * negative_slope; the gradient at 0 is `negative_slope`."""
    return call(_LEAKY_RELU, x, slope=float(negative_slope)) if negative_slope else maximum(x, 0.0)


def hard_sigmoid(x: Any) -> Any:
    """x / 6 + 1 / 2, but at least 0 and at most 1; the gradient at -3 and 3 is 0."""
    return clip(add(divide(x, 6.0), 0.5), 0.0, 1.0)


def hard_silu(x: Any) -> Any:
    """x * hard_sigmoid(x); the gradient at -3 is 0, at 3 it is 1: Howard et al., Searching for MobileNetV3, 2019."""
    low = maximum(x, -3.0)
    return multiply(low, minimum(add(divide(low, 6.0), 0.5), 1.0))


def hard_tanh(x: Any) -> Any:
    """x, but at least -1 and at most 1; the gradient at -1 and 1 is 0."""
    return clip(x, -1, 1)


def sparse_sigmoid(x: Any) -> Any:
    """(x + 1) / 2, but at least 0 and at most 1; the gradient at -1 and 1 is 0."""
    return clip(multiply(add(x, 1.0), 0.5), 0.0, 1.0)


def soft_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x moved towards 0 by `threshold`; 0, as is the gradient, where it is not further away."""
    return add(maximum(subtract(x, threshold), 0.0), minimum(add(x, threshold), 0.0))


def hard_shrink(x: Any, threshold: float = 0.5) -> Any:
    """x where it is further from 0 than `threshold`; else 0, as is the gradient."""
    return where(less_equal(abs(x), threshold), 0, x)


def threshold(x: Any, threshold: float, default_value: float) -> Any:
    """x where it is above the threshold, else the default value, where the gradient is 0."""
    return where(less_equal(x, threshold), default_value, x)


# smooth


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), computed as (1 + tanh(x / 2)) / 2, which overflows nowhere."""
    return call(_SIGMOID, x)


def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x)) = -softplus(-x), exact far below 0, too."""
    return negative(softplus(multiply(x, -1.0)))


def softplus(x: Any) -> Any:
    """log(1 + e^x), without overflow."""
    return call(_SOFTPLUS, x)


def squareplus(x: Any, b: float = 4) -> Any:
    """(x + sqrt(x^2 + b)) / 2, for positive b: Barron, Squareplus, 2021."""
    return call(_SQUAREPLUS, x, b=float(b))


def sparse_plus(x: Any) -> Any:
    """0 up to -1, (x + 1)^2 / 4 up to 1, then x."""
    return where(less(x, 1.0), square(sparse_sigmoid(x)), x)


def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    near = clip(x, -HUGE, HUGE)
    return divide(near, add(abs(near), 1.0))


def tanh_shrink(x: Any) -> Any:
    """x - tanh(x)."""
    return subtract(x, tanh(x))


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, else alpha * (e^x - 1); the gradient at 0 is `alpha`: Clevert et al., 2015."""
    return call(_ELU, x, alpha=float(alpha), width=1.0)


def selu(x: Any) -> Any:
    """1.0507 * elu(x, 1.6733), which keeps mean 0 and variance 1: Klambauer et al., 2017."""
    return multiply(elu(x, 1.6732632423543772), 1.0507009873554805)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, else alpha * (e^(x / alpha) - 1), for alpha other than 0: Barron, 2017."""
    return call(_ELU, x, alpha=float(alpha), width=float(alpha))


def silu(x: Any) -> Any:
    """x * sigmoid(x): Ramachandran et al., Searching for Activation Functions, 2017."""
    return call(_SILU, x)


def gelu(x: Any, approximate: bool = True) -> Any:
    """x times the share of normal numbers below x: Hendrycks and Gimpel, 2016.

    Args:
        x: numbers.
        approximate: whether by tanh(sqrt(2 / pi) * (x + 0.044715 x^3)), which is off by up to 5e-4, or by `erf`.
    """
    return call(_GELU_TANH if approximate else _GELU, x)


def mish(x: Any) -> Any:
    """x * tanh(softplus(x)): Misra, 2019."""
    return call(_MISH, x)


def glu(x: Any, axis: int = -1) -> Any:
    """The first half of x along `axis` times the sigmoid of the second: Dauphin et al., 2016.

    Raises:
        ValueError: the axis has an odd length.
    """
    (along,) = axes(operator.index(axis), len(shape_of(x)))
    if shape_of(x)[along] % 2:
        raise ValueError(f"{users_line()}ops.glu halves axis {along}, which has the odd length {shape_of(x)[along]}.")
    value, gate = split(x, 2, along)
    return multiply(value, sigmoid(gate))


swish, hard_swish = silu, hard_silu
