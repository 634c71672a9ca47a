"""Seeded: initializers that draw, from the model's seed or one of their own."""

from __future__ import annotations

import numpy as np

from kcore.interfaces import Initializer


class Seeded(Initializer):
    """Has a field `seed`: with None a weight is drawn from the model's."""

    def generator(self, rng: np.random.Generator) -> np.random.Generator:
        """What to draw from."""
        return rng if self.seed is None else np.random.default_rng(self.seed)
