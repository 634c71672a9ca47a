"""What the stand-in for CuPy needs of cupyx."""

from __future__ import annotations

import math
from typing import Any

import cupy
import numpy as np


def empty_pinned(shape: Any, dtype: Any = float, order: Any = "C") -> np.ndarray:
    """A NumPy array in pinned memory."""
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    memory = cupy.cuda.alloc_pinned_memory(math.prod(shape) * np.dtype(dtype).itemsize)
    return np.ndarray(shape, dtype, buffer=memory, order=order)


def zeros_pinned(shape: Any, dtype: Any = float, order: Any = "C") -> np.ndarray:
    """The same, full of zeros."""
    array = empty_pinned(shape, dtype, order)
    array[...] = 0
    return array
