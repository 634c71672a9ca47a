"""Glorot's initializers, which keep the variance from layer to layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from kcore.interfaces import Initializer, fans
from kcore.plugin import register


@register("initializers", "glorot_uniform")
class GlorotUniform(Initializer):
    """Uniform between -limit and limit, with limit = sqrt(6 / (inputs + outputs)).

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.

    Args:
        seed: a seed of its own in place of the model's.
    """

    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """Values for a kernel of shape (..., inputs, outputs)."""
        rng = rng if self.seed is None else np.random.default_rng(self.seed)
        limit = np.sqrt(6 / sum(fans(shape)))
        return rng.uniform(-limit, limit, shape)
