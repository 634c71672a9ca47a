"""Dense: every output is a weighted sum of all inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Layer, get, whole_number
from kcore.plugin import register


@register("layers", "dense")
class Dense(Layer):
    """activation(x @ kernel + bias).

    Args:
        units: the width of the output.
        activation: its name or a function; None: none.
        use_bias: whether a bias is added.
        kernel_initializer: how the kernel (inputs, units) starts.
        bias_initializer: how the bias (units,) starts.

    Call arguments:
        x: shape (batch, ..., inputs).

    Returns:
        Shape (batch, ..., units).

    Raises:
        ValueError: the last axis of x is not as long as the kernel was built for.

    >>> from kcore.layers import Dense
    >>> Dense(3)([[1.0, 2.0]]).shape
    (1, 3)
    """

    units: int = attrs.field(validator=whole_number(1))
    activation: str | Callable[[Any], Any] | None = None
    use_bias: bool = True
    kernel_initializer: Any = "glorot_uniform"
    bias_initializer: Any = "zeros"

    def __attrs_post_init__(self) -> None:
        get("activations", self.activation or "linear")  # an unknown name is an error here, not at the first batch
        for initializer in (self.kernel_initializer, self.bias_initializer):
            get("initializers", initializer)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make `kernel`, then `bias`."""
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ValueError(
                f"Layer '{self.label}' takes (batch, ..., inputs) with a known number of inputs; "
                f"got shape {input_shape}."
            )
        self.kernel = self.add_weight((input_shape[-1], self.units), self.kernel_initializer, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight((self.units,), self.bias_initializer, name="bias")

    def check_input(self, shape: tuple[int, ...]) -> None:
        """The last axis must be as long as the kernel."""
        if len(shape) < 2 or shape[-1] != self.kernel.shape[0]:
            raise ValueError(
                f"Layer '{self.label}' takes inputs of shape (batch, ..., {self.kernel.shape[0]}), "
                f"as it was built for; got {shape}."
            )

    def call(self, x: Any) -> Any:
        """The weighted sums, through the activation."""
        y = ops.matmul(x, self.kernel)
        if self.use_bias:
            y = y + self.bias
        return get("activations", self.activation or "linear")(y)
