"""Initializers that draw, from the model's seed or one of their own: the base, and those of one distribution."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kcore.interfaces import Initializer, number
from kcore.plugin import register


class Seeded(Initializer):
    """Has a field `seed`: with None a weight is drawn from the model's seed."""

    seed: int | None = None

    def generator(self, rng: np.random.Generator) -> np.random.Generator:
        """What to draw from."""
        return rng if self.seed is None else np.random.default_rng(self.seed)


def truncated(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Standard normal numbers, those farther than 2 from 0 drawn again."""
    values = np.asarray(rng.normal(size=shape))
    while (far := np.abs(values) > 2).any():
        values[far] = rng.normal(size=int(far.sum()))
    return values


@register("initializers", "random_normal", aliases=["normal"])
class RandomNormal(Seeded):
    """Normal.

    Args:
        mean: the mean.
        stddev: the standard deviation.
        seed: a seed of its own in place of the model's.
    """

    mean: float = 0.0
    stddev: float = attrs.field(default=0.05, validator=number())
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """The values."""
        return self.generator(rng).normal(self.mean, self.stddev, shape)


@register("initializers", "truncated_normal")
class TruncatedNormal(Seeded):
    """Normal, with values farther than two standard deviations from the mean drawn again.

    Args:
        mean: the mean.
        stddev: the standard deviation before the cut.
        seed: a seed of its own in place of the model's.
    """

    mean: float = 0.0
    stddev: float = attrs.field(default=0.05, validator=number())
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """The values."""
        return self.mean + self.stddev * truncated(self.generator(rng), shape)


@register("initializers", "random_uniform", aliases=["uniform"])
class RandomUniform(Seeded):
    """Uniform.

    Args:
        minval: the least value.
        maxval: what all values are below.
        seed: a seed of its own in place of the model's.
    """

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """The values."""
        return self.generator(rng).uniform(self.minval, self.maxval, shape)
