"""Into the current backend's arrays, and back to NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import current_backend
from ..graph import Symbol, Variable
from ..graph.types import dtype_name


def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    """An array of the current backend with the numbers of `x`: the call that moves host data to a device.

    Args:
        x: numbers, a NumPy array, a variable or an array of the backend itself.
        dtype: the name of its dtype; Python floats become float32 if it is None.
    """
    backend = current_backend()
    if isinstance(x, Symbol) or (backend.owns(x) and dtype is None):
        return x
    host = convert_to_numpy(x)
    if dtype is None and host.dtype == np.float64 and not hasattr(x, "dtype"):
        dtype = "float32"
    return backend.from_host(host.astype(dtype_name(dtype)) if dtype else host)


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """A fresh NumPy array with the numbers of `x`: the call that brings a device's numbers to the host."""
    if isinstance(x, Symbol):
        x.__array__()  # refuses
    return x.numpy() if isinstance(x, Variable) else current_backend().to_host(x)
