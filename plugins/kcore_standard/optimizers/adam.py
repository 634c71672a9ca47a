"""Adam: steps along a running mean of gradients, scaled by one of their squares."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, floored, number, rate_field
from kcore.plugin import register


@register("optimizers", "adam")
class Adam(Optimizer):
    """m' = beta_1 m + (1 - beta_1) g, v' = beta_2 v + (1 - beta_2) g^2, and w - alpha m' / (sqrt(v') + epsilon).

    At step t, alpha = rate * sqrt(1 - beta_2^t) / (1 - beta_1^t) corrects for means that begin at 0. With `amsgrad` the
    largest v' so far takes the place of v'.

    Source: Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, its epsilon that of the remark on
    efficiency in section 2; AMSGrad: Reddi et al., On the Convergence of Adam and Beyond, ICLR 2018.

    Args:
        learning_rate: how far a step goes.
        beta_1: how much of the mean of gradients is kept from step to step.
        beta_2: how much of the mean of squares is kept.
        epsilon: keeps the division finite.
        amsgrad: whether the scale never shrinks.
    """

    floored = frozenset({"velocity", "velocity_hat"})

    learning_rate: Any = rate_field(0.001)
    beta_1: float = attrs.field(default=0.9, validator=number(0, below=1))
    beta_2: float = attrs.field(default=0.999, validator=number(0, below=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())
    amsgrad: bool = False

    def init(self, param: Any) -> dict[str, Any]:
        """The running means, and the largest of squares if it is wanted."""
        names = ["momentum", "velocity"] + ["velocity_hat"] * self.amsgrad
        return {name: ops.zeros_like(param) for name in names}

    def scalars(self, step: Any, state: Any) -> tuple[Any, Any]:
        """The correction of the learning rate."""
        return {"correction": ops.sqrt(1 - self.beta_2**step) / (1 - self.beta_1**step)}, state

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any, scalars: Any) -> tuple[Any, Any]:
        """One step."""
        momentum = slots["momentum"] * self.beta_1 + grad * (1 - self.beta_1)
        velocity = slots["velocity"] * self.beta_2 + ops.square(floored(grad)) * (1 - self.beta_2)
        new = {"momentum": momentum, "velocity": velocity}
        if self.amsgrad:
            velocity = new["velocity_hat"] = ops.maximum(slots["velocity_hat"], velocity)
        alpha = learning_rate * scalars["correction"]
        return param - momentum * alpha / (ops.sqrt(velocity) + self.epsilon), new
