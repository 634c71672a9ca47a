"""SGD: stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Optimizer, number, rate_field
from kcore.plugin import register


@register("optimizers", "sgd")
class SGD(Optimizer):
    """w - rate * g. With momentum v' = momentum * v - rate * g and w + v', or Nesterov's w + momentum * v' - rate * g.

    Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.

    Args:
        learning_rate: how far a step goes.
        momentum: how much of the last step is kept, from 0 to 1.
        nesterov: whether the gradient counts as taken after the momentum's move.
    """

    learning_rate: Any = rate_field(0.01)
    momentum: float = attrs.field(default=0.0, validator=number(0, most=1))
    nesterov: bool = False

    def init(self, param: Any) -> dict[str, Any]:
        """A velocity, if there is momentum."""
        return {"momentum": ops.zeros_like(param)} if self.momentum else {}

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any) -> tuple[Any, Any]:
        """One step."""
        step = grad * learning_rate
        if not self.momentum:
            return param - step, {}
        velocity = slots["momentum"] * self.momentum - step
        move = velocity * self.momentum - step if self.nesterov else velocity
        return param + move, {"momentum": velocity}
