"""Classes as vectors of zeros and ones."""

from __future__ import annotations

import operator
from typing import Any

from ..graph.types import is_integer
from ..graph.where import users_line
from .axes import axes, dtype_of, shape_of
from .creation import arange
from .elementwise import equal
from .reductions import any
from .shaping import cast, expand_dims, reshape


def _chosen(x: Any, num_classes: int, axis: int, who: str) -> Any:
    """Whether each class is that of an index, along a new axis."""
    given, rank = dtype_of(x), len(shape_of(x)) + 1
    if not is_integer(given):
        raise TypeError(f'{users_line()}ops.{who} takes integers, got {given}. Use kcore.ops.cast(x, "int64").')
    (along,) = axes(operator.index(axis), rank)
    classes = reshape(arange(num_classes), [num_classes if i == along else 1 for i in range(rank)])
    return equal(expand_dims(cast(x, "int64"), along), classes)


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """For each index a vector of zeros with a 1 at that place, along a new axis; of zeros alone if it is no class.

    Args:
        x: integers of any shape.
        num_classes: the length of the vectors.
        axis: the place of their axis in the result.
        dtype: of the result, float32 if it is None.

    Raises:
        TypeError: the indices are no integers.
    """
    return cast(_chosen(x, num_classes, axis, "one_hot"), dtype or "float32")


def multi_hot(inputs: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """For each row of indices a vector of zeros with a 1 at each of these places; what is no class leaves no mark.

    Args:
        inputs: integers of shape (batch, indices, ...), or (indices) for one row.
        num_classes: the length of the vectors.
        axis: the place of their axis, counted as in a result that still had the axis of the indices.
        dtype: of the result, float32 if it is None.

    Raises:
        TypeError: the indices are no integers.
    """
    hits = any(_chosen(inputs, num_classes, axis, "multi_hot"), 1 if len(shape_of(inputs)) > 1 else 0)
    return cast(hits, dtype or "float32")
