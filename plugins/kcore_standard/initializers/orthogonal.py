"""Orthogonal and identity matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kcore.interfaces import Initializer
from kcore.plugin import register

from .seeded import Seeded


@register("initializers", "orthogonal", aliases=["OrthogonalInitializer"])
class Orthogonal(Seeded):
    """A matrix with orthonormal columns, or rows if there are fewer of them: products with it keep lengths.

    The Q of the QR decomposition of normal numbers, its columns multiplied by the signs of R's diagonal, so that every
    orthogonal matrix is as likely. More axes than two are one matrix of all but the last, by the last.

    Source: Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear networks, 2014.

    Args:
        gain: what the matrix is multiplied by.
        seed: a seed of its own in place of the model's.

    Raises:
        ValueError: there are fewer than two axes.
    """

    gain: float = 1.0
    seed: int | None = None

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """The matrix."""
        if len(shape) < 2:
            raise ValueError(f"Orthogonal makes arrays of two axes or more; got shape {shape}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(self.generator(rng).normal(size=(max(rows, columns), min(rows, columns))))
        q = q * np.copysign(1.0, np.diag(r))
        return self.gain * (q.T if rows < columns else q).reshape(shape)


@register("initializers", "identity", aliases=["IdentityInitializer"])
class Identity(Initializer):
    """A matrix with ones in its diagonal and zeros elsewhere.

    Args:
        gain: what the matrix is multiplied by.

    Raises:
        ValueError: there are not two axes.
    """

    gain: float = 1.0

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray[Any, Any]:
        """The matrix."""
        if len(shape) != 2:
            raise ValueError(f"Identity makes matrices; got shape {shape}.")
        return self.gain * np.eye(*shape)
