"""NumPy as if it were a device: a backend whose arrays are of a kind of their own, and that counts what crosses."""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from kcore.backend import use_backend
from kcore_numpy.backend import NumpyBackend


class DeviceArray(np.ndarray):
    """An array of the device: what would make a Python number of it in silence raises."""

    def _refuse(self, *_: Any) -> Any:
        raise TypeError("an array of the device would cross to the host in silence")

    __float__ = __int__ = __bool__ = __index__ = item = tolist = _refuse


class _Namespace:
    """NumPy's, whose functions give arrays of the device."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, ModuleType):
            found = _Namespace(found)
        elif callable(found) and not isinstance(found, type):
            found = _on_device(found)
        setattr(self, name, found)
        return found


def _on_device(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if isinstance(result, list | tuple):
            return type(result)(map(_own, result)) if type(result) in (list, tuple) else tuple(map(_own, result))
        return _own(result)

    return called


def _own(result: Any) -> Any:
    own = isinstance(result, DeviceArray) or not isinstance(result, np.ndarray | np.generic)
    return result if own else np.asarray(result).view(DeviceArray)


class DeviceDouble(NumpyBackend):
    """The backend.

    Attributes:
        count: of "uploads" and "downloads", and the "bytes" of the latter.
        room: how many bytes it says are free; None: it keeps no samples.
    """

    name = "device_double"
    on_host = False
    xp: Any = _Namespace(np)

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.room: int | None = None

    def from_host(self, array: Any, into: np.ndarray | None = None) -> np.ndarray:
        """A copy."""
        assert not isinstance(array, DeviceArray)
        if into is not None or np.ndim(array):  # a number alone fills a new array by a kernel, as in CuPy
            self.count["uploads"] += 1
        if into is None:
            return np.array(array).view(DeviceArray)
        assert isinstance(into, DeviceArray)
        into[...] = array
        return into

    def to_host(self, array: Any) -> np.ndarray:
        """A copy; other arrays are of the host."""
        self.count["downloads"] += self.owns(array)
        self.count["bytes"] += array.nbytes if self.owns(array) else 0
        return np.array(array)

    def owns(self, array: Any) -> bool:
        """Whether it is one of the device's."""
        return isinstance(array, DeviceArray)

    def dtype(self, name: str) -> Any:
        """NumPy's."""
        return np.dtype(name)

    def random_bits(self) -> Callable[..., np.ndarray]:
        """Drawn on the device."""
        draw = super().random_bits()
        return _on_device(lambda *counter, **options: draw(*(int(np.array(n)) for n in counter), **options))

    def memory(self) -> tuple[int, int] | None:
        """What the test says."""
        return None if self.room is None else (self.room, self.room)


DEVICE = DeviceDouble()  # one, since programs are kept by the names of backends


@contextlib.contextmanager
def on_device(room: int | None = None) -> Iterator[DeviceDouble]:
    """Use it within the block, with so much room for samples, counting from 0."""
    DEVICE.room = room
    with use_backend(DEVICE):
        crossed()
        yield DEVICE


def crossed() -> tuple[int, int]:
    """How many uploads and downloads there were since this was last asked."""
    told = DEVICE.count["uploads"], DEVICE.count["downloads"]
    DEVICE.count.clear()
    return told
