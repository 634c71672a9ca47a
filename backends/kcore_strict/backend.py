"""The backend on array-api-strict, its arrays on a device that pretends not to be the host."""

from __future__ import annotations

import functools
import importlib.util
from typing import Any, NoReturn

import numpy as np

from kcore.backend import Backend
from kcore.plugin import register

CROSSINGS = ("__float__", "__int__", "__bool__", "__index__", "__complex__", "__dlpack__")


@register("backends", "strict")
class StrictBackend(Backend):
    """The Python array API standard to the letter, on a pretend device: whatever crosses to the host in silence raises.

    For tests, not for speed.
    """

    name = "strict"

    def __init__(self) -> None:
        import array_api_strict

        self._device = array_api_strict.Device("device1")
        self._host = array_api_strict.Device("CPU_DEVICE")
        self._namespace = _OnDevice(array_api_strict, self._device)
        self._array = type(array_api_strict.zeros(1))
        _close_crossings(self._array, self._host)

    @classmethod
    def probe(cls) -> str | None:
        """Whether array-api-strict is installed."""
        if importlib.util.find_spec("array_api_strict") is None:
            return 'array-api-strict is not installed. Install it by: pip install "kcore[strict]"'
        return None

    @property
    def xp(self) -> Any:
        """array_api_strict, making its arrays on the pretend device."""
        return self._namespace

    def from_host(self, array: np.ndarray[Any, Any], into: Any = None) -> Any:
        """A copy on the device; arrays of the standard cannot be counted on to be written to."""
        return self._namespace.asarray(np.array(array))

    def to_host(self, array: Any) -> np.ndarray[Any, Any]:
        """A copy on the host."""
        return np.array(array.to_device(self._host) if self.owns(array) else array)

    def owns(self, array: Any) -> bool:
        """Whether it is an array of array-api-strict."""
        return isinstance(array, self._array)


class _OnDevice:
    """The namespace, whose functions that make arrays make them on one device."""

    def __init__(self, namespace: Any, device: Any) -> None:
        self._namespace, self._device = namespace, device

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._namespace, name)
        if name in {"arange", "asarray", "empty", "eye", "full", "linspace", "ones", "zeros"}:
            found = functools.partial(found, device=self._device)
        setattr(self, name, found)
        return found


def _close_crossings(array: type, host: Any) -> None:
    """array-api-strict lets a number or a DLPack capsule leave any device: here only the host's may."""
    if hasattr(array, "_kcore_closed"):
        return
    array._kcore_closed = True

    def closed(name: str, original: Any) -> Any:
        @functools.wraps(original)
        def cross(self: Any, *args: Any, **kwargs: Any) -> Any:
            if self.device != host:
                _refuse(name)
            return original(self, *args, **kwargs)

        return cross

    for name in CROSSINGS:
        setattr(array, name, closed(name, getattr(array, name)))


def _refuse(name: str) -> NoReturn:
    raise TypeError(
        f"{name} would bring an array of the pretend device to the host in silence. "
        "Call kcore.ops.convert_to_numpy(array) where that is meant."
    )
