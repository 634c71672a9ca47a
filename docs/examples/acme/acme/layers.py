"""Layers."""

from kcore.interfaces import Layer
from kcore.plugin import register


@register("layers", "scale")
class Scale(Layer):
    """x times a factor for each feature, which is learnt.

    Args:
        factor: what all of them begin as.
    """

    factor: float = 1.0

    def build(self, input_shape):
        """Make the factors."""
        begin = {"class_name": "constant", "config": {"value": self.factor}}
        self.factors = self.add_weight((input_shape[-1],), begin, name="factors")

    def call(self, x):
        """The product, of shape (batch, ..., features) as x."""
        return x * self.factors
