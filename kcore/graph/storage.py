"""Storage: one array that programs read and write, on whichever backend it was last used."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ..backend import Backend
from ..backend.memory import in_units, memory_for
from .types import DType, Shape, dtype_name, itemsize, size_of

_moving = threading.Lock()


class Storage:
    """One array with a name. Its array on a backend stays the same object, since programs bind to it.

    A change of backend moves the numbers when `on` is called, that is when `fit`, `predict` or an op is entered.
    """

    def __init__(self, value: np.ndarray[Any, Any], name: str) -> None:
        self.name = name
        self.shape: Shape = value.shape
        self.dtype: DType = dtype_name(value.dtype)
        self.left = 0  # how many variables have moved away: programs that were made before the last did are stale
        self._home: Backend | None = None  # None: on the host, not used by any backend yet
        self._arrays: dict[Backend | None, Any] = {None: value}

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle holds: the numbers, on the host."""
        return {"value": self.numpy(), "name": self.name, "left": self.left}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["value"], state["name"])  # type: ignore[misc]
        self.left = state["left"]

    def on(self, backend: Backend) -> Any:
        """Its array on `backend`, moved there if it was last used elsewhere."""
        if backend is not self._home:
            with _moving:  # of two threads that come at once the second finds it moved
                if backend is not self._home:
                    size = in_units(size_of(self.shape) * itemsize(self.dtype))
                    with memory_for(f"{self.name}, {size} large", backend):
                        self._arrays[backend] = backend.from_host(self.numpy(), into=self._arrays.get(backend))
                    self._home = backend
                    self._arrays.pop(None, None)
        return self._arrays[backend]

    def replace(self, backend: Backend, array: Any) -> None:
        """Hold the numbers of `array` on `backend`: in the array that programs are bound to, if it is writable."""
        if backend.in_place:
            self._arrays[backend][...] = array
        else:
            self._arrays[backend] = array

    def numpy(self) -> np.ndarray[Any, Any]:
        """A fresh host array of its numbers."""
        array = self._arrays[self._home]
        return array.copy() if self._home is None else self._home.to_host(array)

    def part(self, start: int, shape: Shape) -> np.ndarray[Any, Any]:
        """A fresh host array of the numbers from flat element `start` on."""
        home, array, stop = self._home, self._arrays[self._home], start + size_of(shape)
        if shape == self.shape:
            return self.numpy()
        reshape = np.reshape if home is None else home.xp.reshape
        part = reshape(reshape(array, (-1,))[start:stop], shape)
        return np.array(part) if home is None else home.to_host(part)

    def fill(self, start: int, value: np.ndarray[Any, Any]) -> None:
        """Write `value` from flat element `start` on. If it is one number throughout, nothing crosses to a device."""
        home, flat = self._home, value.astype(self.dtype, copy=False).reshape(-1)
        number = None if home is None or home.on_host else _throughout(flat)
        if home is not None and home.in_place:
            part = home.xp.reshape(self._arrays[home], (-1,))[start : start + flat.size]
            if number is None:
                home.from_host(flat, into=part)
            else:
                part[...] = number
        elif home is not None and number is not None and flat.size == size_of(self.shape):
            self._arrays[home] = home.xp.full(self.shape, number, dtype=home.dtype(self.dtype))
        else:
            host = self.numpy()
            host.reshape(-1)[start : start + flat.size] = flat
            self._arrays[home] = host if home is None else home.from_host(host)


def _throughout(flat: np.ndarray[Any, Any]) -> Any:
    """The number that an array is full of, to the last bit, else None."""
    if not flat.size or flat[0] != flat[-1]:
        return None
    return flat[0].item() if flat.tobytes() == flat[:1].tobytes() * flat.size else None
