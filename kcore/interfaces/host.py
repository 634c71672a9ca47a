"""What metrics hold on the device, on the host; and what they begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .. import ops
from ..backend import current_backend
from ..graph import Symbol, Variable


def told(result: Any) -> Any:
    """A result as a Python number, or as a NumPy array if it has axes; each of a dictionary's, fetched together."""
    backend, arrays = current_backend(), []

    def found(each: Any) -> Any:
        each = each.value if isinstance(each, Variable) else each
        arrays.extend([each] if backend.owns(each) else [])
        return each

    result = _mapped(found, result)
    hosts = iter(backend.fetched(arrays))

    def brought(each: Any) -> Any:
        if isinstance(each, int | float | Symbol) and not isinstance(each, np.generic):
            return each
        host = next(hosts) if backend.owns(each) else np.asarray(backend.to_host(each))
        return host if host.shape else host.item()

    return _mapped(brought, result)


def on_host(what: str, value: Any) -> np.ndarray[Any, Any]:
    """An array of a tensor, an array or a number: float64 or int64 of what Python knows.

    Raises:
        TypeError: it is none of these; the text begins with `what`.
    """
    value = ops.convert_to_numpy(value) if current_backend().owns(value) or isinstance(value, Variable) else value
    host = np.asarray(value)
    if host.dtype.kind not in "biuf":
        raise TypeError(f"{what} must be an array of numbers or a number; got {type(value).__name__}: {value!r:.80}.")
    return host


def _mapped(function: Callable[[Any], Any], nest: Any) -> Any:
    """A nest of dictionaries with the function of each leaf."""
    if isinstance(nest, Mapping):
        return {name: _mapped(function, each) for name, each in nest.items()}
    return function(nest)
