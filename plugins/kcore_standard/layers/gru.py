"""GRU: a gated recurrent unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import attrs

from kcore.interfaces import whole_number
from kcore.plugin import register

from .recurrent import Masks, Recurrent, activation, product


@register("layers", "gru")
class GRU(Recurrent):
    """A gated recurrent unit: of the state h a gate z keeps a part, and a gate r says what of it is seen.

    z, r, g = the three parts of x @ kernel + bias, and so of the state's with a bias of its own
    z, r = sigmoid(z + its part of the state), likewise r
    h' = z * h + (1 - z) * tanh(g + r * its part of the state)

    Source: Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, 2014, version 3; version 1 with
    reset_after=False, where r is applied to h before the product and the state has no bias of its own.

    Args:
        units: the width of h.
        activation: in place of tanh.
        recurrent_activation: in place of sigmoid.
        use_bias: whether biases are added.
        kernel_initializer: how the kernel (inputs, 3 * units) starts.
        recurrent_initializer: how the recurrent kernel (units, 3 * units) starts.
        bias_initializer: how the biases (2, 3 * units), or (3 * units,), start.
        reset_after: whether r is applied after the product with the recurrent kernel.

    The further arguments are those of every recurrent layer.

    >>> from kcore.layers import GRU
    >>> GRU(3)([[[1.0, 2.0], [3.0, 4.0]]]).shape
    (1, 3)
    """

    gates: ClassVar[int] = 3

    units: int = attrs.field(validator=whole_number(1))
    activation: str | Callable[[Any], Any] | None = "tanh"
    recurrent_activation: str | Callable[[Any], Any] | None = "sigmoid"
    use_bias: bool = True
    kernel_initializer: Any = "glorot_uniform"
    recurrent_initializer: Any = "orthogonal"
    bias_initializer: Any = "zeros"
    reset_after: bool = attrs.field(default=True, kw_only=True)

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """A row for the inputs and one for the state, or one for both."""
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def turn(self, x: Any, states: tuple[Any, ...], masks: tuple[Masks, Masks]) -> tuple[Any, ...]:
        """One step."""
        (h,), u = states, self.units
        act, gate = activation(self.activation), activation(self.recurrent_activation)
        x = product(x, self.kernel, masks[0])
        if self.use_bias:
            x = x + (self.bias[0] if self.reset_after else self.bias)
        if self.reset_after:
            hidden = product(h, self.recurrent_kernel, masks[1])
            hidden = hidden + self.bias[1] if self.use_bias else hidden
            z, r = (gate(x[:, i : i + u] + hidden[:, i : i + u]) for i in (0, u))
            seen = r * hidden[:, 2 * u :]
        else:
            zr = x[:, : 2 * u] + product(h, self.recurrent_kernel[:, : 2 * u], masks[1][:2])
            z, r = gate(zr[:, :u]), gate(zr[:, u:])
            seen = product(r * h, self.recurrent_kernel[:, 2 * u :], masks[1][2:])
        return (z * h + (1.0 - z) * act(x[:, 2 * u :] + seen),)
