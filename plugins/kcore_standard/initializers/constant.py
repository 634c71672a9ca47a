"""Zeros, ones and any other constant."""

from __future__ import annotations

from typing import Any

import numpy as np

from kcore.interfaces import Initializer
from kcore.plugin import register


@register("initializers", "zeros", aliases=["zero"])
class Zeros(Initializer):
    """All zeros."""

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """Zeros."""
        return np.zeros(shape)


@register("initializers", "ones", aliases=["one"])
class Ones(Initializer):
    """All ones."""

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """Ones."""
        return np.ones(shape)


@register("initializers", "constant")
class Constant(Initializer):
    """One number everywhere.

    Args:
        value: the number.
    """

    value: float = 0.0

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """The number, as often as needed."""
        return np.full(shape, float(self.value))
