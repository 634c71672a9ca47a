"""Lion: steps of one length, along the signs of a running mean."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, number, rate_field
from kcore.plugin import register


@register("optimizers", "lion")
class Lion(Optimizer):
    """w - rate * sign(beta_1 m + (1 - beta_1) g), then m' = beta_2 m + (1 - beta_2) g.

    Source: Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023.

    Args:
        learning_rate: how far a step goes.
        beta_1: how much of the mean, beside the gradient, says where the step goes.
        beta_2: how much of the mean is kept from step to step.
    """

    learning_rate: Any = rate_field(0.001)
    beta_1: float = attrs.field(default=0.9, validator=number(0, most=1))
    beta_2: float = attrs.field(default=0.99, validator=number(0, most=1))

    def init(self, param: Any) -> dict[str, Any]:
        """The running mean."""
        return {"momentum": ops.zeros_like(param)}

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any) -> tuple[Any, Any]:
        """One step."""
        mean = slots["momentum"]
        step = ops.sign(mean * self.beta_1 + grad * (1 - self.beta_1))
        return param - step * learning_rate, {"momentum": mean * self.beta_2 + grad * (1 - self.beta_2)}
