"""Layers that change shapes: Reshape, Permute and RepeatVector."""

from __future__ import annotations

import math
from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Layer, whole_number
from kcore.plugin import register


def _shape(owner: object, field: Any, value: Any) -> None:
    if list(value).count(-1) > 1 or not all(isinstance(n, int) and (n > 0 or n == -1) for n in value):
        raise ValueError(
            f"{type(owner).__name__}: {field.name} takes lengths, at most one of them -1 for what is left; got {value}."
        )


def _order(owner: object, field: Any, value: Any) -> None:
    if sorted(value) != list(range(1, len(value) + 1)):
        raise ValueError(
            f"{type(owner).__name__}: {field.name} takes every axis from 1 up once, as (2, 1), not the batch's, which "
            f"stays first; got {value}."
        )


@register("layers", "reshape")
class Reshape(Layer):
    """The same elements of each sample, in row-major order, in another shape.

    Args:
        target_shape: of one sample; one length may be -1, for what is left.

    >>> import numpy as np
    >>> from kcore.layers import Reshape
    >>> Reshape((-1, 2))(np.ones((5, 6))).shape
    (5, 3, 2)
    """

    target_shape: tuple[int, ...] = attrs.field(converter=tuple, validator=_shape)

    def check_input(self, shape: tuple[int, ...]) -> None:
        """A sample must have as many elements."""
        size, wanted = math.prod(shape[1:]), math.prod(n for n in self.target_shape if n != -1)
        if size % wanted if -1 in self.target_shape else size != wanted:
            raise ValueError(
                f"Layer '{self.label}' makes shape {self.target_shape} of each sample; one of shape {shape[1:]} has "
                f"{size} elements, which do not fit."
            )

    def call(self, x: Any) -> Any:
        """x in the new shape."""
        return ops.reshape(x, (x.shape[0], *self.target_shape))


@register("layers", "permute")
class Permute(Layer):
    """The axes of each sample in another order.

    Args:
        dims: the axes of the input in their new order; the first of a sample is 1.

    >>> import numpy as np
    >>> from kcore.layers import Permute
    >>> Permute((2, 1))(np.ones((5, 6, 7))).shape
    (5, 7, 6)
    """

    dims: tuple[int, ...] = attrs.field(converter=tuple, validator=_order)

    def check_input(self, shape: tuple[int, ...]) -> None:
        """As many axes as were named, and the batch's."""
        if len(shape) != len(self.dims) + 1:
            raise ValueError(
                f"Layer '{self.label}' orders {len(self.dims)} axes after the batch's, as dims={self.dims} says; "
                f"got shape {shape}."
            )

    def call(self, x: Any) -> Any:
        """x with its axes in that order."""
        return ops.permute_dims(x, (0, *self.dims))


@register("layers", "repeat_vector")
class RepeatVector(Layer):
    """A vector as every step of a sequence.

    Args:
        n: the number of steps.

    Call arguments:
        x: shape (batch, inputs).

    Returns:
        Shape (batch, n, inputs).
    """

    n: int = attrs.field(validator=whole_number(1))

    def check_input(self, shape: tuple[int, ...]) -> None:
        """Two axes."""
        if len(shape) != 2:
            raise ValueError(f"Layer '{self.label}' takes inputs of shape (batch, inputs); got {shape}.")

    def call(self, x: Any) -> Any:
        """x, n times."""
        return ops.broadcast_to(ops.expand_dims(x, 1), (x.shape[0], self.n, x.shape[1]))
