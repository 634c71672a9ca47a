"""The backend on CuPy."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

from kcore.backend import Backend, Checkup
from kcore.backend.kernel import KernelWriter
from kcore.plugin import register

from .capture import RECORDS, Captured
from .products import graphs_wanted

INSTALL = 'install it by pip install "kcore[cuda13]", or "kcore[cuda12]" for a driver of CUDA 12.'


@register("backends", "cupy")
class CupyBackend(Backend):
    """CuPy on the current CUDA device.

    Elementwise work and reductions run as kernels written in CUDA C++, products and the rest by CuPy's functions, which
    take `out=` as NumPy's do.
    """

    name = "cupy"
    in_place = True
    xp_name = "cp"

    def __init__(self) -> None:
        self._device: int = self.xp.cuda.runtime.getDevice()
        self._others: dict[int, CupyBackend] = {self._device: self}  # those of all devices, shared by them

    def here(self) -> CupyBackend:
        """That of the device which is current now, as within `with cupy.cuda.Device(1):`."""
        device = self.xp.cuda.runtime.getDevice()
        if device not in self._others:
            other = self._others[device] = type(self)()
            other._others = self._others
        return self._others[device]

    @classmethod
    def probe(cls) -> str | None:
        """Whether CuPy is installed and finds a GPU."""
        if importlib.util.find_spec("cupy") is None:
            return f"CuPy is not installed; {INSTALL}"
        from .doctor import why_not

        return why_not()

    @classmethod
    def checkup(cls) -> Checkup:
        """What `kcore doctor` tells of CUDA and CuPy."""
        from .doctor import checkup

        return checkup()

    @property
    def xp(self) -> Any:
        """The namespace of CuPy."""
        import cupy

        return cupy

    def from_host(self, array: np.ndarray[Any, Any], into: Any = None) -> Any:
        """A copy on the device, over `into` if that is given: from pinned memory it is made while the host goes on."""
        if into is None:
            return self.xp.asarray(array)
        into.set(np.asarray(array, into.dtype, order="C"), self.xp.cuda.get_current_stream())
        return into

    def to_host(self, array: Any) -> np.ndarray[Any, Any]:
        """A copy on the host, after waiting for the device."""
        return self.xp.asnumpy(array) if self.owns(array) else np.array(array)

    def owns(self, array: Any) -> bool:
        """Whether it is an array of CuPy."""
        return isinstance(array, self.xp.ndarray)

    def exhausted(self, error: Exception) -> str | None:
        """What was asked of the GPU's memory and what is free, if an error is about that."""
        from .memory import exhausted

        return exhausted(error, self.xp)

    def random_bits(self) -> Callable[..., Any]:
        """Philox on the device, the same for all programs: it keeps nothing of what it draws."""
        return self._draw

    @functools.cached_property
    def _draw(self) -> Callable[..., Any]:
        from .philox import Draw

        return Draw(self.xp)

    @property
    def numbers_in_memory(self) -> bool:  # type: ignore[override] # it is asked of the environment
        """Whether steps are recorded as CUDA graphs, which KCORE_CUDA_GRAPH asks for."""
        return graphs_wanted()

    def captured(self, step: Callable[[], None], calls: frozenset[str]) -> Callable[[], None]:
        """The step as a CUDA graph, if it calls nothing that cannot be recorded."""
        return Captured(step, self.xp) if calls <= RECORDS else step

    def kernels(self) -> KernelWriter:
        """What writes the CUDA C++ of a program."""
        from .kernels import CudaKernels

        return CudaKernels(self.xp)

    def synchronize(self) -> None:
        """Wait for the current stream."""
        self.xp.cuda.get_current_stream().synchronize()

    def marked(self) -> Callable[[], None]:
        """What waits for an event on the current stream, if that has not come yet."""
        event = self.xp.cuda.Event(disable_timing=True)
        event.record()
        return lambda: None if event.done else event.synchronize()

    def host_array(self, shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
        """Pinned memory, which CUDA reads while the host goes on."""
        import cupyx

        array: np.ndarray[Any, Any] = cupyx.empty_pinned(shape, dtype)
        array.fill(0)
        return array

    def memory(self) -> tuple[int, int]:
        """What the GPU and CuPy's pool have left, and all of it."""
        from .memory import memory_of

        memory = memory_of(self.xp)
        return memory.left, memory.total
