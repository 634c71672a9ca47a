"""Backend: all that kcore asks of an array library."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..randomness import Philox
from .checkup import Checkup
from .kernel import KernelWriter

Array = Any
"""An array of the current backend: a numpy.ndarray, a cupy.ndarray, ..."""


class BackendUnavailableError(ImportError):
    """A backend was asked for that cannot run here; the message says what to do."""


class Backend(abc.ABC):
    """An array library, as kcore uses it.

    A subclass names itself by `@register("backends", "name")`, says in `probe` whether it can run, and gives
    the library's namespace as `xp`. That is enough for a library which follows the Python array API standard;
    the rest says what more it can do.
    """

    name: ClassVar[str]

    in_place: ClassVar[bool] = False
    """Whether its functions take `out=`, as NumPy's do: then programs reuse their buffers and allocate nothing."""

    on_host: ClassVar[bool] = False
    """Whether its arrays are NumPy arrays, so that host data need no copy to become one."""

    block: ClassVar[int | None] = None
    """How many elements stay in cache: longer elementwise chains run in blocks of as many. None: never in blocks."""

    numbers_in_memory: bool = False
    """Whether a step reads its rate and the like from the device's memory, so that it is the same call every time."""

    xp_name: ClassVar[str] = "xp"
    """What programs call the namespace where they need its name."""

    @classmethod
    def probe(cls) -> str | None:
        """None if this backend can run here; else why not, and the cure. Imports nothing heavy."""
        return None

    @classmethod
    def checkup(cls) -> Checkup:
        """What `kcore doctor` tells of it beside `probe`: versions, devices, troubles. It may import what it needs."""
        return Checkup()

    @property
    @abc.abstractmethod
    def xp(self) -> Any:
        """The namespace of array functions."""

    @abc.abstractmethod
    def from_host(self, array: np.ndarray[Any, Any], into: Array | None = None) -> Array:
        """A NumPy array on this backend's device: written over `into` if that is given and can be."""

    @abc.abstractmethod
    def to_host(self, array: Array) -> np.ndarray[Any, Any]:
        """A fresh NumPy array of the same numbers. Host data are taken too."""

    def owns(self, array: Any) -> bool:
        """Whether `array` is one of this backend's."""
        return isinstance(array, type(self.xp.zeros(1)))

    def dtype(self, name: str) -> Any:
        """The library's dtype of this name."""
        return getattr(self.xp, name)

    def here(self) -> Backend:
        """This backend, or that of its kind for the device which is current now."""
        return self

    def synchronize(self) -> None:  # noqa: B027 - a host has nothing to wait for
        """Wait until all work is done."""

    def marked(self) -> Callable[[], None]:
        """A function that waits until the device has done what it was asked to do until now.

        One is needed where `from_host(array, into)` returns before the numbers of a `host_array` are on the device.
        """
        return lambda: None

    def host_array(self, shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
        """A NumPy array in memory from which uploads are fast, if the library has such."""
        return np.zeros(shape, dtype)

    def memory(self) -> tuple[int, int] | None:
        """How many bytes are free on the device, and how many it has; None: `fit` is not to keep samples there."""
        return None

    def fetched(self, arrays: Sequence[Array]) -> list[np.ndarray[Any, Any]]:
        """What `to_host` gives for each, those of one dtype brought in one transfer."""
        if self.on_host or len(arrays) == 1:
            return [self.to_host(array) for array in arrays]
        hosts: dict[int, np.ndarray[Any, Any]] = {}
        for dtype in {str(array.dtype) for array in arrays}:
            alike = [i for i, array in enumerate(arrays) if str(array.dtype) == dtype]
            shapes = [tuple(arrays[i].shape) for i in alike]
            whole = self.to_host(self.xp.concat([self.xp.reshape(arrays[i], (-1,)) for i in alike]))
            parts = np.split(whole, np.cumsum([math.prod(shape) for shape in shapes])[:-1])
            hosts |= {i: part.reshape(shape) for i, part, shape in zip(alike, parts, shapes, strict=True)}
        return [hosts[i] for i in range(len(arrays))]

    def random_bits(self) -> Callable[..., Array]:
        """A function `(seed, stream, step, call, time, shape or out=, bits=16)`: 16, 32 or 64 random bits an element.

        It is made once for each program, so it may keep what it needs. They are drawn on the host unless a
        backend draws the same bits itself.
        """
        philox = Philox()

        def draw(*counter: Any, shape: tuple[int, ...] = (), out: Array | None = None, bits: int = 16) -> Array:
            seed, stream, step, call, time = (int(self.to_host(n)) for n in counter)
            host = philox.bits(seed, stream, step, call, time, shape if out is None else out.shape, bits=bits)
            return self.from_host(host, into=out)

        return draw

    def captured(self, step: Callable[[], None], calls: frozenset[str]) -> Callable[[], None]:
        """What runs a step that is the same call every time, perhaps recorded once and replayed.

        Args:
            step: it.
            calls: the names of all that it calls beside kernels of `kernels()` and those that can be recorded.
        """
        return step

    def exhausted(self, error: Exception) -> str | None:
        """What was asked of the memory and what is free, if the error says that it is exhausted; else None."""
        return str(error) if isinstance(error, MemoryError) else None

    def kernels(self) -> KernelWriter | None:
        """What writes the kernels of one program; None if its functions compute all."""
        return None

    def __repr__(self) -> str:
        return f"<Backend {self.name}>"
