"""Arrays of one number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..backend import current_backend
from ..graph import Symbol, current_trace
from ..graph.types import DEFAULT_FLOAT, dtype_name
from .axes import dtype_of, shape_of, whole


def full(shape: Iterable[int], fill_value: float, dtype: Any = DEFAULT_FLOAT) -> Any:
    """An array of this shape, each element the same number."""
    shape = whole(shape)
    trace = current_trace()
    if trace is not None:
        return Symbol(trace.constant(fill_value, shape, dtype_name(dtype)))
    return current_backend().from_host(np.full(shape, fill_value, dtype_name(dtype)))


def zeros(shape: Iterable[int], dtype: Any = DEFAULT_FLOAT) -> Any:
    """An array of zeros."""
    return full(shape, 0, dtype)


def ones(shape: Iterable[int], dtype: Any = DEFAULT_FLOAT) -> Any:
    """An array of ones."""
    return full(shape, 1, dtype)


def zeros_like(x: Any) -> Any:
    """Zeros of the shape and dtype of `x`."""
    return full(shape_of(x), 0, dtype_of(x))
