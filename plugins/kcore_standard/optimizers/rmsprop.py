"""RMSprop: steps scaled by a running mean of squared gradients."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, number
from kcore.plugin import register


@register("optimizers", "rmsprop")
class RMSprop(Optimizer):
    """v' = rho * v + (1 - rho) * g^2 and w - rate * g / sqrt(v' + epsilon).

    Source: Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012; epsilon as in Keras.

    Args:
        learning_rate: how far a step goes.
        rho: how much of the mean is kept from step to step, from 0 to 1.
        epsilon: keeps the division finite.
    """

    learning_rate: float = attrs.field(default=0.001, converter=float, validator=number())
    rho: float = attrs.field(default=0.9, validator=number(0, most=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())

    def init(self, param: Any) -> dict[str, Any]:
        """The running mean of squares."""
        return {"velocity": ops.zeros_like(param)}

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any) -> tuple[Any, Any]:
        """One step."""
        velocity = slots["velocity"] * self.rho + ops.square(grad) * (1 - self.rho)
        return param - grad * learning_rate / ops.sqrt(velocity + self.epsilon), {"velocity": velocity}
