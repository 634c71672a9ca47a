"""Adadelta: steps in the size of former steps over that of former gradients."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, floored, number, rate_field
from kcore.plugin import register


@register("optimizers", "adadelta")
class Adadelta(Optimizer):
    """a' = rho a + (1 - rho) g^2, d = g sqrt((b + epsilon) / (a' + epsilon)), b' = rho b + (1 - rho) d^2, w - rate * d.

    Source: Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012, whose learning rate is 1.

    Args:
        learning_rate: how far a step goes.
        rho: how much of the means of squares is kept from step to step, from 0 to 1.
        epsilon: lets the first steps begin, and keeps the division finite.
    """

    floored = frozenset({"accumulated_grad", "accumulated_delta_var"})

    learning_rate: Any = rate_field(1.0)
    rho: float = attrs.field(default=0.95, validator=number(0, most=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())

    def init(self, param: Any) -> dict[str, Any]:
        """The running means of squares of gradients and of steps."""
        return {"accumulated_grad": ops.zeros_like(param), "accumulated_delta_var": ops.zeros_like(param)}

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any) -> tuple[Any, Any]:
        """One step."""
        gradients = slots["accumulated_grad"] * self.rho + ops.square(floored(grad)) * (1 - self.rho)
        steps = slots["accumulated_delta_var"]
        delta = grad * ops.sqrt(steps + self.epsilon) / ops.sqrt(gradients + self.epsilon)
        steps = steps * self.rho + ops.square(floored(delta)) * (1 - self.rho)
        return param - delta * learning_rate, {"accumulated_grad": gradients, "accumulated_delta_var": steps}
