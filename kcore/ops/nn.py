"""Shares of a whole, and crossentropies, which are more exact together with the activation that gave the shares."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from ..graph import CAST, Op, Symbol, call, define
from ..graph.node import Node
from ..graph.types import DType, Shape, is_float
from ..graph.where import users_line
from .activations import sigmoid
from .atoms import elementwise
from .axes import axes, dtype_of, kept, shape_of
from .creation import arange
from .cumulative import cumulative_sum
from .elementwise import (
    abs,
    add,
    clip,
    divide,
    equal,
    greater,
    maximum,
    multiply,
    negative,
    subtract,
    where,
)
from .encoding import one_hot
from .naming import named
from .reductions import max, rest, sum
from .shaping import cast, reshape, squeeze
from .sorting import sort
from .transcendental import exp, log, log1p

EPSILON = 1e-7
"""How far probabilities that do not come from logits are kept from 0 and 1, as in Keras."""
SMALLEST_LOGIT = -60.0
"""Powers of logits further below the largest are taken as if they were so far: e^-60 is lost beside 1 in any float, and
smaller terms would make products denormal, which CPUs compute at a tenth of the speed."""

Axes = tuple[int, ...]


def _like(a: Node, **_: object) -> tuple[Shape, DType]:
    return a.shape, a.dtype


def _shifted(logits: Any, axis: Axes) -> Any:
    return logits - max(logits, axis, keepdims=True)


def _powers(shifted: Any) -> Any:
    return exp(maximum(shifted, SMALLEST_LOGIT))


def _softmax(logits: Any, *, axis: Axes) -> Any:
    powers = _powers(_shifted(logits, axis))
    return powers / sum(powers, axis, keepdims=True)


def _softmax_gradient(g: Any, out: Any, logits: Any, *, axis: Axes) -> Any:
    return out * (g - sum(g * out, axis, keepdims=True))


def _log_softmax(logits: Any, *, axis: Axes) -> Any:
    shifted = _shifted(logits, axis)
    return shifted - log(sum(_powers(shifted), axis, keepdims=True))


def _log_softmax_gradient(g: Any, out: Any, logits: Any, *, axis: Axes) -> Any:
    return g - exp(maximum(out, SMALLEST_LOGIT)) * sum(g, axis, keepdims=True)


def _sparsemax(x: Any, *, axis: Axes) -> Any:
    (along,) = axis
    z = x - max(x, axis, keepdims=True)
    falling = sort(z, along, descending=True)
    above = cumulative_sum(falling, along) - 1.0
    n = x.shape[along]
    ranks = reshape(arange(1, n + 1), [n if i == along else 1 for i in range(len(x.shape))])
    support = greater(falling * ranks, above)
    taken = sum(where(support, falling, 0.0), axis, keepdims=True) - 1.0
    return maximum(z - taken / sum(cast(support, x.dtype), axis, keepdims=True), 0.0)


def _sparsemax_gradient(g: Any, out: Any, x: Any, *, axis: Axes) -> Any:
    """Those above 0 give back what differs from their mean."""
    above = greater(out, 0.0)
    mean = sum(where(above, g, 0.0), axis, keepdims=True) / sum(cast(above, out.dtype), axis, keepdims=True)
    return where(above, g - mean, 0.0)


def _crossentropy_rule(target: Node, logits: Node, *, axis: Axes) -> tuple[Shape, DType]:
    return rest(logits.shape, axis), logits.dtype


def _crossentropy(target: Any, logits: Any, *, axis: Axes) -> Any:
    shifted = _shifted(logits, axis)
    weight = named(sum(target, axis), "weight")
    return log(sum(_powers(shifted), axis)) * weight - named(sum(target * shifted, axis), "chosen")


def _crossentropy_gradient(g: Any, out: Any, target: Any, logits: Any, *, axis: Axes) -> Any:
    difference = softmax(logits, axis) * sum(target, axis, keepdims=True) - target
    return difference * reshape(g, kept(logits.shape, axis))


def _by_target(g: Any, out: Any, target: Any, logits: Any, *, axis: Axes) -> Any:
    shifted = _shifted(logits, axis)
    return (log(sum(_powers(shifted), axis, keepdims=True)) - shifted) * reshape(g, kept(logits.shape, axis))


def _sigmoid_error(target: Any, logits: Any) -> Any:
    """sigmoid(logits) - target, as a sum of shares of both classes: where it is near 0 it keeps its digits."""
    power, positive = _powers(-abs(logits)), greater(logits, 0.0)
    hit, miss = where(positive, power, 1.0), where(positive, 1.0, power)
    return ((1.0 - target) * miss - target * hit) / (power + 1.0)


_SOFTMAX = define(Op("softmax", "compound", _like, (_softmax_gradient,), _softmax, floating=True, noun="softmax"))
_LOG_SOFTMAX = define(
    Op("log_softmax", "compound", _like, (_log_softmax_gradient,), _log_softmax, floating=True, noun="log_softmax")
)
_SPARSEMAX = define(
    Op("sparsemax", "compound", _like, (_sparsemax_gradient,), _sparsemax, floating=True, noun="sparsemax")
)
_SOFTMAX_CROSSENTROPY = define(
    Op(
        "softmax_crossentropy",
        "compound",
        _crossentropy_rule,
        (_by_target, _crossentropy_gradient),
        _crossentropy,
        floating=True,
        noun="crossentropy",
    )
)
_SIGMOID_ERROR = define(
    Op(
        "sigmoid_error",
        "compound",
        elementwise("sigmoid_error"),
        (lambda g, out, target, logits: -g, lambda g, out, target, logits: g * (sigmoid(logits) * sigmoid(-logits))),
        _sigmoid_error,
        floating=True,
        noun="error",
    )
)
_SIGMOID_CROSSENTROPY = define(
    Op(
        "sigmoid_crossentropy",
        "compound",
        elementwise("sigmoid_crossentropy"),
        (
            lambda g, out, target, logits: -g * logits,
            lambda g, out, target, logits: g * call(_SIGMOID_ERROR, target, logits),
        ),
        lambda target, logits: (maximum(logits, 0.0) - target * logits) + log1p(_powers(-abs(logits))),
        floating=True,
        noun="crossentropy",
    )
)


# shares


def softmax(x: Any, axis: int | Iterable[int] = -1) -> Any:
    """Positive numbers with sum 1 along `axis`, one or several: e^x over its sum, shifted so that nothing overflows."""
    return call(_SOFTMAX, named(x, "logits"), axis=axes(axis, len(shape_of(x))))


def log_softmax(x: Any, axis: int | Iterable[int] = -1) -> Any:
    """The logarithm of the softmax along `axis`, one or several: exact where the softmax is near 0, too."""
    return call(_LOG_SOFTMAX, x, axis=axes(axis, len(shape_of(x))))


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The numbers with sum 1, none of them negative, that lie nearest to x along `axis`: Martins and Astudillo, 2016.

    What is 0 has the gradient 0.
    """
    return call(_SPARSEMAX, x, axis=axes(operator.index(axis), len(shape_of(x))))


