"""SimpleRNN: the output of a step is an input of the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from kcore.interfaces import whole_number
from kcore.plugin import register

from .recurrent import Masks, Recurrent, activation, product


@register("layers", "simple_rnn")
class SimpleRNN(Recurrent):
    """h' = tanh(x @ kernel + bias + h @ recurrent_kernel).

    Source: Elman, Finding Structure in Time, 1990.

    Args:
        units: the width of h.
        activation: in place of tanh.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel (inputs, units) starts.
        recurrent_initializer: how the recurrent kernel (units, units) starts.
        bias_initializer: how the bias (units,) starts.

    The further arguments are those of every recurrent layer.

    >>> from kcore.layers import SimpleRNN
    >>> SimpleRNN(3, return_sequences=True)([[[1.0, 2.0], [3.0, 4.0]]]).shape
    (1, 2, 3)
    """

    units: int = attrs.field(validator=whole_number(1))
    activation: str | Callable[[Any], Any] | None = "tanh"
    use_bias: bool = True
    kernel_initializer: Any = "glorot_uniform"
    recurrent_initializer: Any = "orthogonal"
    bias_initializer: Any = "zeros"

    def turn(self, x: Any, states: tuple[Any, ...], masks: tuple[Masks, Masks]) -> tuple[Any, ...]:
        """One step."""
        z = product(x, self.kernel, masks[0]) + product(states[0], self.recurrent_kernel, masks[1])
        return (activation(self.activation)(z + self.bias if self.use_bias else z),)
