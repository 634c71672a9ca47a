"""AdamW: Adam whose weights decay by themselves, not by way of the gradient."""

from __future__ import annotations

from typing import Any

import attrs

from kcore.interfaces import number, rate_field
from kcore.plugin import register

from .adam import Adam


@register("optimizers", "adamw")
class AdamW(Adam):
    """Adam, before whose step each weight loses `rate * weight_decay` of itself.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.

    Args:
        learning_rate: how far a step goes.
        weight_decay: how much of itself, times the learning rate, each weight loses before each step.
        beta_1: how much of the mean of gradients is kept from step to step.
        beta_2: how much of the mean of squares is kept.
        epsilon: keeps the division finite.
        amsgrad: whether the scale never shrinks.
    """

    learning_rate: Any = rate_field(0.001)
    weight_decay: float = attrs.field(default=0.004, validator=number())
    beta_1: float = attrs.field(default=0.9, validator=number(0, below=1))
    beta_2: float = attrs.field(default=0.999, validator=number(0, below=1))
    epsilon: float = attrs.field(default=1e-7, validator=number())
    amsgrad: bool = False
