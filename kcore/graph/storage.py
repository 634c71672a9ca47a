"""Storage: one array that programs read and write, on whichever backend it was last used."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ..backend import Backend
from .types import DType, Shape, dtype_name

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

    def fill(self, start: int, value: np.ndarray[Any, Any]) -> None:
        """Write `value` from flat element `start` on."""
        host = self.numpy()
        host.reshape(-1)[start : start + value.size] = value.reshape(-1)
        if self._home is None:
            self._arrays[None] = host
        else:
            self._arrays[self._home] = self._home.from_host(host, into=self._arrays[self._home])
