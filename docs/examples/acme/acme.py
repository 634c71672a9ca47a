"""A layer and a loss from outside, the equals of kcore's own."""

from kcore import ops
from kcore.layers import Layer
from kcore.losses import Loss
from kcore.plugin import defined_in, hookimpl, register


@register("layers", "scale")
class Scale(Layer):
    """Multiplies by a factor."""

    factor: float = 2.0

    def call(self, x):
        """factor * x."""
        return x * self.factor


@register("losses", "quartic")
class Quartic(Loss):
    """The mean of (y_true - y_pred)^4 over the last axis."""

    def call(self, y_true, y_pred):
        """The loss at each position."""
        return ops.mean(ops.square(ops.square(y_pred - y_true)), -1)


@hookimpl
def kcore_layers():
    """The layers of this module."""
    return defined_in("acme", "layers")


@hookimpl
def kcore_losses():
    """The losses of this module."""
    return defined_in("acme", "losses")
