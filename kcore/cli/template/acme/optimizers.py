"""Optimizers."""

from typing import Any

from kcore import ops
from kcore.interfaces import Optimizer, rate_field
from kcore.plugin import register


@register("optimizers", "signs")
class Signs(Optimizer):
    """w - rate * sign(v), where v' = memory * v + (1 - memory) * g.

    Args:
        learning_rate: how far a step goes.
        memory: how much of v is kept, from 0 to 1.
    """

    learning_rate: Any = rate_field(0.001)
    memory: float = 0.9

    def init(self, param):
        """What is kept between steps for each weight."""
        return {"mean": ops.zeros_like(param)}

    def update(self, param, grad, slots, learning_rate):
        """The weight after a step, and what is kept."""
        mean = slots["mean"] * self.memory + grad * (1.0 - self.memory)
        return param - ops.sign(mean) * learning_rate, {"mean": mean}
