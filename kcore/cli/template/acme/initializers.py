"""Initializers."""

from kcore.interfaces import Initializer
from kcore.plugin import register


@register("initializers", "triangular")
class Triangular(Initializer):
    """Numbers that are the rarer the farther from 0.

    Args:
        limit: how far from it at most.
    """

    limit: float = 0.1

    def draw(self, shape, rng):
        """A NumPy array, drawn from a NumPy generator."""
        return rng.triangular(-self.limit, 0.0, self.limit, shape)