# crossentropies


def softmax_crossentropy(target: Any, logits: Any, axis: int = -1) -> Any:
    """-sum(target * log(softmax(logits))) over `axis`, without computing the logarithm of a softmax.

    Raises:
        ValueError: the shapes differ.
    """
    _same_shape("softmax_crossentropy", target, logits)
    return call(_SOFTMAX_CROSSENTROPY, target, logits, axis=axes(operator.index(axis), len(shape_of(logits))))


def logits_of(probabilities: Any, activation: str = "softmax", axis: int = -1) -> Any:
    """What was given to the activation that `probabilities` came from, None where the trace shows none.

    Args:
        probabilities: a symbol.
        activation: "softmax" or "sigmoid".
        axis: along which a softmax must have been.
    """
    node = probabilities.node if isinstance(probabilities, Symbol) else None
    shaped = activation == "sigmoid"  # element by element, in any shape
    while node is not None and (
        (node.op is CAST and node.dtype != node.inputs[0].dtype) or (shaped and node.op.name == "reshape")
    ):
        node = node.inputs[0]
    if node is None or node.op.name != activation or activation not in ("softmax", "sigmoid"):
        return None
    if activation == "softmax" and node.option("axis") != axes(axis, len(node.shape)):
        return None
    return reshape(Symbol(node.inputs[0]), probabilities.shape)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """-(target * log(p) + (1 - target) * log(1 - p)) for each element.

    Probabilities that come straight from a sigmoid are replaced by its logits, which loses no digits; others are held
    between 1e-7 and 1 - 1e-7.

    Args:
        target: probabilities, mostly 0 and 1.
        output: probabilities p of the same shape, or logits of them.
        from_logits: whether `output` has not been through a sigmoid.

    Raises:
        ValueError: the shapes differ.
    """
    _same_shape("binary_crossentropy", target, output)
    logits = output if from_logits else logits_of(output, "sigmoid")
    if logits is not None:
        return call(_SIGMOID_CROSSENTROPY, target, logits)
    p = clip(output, EPSILON, 1.0 - EPSILON)
    hit, miss = multiply(target, log(p)), multiply(subtract(1, target), log(subtract(1.0, p)))
    return negative(add(hit, miss))


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """-sum(target * log(p)) over `axis`, for probabilities p that are scaled to sum 1 there.

    Probabilities that come straight from a softmax are replaced by its logits, which loses no digits; others are held
    between 1e-7 and 1 - 1e-7.

    Args:
        target: probabilities, mostly one-hot.
        output: probabilities p of the same shape, or logits of them.
        from_logits: whether `output` has not been through a softmax.
        axis: the axis of the classes.

    Raises:
        ValueError: the shapes differ.
    """
    _same_shape("categorical_crossentropy", target, output)
    logits = output if from_logits else logits_of(output, axis=axis)
    if logits is not None:
        return softmax_crossentropy(target, logits, axis)
    total = sum(output, axis, keepdims=True)
    shares = clip(divide(output, where(equal(total, 0.0), 1.0, total)), EPSILON, 1.0 - EPSILON)  # zeros stay zeros
    return negative(sum(multiply(target, log(shares)), axis))


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """The categorical crossentropy of targets that are given as the indices of their classes.

    Args:
        target: integers, of the shape of `output` without `axis`, or with 1 at the last axis.
        output: probabilities, or logits of them.
        from_logits: whether `output` has not been through a softmax.
        axis: the axis of the classes.

    Raises:
        ValueError: the shapes do not fit.
    """
    shape = shape_of(output)
    (along,) = axes(axis, len(shape))
    given = shape_of(target)
    target = squeeze(target, -1) if len(given) == len(shape) and given[-1] == 1 else target
    if shape_of(target) != (*shape[:along], *shape[along + 1 :]):
        raise ValueError(
            f"{users_line()}ops.sparse_categorical_crossentropy takes a class for each row along axis {along} of shape "
            f"{shape}, got targets of shape {given}. One-hot targets are for ops.categorical_crossentropy."
        )
    dtype = dtype_of(output) if is_float(dtype_of(output)) else "float32"
    return categorical_crossentropy(one_hot(target, shape[along], along, dtype), output, from_logits, axis)


def _same_shape(what: str, target: Any, output: Any) -> None:
    if shape_of(target) != shape_of(output):
        raise ValueError(
            f"{users_line()}ops.{what} compares arrays of one shape, got {shape_of(target)} and {shape_of(output)}."
        )
