"""LSTM: a long short-term memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import whole_number
from kcore.plugin import register

from .recurrent import Masks, Recurrent, activation, product


@register("layers", "lstm")
class LSTM(Recurrent):
    """A long short-term memory: a state c that gates write to, keep and show as the output h.

    i, f, g, o = the four parts of x @ kernel + h @ recurrent_kernel + bias
    c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h' = sigmoid(o) * tanh(c')

    Sources: Hochreiter and Schmidhuber, Long Short-Term Memory, 1997; Gers et al., Learning to Forget, 2000.

    Args:
        units: the width of h and c.
        activation: in place of tanh.
        recurrent_activation: in place of sigmoid.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel (inputs, 4 * units) starts.
        recurrent_initializer: how the recurrent kernel (units, 4 * units) starts.
        bias_initializer: how the bias (4 * units,) starts.
        unit_forget_bias: let the bias of f start at 1, so that at first c is kept: Jozefowicz et al., An Empirical
            Exploration of Recurrent Network Architectures, 2015.

    The further arguments are those of every recurrent layer; `initial_state`, and what return_state adds, are [h, c].

    >>> from kcore.layers import LSTM
    >>> LSTM(3)([[[1.0, 2.0], [3.0, 4.0]]]).shape
    (1, 3)
    """

    gates: ClassVar[int] = 4
    state_count: ClassVar[int] = 2

    units: int = attrs.field(validator=whole_number(1))
    activation: str | Callable[[Any], Any] | None = "tanh"
    recurrent_activation: str | Callable[[Any], Any] | None = "sigmoid"
    use_bias: bool = True
    kernel_initializer: Any = "glorot_uniform"
    recurrent_initializer: Any = "orthogonal"
    bias_initializer: Any = "zeros"
    unit_forget_bias: bool = True

    def first_bias(self, shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> Any:
        """That of the initializer, but 1 for f."""
        bias = np.array(super().first_bias(shape, dtype, rng))
        if self.unit_forget_bias:
            bias[self.units : 2 * self.units] = 1
        return bias

    def turn(self, x: Any, states: tuple[Any, ...], masks: tuple[Masks, Masks]) -> tuple[Any, ...]:
        """One step."""
        h, c = states
        act, gate = activation(self.activation), activation(self.recurrent_activation)
        z = product(x, self.kernel, masks[0]) + product(h, self.recurrent_kernel, masks[1])
        i, f, g, o = ops.split(z + self.bias if self.use_bias else z, 4, -1)
        c = gate(f) * c + gate(i) * act(g)
        return gate(o) * act(c), c
