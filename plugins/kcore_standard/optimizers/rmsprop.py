"""RMSprop: steps scaled by a running mean of squared gradients."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, floored, number, rate_field
from kcore.plugin import register


@register("optimizers", "rmsprop")
class RMSprop(Optimizer):
    """v' = rho * v + (1 - rho) * g^2 and w - s, of the step s = rate * g / sqrt(v' + epsilon).

    With momentum w - m' where m' = momentum * m + s. Centered, with the mean a' = rho * a + (1 - rho) * g, the variance
    v' - a'^2 takes the place of v' in s.

    Source: Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012; centered: Graves, Generating
    Sequences With Recurrent Neural Networks, 2013, equations 38 to 45; epsilon as in Keras.

    Args:
        learning_rate: how far a step goes.
        rho: how much of the means is kept from step to step, from 0 to 1.
        momentum: how much of the last step is kept.
        epsilon: keeps the division finite.
        centered: whether steps are scaled by the variance of gradients instead of their mean square.
    """

    floored = frozenset({"velocity"})

    learning_rate: Any = rate_field(0.001)
    rho: float = attrs.field(default=0.9, validator=number(0, most=1))
    momentum: float = attrs.field(default=0.0, validator=number(0, most=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())
    centered: bool = False

    def init(self, param: Any) -> dict[str, Any]:
        """The running mean of squares, and what else the options need."""
        names = ["velocity"] + ["momentum"] * (self.momentum > 0) + ["average_gradient"] * self.centered
        return {name: ops.zeros_like(param) for name in names}

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any) -> tuple[Any, Any]:
        """One step."""
        new = {"velocity": slots["velocity"] * self.rho + ops.square(floored(grad)) * (1 - self.rho)}
        scale = new["velocity"]
        if self.centered:
            new["average_gradient"] = slots["average_gradient"] * self.rho + grad * (1 - self.rho)
            scale = scale - ops.square(new["average_gradient"])
        step = grad * learning_rate / ops.sqrt(scale + self.epsilon)
        if self.momentum > 0:
            step = new["momentum"] = slots["momentum"] * self.momentum + step
        return param - step, new
