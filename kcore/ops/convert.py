"""Into the current backend's arrays, and back to NumPy's."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import current_backend
from ..backend.memory import moved
from ..graph import Symbol, Variable, current_trace, symbol_of
from ..graph.types import dtype_name
from ..graph.where import users_line
from .shaping import cast


def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    """An array of the current backend with the numbers of `x`: the call that moves host data to a device.

    Args:
        x: numbers, a NumPy array, a variable or an array of the backend itself.
        dtype: the name of its dtype; Python floats become float32 if it is None.

    Inside a trace it gives a symbol: host data are moved once, when the program is made.
    """
    backend, name = current_backend(), None if dtype is None else dtype_name(dtype)
    if isinstance(x, Symbol) or (current_trace() is not None and isinstance(x, Variable)):
        return cast(symbol_of(x), name or x.dtype)
    if backend.owns(x) and name is None and current_trace() is None:
        return x
    host = convert_to_numpy(x)
    if host.dtype.kind not in "biuf":
        raise TypeError(f"{users_line()}expected an array or a number, got {type(x).__name__}: {x!r:.80}.")
    if name is None and host.dtype == np.float64 and not hasattr(x, "dtype"):
        name = "float32"
    host = host.astype(name) if name else host
    return moved(host, backend) if current_trace() is None else symbol_of(host)


array = asarray = convert_to_tensor


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """A fresh NumPy array with the numbers of `x`: the call that brings a device's numbers to the host."""
    if isinstance(x, Symbol):
        x.__array__()  # refuses
    return x.numpy() if isinstance(x, Variable) else current_backend().to_host(x)


def is_tensor(x: Any) -> bool:
    """Whether x is an array of the current backend, or a symbol."""
    return isinstance(x, Symbol) or current_backend().owns(x)
