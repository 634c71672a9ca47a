"""Lamb: Adam's direction, in steps as long as the weights of a tensor are."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, floored, number, rate_field
from kcore.plugin import register


@register("optimizers", "lamb")
class Lamb(Optimizer):
    """w - rate * |w| / |d| * d with Adam's d = m' / (1 - beta_1^t) / (sqrt(v' / (1 - beta_2^t)) + epsilon).

    The norms are those of a whole tensor; where one is 0, their ratio counts as 1.

    Source: You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, ICLR 2020, algorithm 2,
    its function of the norm the norm itself, without its weight decay, which is that of all optimizers here.

    Args:
        learning_rate: how far a step goes, as a part of the norm of the weights.
        beta_1: how much of the mean of gradients is kept from step to step.
        beta_2: how much of the mean of squares is kept.
        epsilon: keeps the division finite.
    """

    elementwise = False
    floored = frozenset({"velocity"})

    learning_rate: Any = rate_field(0.001)
    beta_1: float = attrs.field(default=0.9, validator=number(0, below=1))
    beta_2: float = attrs.field(default=0.999, validator=number(0, below=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())

    def init(self, param: Any) -> dict[str, Any]:
        """The running means."""
        return {"momentum": ops.zeros_like(param), "velocity": ops.zeros_like(param)}

    def scalars(self, step: Any, state: Any) -> tuple[Any, Any]:
        """The corrections of means that begin at 0."""
        return {"momentum": 1 / (1 - self.beta_1**step), "velocity": 1 / (1 - self.beta_2**step)}, state

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any, scalars: Any) -> tuple[Any, Any]:
        """One step."""
        momentum = slots["momentum"] * self.beta_1 + grad * (1 - self.beta_1)
        velocity = slots["velocity"] * self.beta_2 + ops.square(floored(grad)) * (1 - self.beta_2)
        step = momentum * scalars["momentum"] / (ops.sqrt(velocity * scalars["velocity"]) + self.epsilon)
        weights, length = (ops.sqrt(ops.sum(ops.square(a))) for a in (param, step))
        both = ops.logical_and(weights > 0, length > 0)
        ratio = ops.where(both, weights / ops.where(both, length, 1.0), 1.0)
        return param - step * (learning_rate * ratio), {"momentum": momentum, "velocity": velocity}
