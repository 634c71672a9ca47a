"""Adagrad: steps that shrink with the sum of all squared gradients so far."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, floored, number, rate_field
from kcore.plugin import register


@register("optimizers", "adagrad")
class Adagrad(Optimizer):
    """a' = a + g^2 and w - rate * g / sqrt(a' + epsilon).

    Source: Duchi, Hazan and Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization, JMLR
    12, 2011; epsilon as in Keras.

    Args:
        learning_rate: how far a step goes.
        initial_accumulator_value: the sum before the first step.
        epsilon: keeps the division finite.
    """

    floored = frozenset({"accumulator"})

    learning_rate: Any = rate_field(0.01)
    initial_accumulator_value: float = attrs.field(default=0.1, validator=number())
    epsilon: float = attrs.field(default=1e-7, validator=number())

    def init(self, param: Any) -> dict[str, Any]:
        """The sum of squares."""
        return {"accumulator": ops.full_like(param, self.initial_accumulator_value)}

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any) -> tuple[Any, Any]:
        """One step."""
        accumulator = slots["accumulator"] + ops.square(floored(grad))
        return param - grad * learning_rate / ops.sqrt(accumulator + self.epsilon), {"accumulator": accumulator}
