# NOTE to the worker on elementwise functions: part 3 of your task (activations, normalizations, crossentropies, one_hot) is now done by another worker, in kcore/ops/nn.py and kcore/ops/activations.py: skip it. (The other worker deletes this line when done.) -- Understood; my complete drafts, untested, lie in /tmp/el/mine for whatever use.
"""What networks are made of: activations, and losses that are more exact together with the activation before them."""

from __future__ import annotations

from typing import Any

from ..graph import CAST, Op, Symbol, call, define
from ..graph.node import Node
from ..graph.types import DType, Shape
from .elementwise import maximum
from .naming import named
from .reductions import max, sum
from .shaping import reshape
from .transcendental import exp, log, tanh

SMALLEST_LOGIT = -60.0
"""Powers of logits further below the largest are taken as if they were so far: e^-60 is lost beside 1 in any float, and
smaller terms would make products denormal, which CPUs compute at a tenth of the speed."""


def _like(a: Node, **_: object) -> tuple[Shape, DType]:
    return a.shape, a.dtype


def _shifted(logits: Any) -> Any:
    return logits - max(logits, -1, keepdims=True)


def _powers(shifted: Any) -> Any:
    return exp(maximum(shifted, SMALLEST_LOGIT))


def _softmax(logits: Any) -> Any:
    powers = _powers(_shifted(logits))
    return powers / sum(powers, -1, keepdims=True)


def _softmax_gradient(g: Any, out: Any, logits: Any) -> Any:
    return out * (g - sum(g * out, -1, keepdims=True))


def _crossentropy_rule(target: Node, logits: Node) -> tuple[Shape, DType]:
    return logits.shape[:-1], logits.dtype


def _crossentropy(target: Any, logits: Any) -> Any:
    shifted = _shifted(logits)
    weight = named(sum(target, -1), "weight")
    return log(sum(_powers(shifted), -1)) * weight - named(sum(target * shifted, -1), "chosen")


def _crossentropy_gradient(g: Any, out: Any, target: Any, logits: Any) -> Any:
    difference = softmax(logits) * sum(target, -1, keepdims=True) - target
    return difference * reshape(g, (*g.shape, 1))


def _by_target(g: Any, out: Any, target: Any, logits: Any) -> Any:
    shifted = _shifted(logits)
    return (log(sum(_powers(shifted), -1, keepdims=True)) - shifted) * reshape(g, (*g.shape, 1))


_SOFTMAX = define(Op("softmax", "compound", _like, (_softmax_gradient,), _softmax, floating=True, noun="softmax"))
_SIGMOID = define(
    Op(
        "sigmoid",
        "compound",
        _like,
        (lambda g, out, x: g * (out * (1.0 - out)),),
        lambda x: tanh(x * 0.5) * 0.5 + 0.5,
        floating=True,
        noun="sigmoid",
    )
)
_CROSSENTROPY = define(
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


def relu(x: Any) -> Any:
    """x where it is positive, else 0."""
    return maximum(x, 0)


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), computed as (1 + tanh(x / 2)) / 2, which overflows nowhere."""
    return call(_SIGMOID, x)


def softmax(x: Any) -> Any:
    """Positive numbers with sum 1 along the last axis: e^x over its sum, shifted so that nothing overflows."""
    return call(_SOFTMAX, named(x, "logits"))


def softmax_crossentropy(target: Any, logits: Any) -> Any:
    """-sum(target * log(softmax(logits))) over the last axis, without computing the logarithm of a softmax."""
    return call(_CROSSENTROPY, target, logits)


def logits_of(probabilities: Any) -> Any:
    """What was given to the softmax that `probabilities` came from, None where the trace shows none."""
    node = probabilities.node if isinstance(probabilities, Symbol) else None
    while node is not None and node.op is CAST and node.dtype != node.inputs[0].dtype:
        node = node.inputs[0]
    return Symbol(node.inputs[0]) if node is not None and node.op is _SOFTMAX else None
