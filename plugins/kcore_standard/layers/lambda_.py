"""Lambda: a function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Layer
from kcore.plugin import register


@register("layers", "lambda")
class Lambda(Layer):
    """What a function of kcore.ops gives for the input, or for the list or dictionary of inputs.

    Numbers that the function reads from outside are those of the moment when it is traced.

    Args:
        function: takes the input, `arguments` by keyword, and `training=` if it has such an argument; the name of a
            function of kcore.ops, which unlike others can be made again from its configuration.
        output_shape: of one sample, or a function of the input's shape; found by tracing if None.
        arguments: further arguments of the function.

    Raises:
        ValueError: the name is none of a function of kcore.ops.

    >>> from kcore import ops
    >>> from kcore.layers import Lambda
    >>> print(Lambda(lambda x: x * 2)([[1.0, 2.0]]))
    [[2. 4.]]
    """

    function: str | Callable[..., Any]
    output_shape: Any = None
    arguments: Mapping[str, Any] | None = attrs.field(default=None)

    def __attrs_post_init__(self) -> None:
        if not callable(self._found()):
            raise ValueError(
                f"Lambda takes a function, or the name of one of kcore.ops; there is no kcore.ops.{self.function}. A "
                "function of your own is not kept in a configuration: make a layer of it, a subclass of Layer."
            )

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As the user says, or found by tracing."""
        if self.output_shape is None:
            return super().compute_output_shape(input_shape)
        if callable(self.output_shape):
            return self.output_shape(input_shape)
        first = input_shape[0] if isinstance(input_shape, list) else input_shape
        return (first[0], *self.output_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The same, and the dtype that comes out."""
        if self.output_shape is None:
            return self.traced_spec(*args, **kwargs)
        return super().compute_output_spec(*args, **kwargs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """What the function gives."""
        function = self._found()
        asked = {"training": training} if "training" in _arguments(function) else {}
        return function(inputs, **(self.arguments or {}), **asked)

    def _found(self) -> Any:
        return getattr(ops, self.function, None) if isinstance(self.function, str) else self.function


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(function).parameters)
    except ValueError:  # some functions written in C do not tell
        return ()
