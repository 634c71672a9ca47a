"""Initializer: the first values of a weight, drawn on the host, so that they are the same on every backend."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..randomness import generator, next_seed
from .configurable import Configurable


class Initializer(Configurable):
    """A function from a shape to an array."""

    kind: ClassVar[str] = "initializers"

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """The values, of any float dtype."""
        raise NotImplementedError(f"{type(self).__name__} has no `draw(self, shape, rng)`.")

    def __call__(
        self, shape: tuple[int, ...], dtype: str = "float32", rng: np.random.Generator | None = None
    ) -> np.ndarray[Any, Any]:
        """A NumPy array of this shape and dtype, drawn from `rng`, or from a seed of its own."""
        return self.draw(tuple(shape), rng or generator(next_seed(), 0)).astype(dtype)


def fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """How many inputs and outputs each unit has, for a kernel of shape (..., inputs, outputs)."""
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    receptive = 1
    for n in shape[:-2]:
        receptive *= n
    return shape[-2] * receptive, shape[-1] * receptive
