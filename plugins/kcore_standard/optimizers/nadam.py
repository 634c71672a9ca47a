"""Nadam: Adam that looks ahead as Nesterov's momentum does."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, floored, number, rate_field
from kcore.plugin import register


@register("optimizers", "nadam")
class Nadam(Optimizer):
    """m and v as in Adam, and w - rate * m_hat / (sqrt(v' / (1 - beta_2^t)) + epsilon), at step t.

    With u_t = beta_1 (1 - 0.96^t / 2) and p_t = u_1 ... u_t,
    m_hat = u_(t+1) m' / (1 - p_(t+1)) + (1 - u_t) g / (1 - p_t).

    Source: Dozat, Incorporating Nesterov Momentum into Adam, ICLR 2016 workshop; the 0.96 from Sutskever et al., 2013.

    Args:
        learning_rate: how far a step goes.
        beta_1: how much of the mean of gradients is kept from step to step.
        beta_2: how much of the mean of squares is kept.
        epsilon: keeps the division finite.
    """

    floored = frozenset({"velocity"})

    learning_rate: Any = rate_field(0.002)
    beta_1: float = attrs.field(default=0.9, validator=number(0, below=1))
    beta_2: float = attrs.field(default=0.999, validator=number(0, below=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())

    def init(self, param: Any) -> dict[str, Any]:
        """The running means."""
        return {"momentum": ops.zeros_like(param), "velocity": ops.zeros_like(param)}

    def init_scalars(self) -> dict[str, float]:
        """The product of all momenta so far."""
        return {"product": 1.0}

    def scalars(self, step: Any, state: Any) -> tuple[Any, Any]:
        """The factors of mean and gradient, and the correction of the squares."""
        now, ahead = (self.beta_1 * (1 - 0.5 * 0.96**t) for t in (step, step + 1))
        product = state["product"] * now
        shares = {"mean": ahead / (1 - product * ahead), "gradient": (1 - now) / (1 - product)}
        return shares | {"correction": 1 / (1 - self.beta_2**step)}, {"product": product}

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any, scalars: Any) -> tuple[Any, Any]:
        """One step."""
        momentum = slots["momentum"] * self.beta_1 + grad * (1 - self.beta_1)
        velocity = slots["velocity"] * self.beta_2 + ops.square(floored(grad)) * (1 - self.beta_2)
        ahead = momentum * (learning_rate * scalars["mean"]) + grad * (learning_rate * scalars["gradient"])
        scale = ops.sqrt(velocity * scalars["correction"]) + self.epsilon
        return param - ahead / scale, {"momentum": momentum, "velocity": velocity}
