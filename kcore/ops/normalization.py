"""Normalization: numbers shifted and scaled by statistics of their neighbours."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..graph.types import is_float
from ..graph.where import users_line
from .axes import axes, dtype_of, shape_of
from .elementwise import abs, add, divide, maximum, multiply, pow, square, subtract
from .nn import EPSILON
from .reductions import Axis, max, sum
from .reductions import mean as averaged
from .shaping import cast, reshape
from .statistics import var
from .transcendental import rsqrt


def _floats(x: Any) -> Any:
    return x if is_float(dtype_of(x)) else cast(x, "float32")


def normalize(x: Any, axis: Axis = -1, order: float = 2, epsilon: float = EPSILON) -> Any:
    """x over its norm along `axis`: the root of this order of the sum of its powers.

    Args:
        x: numbers.
        axis: one or several axes, whose elements are one vector.
        order: of the norm, from 1 to infinity.
        epsilon: what a norm is at least, so that zeros stay zeros; there the gradient is 1 / epsilon.

    Raises:
        ValueError: the order is less than 1.
    """
    if not order >= 1:
        raise ValueError(f"{users_line()}ops.normalize takes an order from 1 up, got {order!r}.")
    x = _floats(x)
    if order == 2:
        return multiply(x, rsqrt(maximum(sum(square(x), axis, keepdims=True), epsilon**2)))
    sizes = abs(x)
    if order == math.inf:
        return divide(x, maximum(max(sizes, axis, keepdims=True), epsilon))
    total = sum(sizes if order == 1 else pow(sizes, float(order)), axis, keepdims=True)
    return divide(x, maximum(total, epsilon) if order == 1 else pow(maximum(total, epsilon**order), 1 / order))


def _beside(weights: Any, shape: tuple[int, ...], axis: int | Iterable[int]) -> Any:
    """Weights for some axes, so that they broadcast along the others; those of all axes do so already."""
    if len(shape_of(weights)) in (0, len(shape)):
        return weights
    over = axes(axis, len(shape))
    return reshape(weights, [n if i in over else 1 for i, n in enumerate(shape)])


def batch_normalization(
    x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
) -> Any:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset: Ioffe and Szegedy, Batch Normalization, 2015.

    Args:
        x: numbers.
        mean: a vector along `axis`, as are the others; or of as many axes as x.
        variance: of x.
        axis: which tells apart what is normalized by itself, mostly the channels.
        offset: what is added, None for 0.
        scale: by what is multiplied, None for 1.
        epsilon: what is added to the variance.

    Raises:
        ValueError: a vector is not as long as the axis.
    """
    factor = rsqrt(add(_beside(variance, shape_of(x), axis), epsilon))
    factor = factor if scale is None else multiply(factor, _beside(scale, shape_of(x), axis))
    out = multiply(subtract(x, _beside(mean, shape_of(x), axis)), factor)
    return out if offset is None else add(out, _beside(offset, shape_of(x), axis))


def layer_normalization(
    x: Any, gamma: Any = None, beta: Any = None, axis: int | Iterable[int] = -1, epsilon: float = EPSILON
) -> Any:
    """x with mean 0 and variance 1 over `axis`, times `gamma`, plus `beta`: Ba et al., Layer Normalization, 2016.

    Args:
        x: numbers.
        gamma: of the lengths of these axes, or of as many axes as x; None for 1.
        beta: the same; None for 0.
        axis: one or several axes.
        epsilon: what is added to the variance.

    Raises:
        ValueError: gamma or beta does not fit the axes.
    """
    centred = subtract(x, averaged(x, axis, keepdims=True))
    out = multiply(centred, rsqrt(add(var(x, axis, keepdims=True), epsilon)))
    out = out if gamma is None else multiply(out, _beside(gamma, shape_of(x), axis))
    return out if beta is None else add(out, _beside(beta, shape_of(x), axis))


def rms_normalization(x: Any, scale: Any = None, axis: int | Iterable[int] = -1, epsilon: float = EPSILON) -> Any:
    """x over the root of the mean of its squares over `axis`, times `scale`: Zhang and Sennrich, 2019.

    Args:
        x: numbers.
        scale: of the lengths of these axes, or of as many axes as x; None for 1.
        axis: one or several axes.
        epsilon: what is added to the mean square.

    Raises:
        ValueError: the scale does not fit the axes.
    """
    x = _floats(x)
    out = multiply(x, rsqrt(add(averaged(square(x), axis, keepdims=True), epsilon)))
    return out if scale is None else multiply(out, _beside(scale, shape_of(x), axis))
