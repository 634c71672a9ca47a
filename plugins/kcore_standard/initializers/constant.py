"""Zeros and ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from kcore.interfaces import Initializer
from kcore.plugin import register


@register("initializers", "zeros")
class Zeros(Initializer):
    """All zeros."""

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """Zeros."""
        return np.zeros(shape)


@register("initializers", "ones")
class Ones(Initializer):
    """All ones."""

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """Ones."""
        return np.ones(shape)
