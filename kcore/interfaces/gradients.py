"""Gradients that an optimizer is given: brought into its order, checked, and made shorter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ops
from ..graph import Symbol, Variable


def ordered(who: str, grads: Sequence[Any], variables: Sequence[Variable], trained: Sequence[Variable]) -> list[Any]:
    """The gradients of variables in the order of those that an optimizer was built for.

    Raises:
        ValueError: a variable is unknown, or lacks its gradient, or that is of another shape.
    """
    if len(grads) != len(variables):
        raise ValueError(f"{who} was built for {len(variables)} variables, but got {len(grads)} gradients.")
    known = {id(v) for v in trained}
    unknown = [v.path for v in variables if id(v) not in known]
    if unknown:
        raise ValueError(
            f"{who} was built for the variables {', '.join(v.path for v in trained)}, and not for "
            f"{', '.join(unknown)}: make another optimizer for these, or build it for all."
        )
    given = {id(v): g for g, v in zip(grads, variables, strict=True)}
    lacking = [v.path for v in trained if given.get(id(v)) is None]
    if lacking:
        raise ValueError(
            f"{who} got no gradient for {', '.join(lacking)}: give one for each variable that it was built for, "
            "zeros if the loss does not depend on it, or build it for the others only."
        )
    for v in trained:
        gradient = given[id(v)]
        shape = tuple(gradient.shape if hasattr(gradient, "shape") else np.shape(gradient))
        if shape != v.shape:
            raise ValueError(f"{who}: the gradient of {v.path} has shape {shape}; the variable has {v.shape}.")
    return [given[id(v)] for v in trained]


def shortened(gradients: Sequence[Symbol], longest: float | None, together: bool) -> list[Symbol]:
    """The gradients, each, or all together as one vector, scaled to this Euclidean norm where theirs is larger."""
    squares = [ops.sum(ops.square(g)) for g in gradients]
    if together:
        squares = [sum(squares)] * len(squares)
    scales = [longest / ops.maximum(ops.sqrt(s), longest) for s in squares]
    return [g * ops.cast(scale, g.dtype) for g, scale in zip(gradients, scales, strict=True)]
