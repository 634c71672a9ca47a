"""Adamax: Adam with the largest gradient, which fades, in place of the mean of squares."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, floored, number, rate_field
from kcore.plugin import register


@register("optimizers", "adamax")
class Adamax(Optimizer):
    """m' = beta_1 m + (1 - beta_1) g, u' = max(beta_2 u, |g|), and w - rate / (1 - beta_1^t) m' / (u' + epsilon).

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, section 7.1; epsilon as in Keras.

    Args:
        learning_rate: how far a step goes.
        beta_1: how much of the mean of gradients is kept from step to step.
        beta_2: how much of the largest gradient is kept.
        epsilon: keeps the division finite.
    """

    floored = frozenset({"norm"})

    learning_rate: Any = rate_field(0.002)
    beta_1: float = attrs.field(default=0.9, validator=number(0, below=1))
    beta_2: float = attrs.field(default=0.999, validator=number(0, below=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())

    def init(self, param: Any) -> dict[str, Any]:
        """The running mean and the fading maximum."""
        return {"momentum": ops.zeros_like(param), "norm": ops.zeros_like(param)}

    def scalars(self, step: Any, state: Any) -> tuple[Any, Any]:
        """The correction of the learning rate."""
        return {"correction": 1 / (1 - self.beta_1**step)}, state

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any, scalars: Any) -> tuple[Any, Any]:
        """One step."""
        momentum = slots["momentum"] * self.beta_1 + grad * (1 - self.beta_1)
        norm = ops.maximum(slots["norm"] * self.beta_2, ops.abs(floored(grad)))
        alpha = learning_rate * scalars["correction"]
        return param - momentum * alpha / (norm + self.epsilon), {"momentum": momentum, "norm": norm}
