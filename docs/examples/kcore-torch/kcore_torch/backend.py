"""The backend on torch's tensors on the CPU, as array-api-compat shows them."""

from __future__ import annotations

import functools
import importlib.util
from typing import Any

import numpy as np

from kcore.backend import Backend
from kcore.plugin import register

NUMPYS = {"remainder", "searchsorted"}  # torch's are wrong by denormal divisors, and at NaN


@register("backends", "torch")
class TorchBackend(Backend):
    """torch on the CPU. Its programs assign: few of torch's functions both take `out=` and convert between dtypes."""

    name = "torch"

    @classmethod
    def probe(cls) -> str | None:
        """Whether torch and array-api-compat are installed."""
        for module, package in (("torch", "torch"), ("array_api_compat", "array-api-compat")):
            if importlib.util.find_spec(module) is None:
                return f"{package} is not installed. Install it by: pip install {package}"
        return None

    @functools.cached_property
    def xp(self) -> Any:
        """torch, with the names and the dtypes of the Python array API standard."""
        return _Namespace()

    def from_host(self, array: np.ndarray[Any, Any], into: Any = None) -> Any:
        """A copy: `torch.from_numpy` alone would share the caller's memory."""
        return self.xp.from_numpy(np.array(array))

    def to_host(self, array: Any) -> np.ndarray[Any, Any]:
        """A copy, for the same reason."""
        return np.array(array.numpy() if self.owns(array) else array)

    def owns(self, array: Any) -> bool:
        """Whether it is a tensor."""
        return isinstance(array, self.xp.Tensor)


class _Namespace:
    """The functions of array-api-compat, and NumPy's, on the same memory, where torch has none that are right.

    torch stores unsigned integers of more than 8 bits, but computes hardly anything with them.
    """

    def __init__(self) -> None:
        import torch
        from array_api_compat import torch as compatible

        self._torch, self._compatible = torch, compatible
        self._wide = {torch.uint16, torch.uint32, torch.uint64}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._compatible, name)
        if callable(found) and hasattr(np, name):
            found = self._helped(name, found, getattr(np, name))
        setattr(self, name, found)
        return found

    def _helped(self, name: str, function: Any, numpys: Any) -> Any:
        @functools.wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            if name not in NUMPYS and not any(getattr(a, "dtype", None) in self._wide for a in args):
                return function(*args, **options)
            options = {k: self._on_host(v) for k, v in options.items()}
            return self._torch.from_numpy(np.array(numpys(*map(self._on_host, args), **options)))

        return call

    def _on_host(self, x: Any) -> Any:
        if isinstance(x, self._torch.dtype):
            return np.dtype(str(x).removeprefix("torch."))
        return x.numpy() if isinstance(x, self._torch.Tensor) else x
