"""A backend that writes CUDA for its programs, and keeps the text: NumPy's arrays, nothing is run, no GPU is needed."""

from __future__ import annotations

import functools
from math import prod
from types import SimpleNamespace
from typing import Any

import attrs
import numpy as np

from kcore.backend.kernel import KernelWriter
from kcore_cupy.backend import CupyBackend
from kcore_cupy.kernels import CudaKernels


class Array(np.ndarray):
    """An array whose address is told as CuPy tells it."""

    @property
    def data(self) -> Any:
        return SimpleNamespace(ptr=self.ctypes.data)


def _ours(function: Any) -> Any:
    """A function of NumPy whose results are arrays of this kind."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        return result.view(Array) if isinstance(result, np.ndarray) else result

    return wrapped


@attrs.define(eq=False)
class Module:
    """What a program would compile.

    Attributes:
        code, options: as given to RawModule.
        threads: of each kernel by name, in its largest block.
    """

    code: str
    options: tuple[str, ...]
    threads: dict[str, int] = attrs.field(factory=dict)

    def get_function(self, name: str) -> Any:
        """What stands for a kernel; it notes its blocks and computes nothing."""
        self.threads.setdefault(name, 1)
        return functools.partial(self.launch, name)

    def launch(self, name: str, grid: tuple[int, ...], block: tuple[int, ...], arguments: Any) -> None:
        """Note the block."""
        self.threads[name] = max(self.threads[name], prod(block))


class Recorder(CupyBackend):
    """What CuPy's backend does before a step runs.

    Attributes:
        modules: those of all programs by code and options, in the order in which they came.
        writers: the makers of their kernels.
    """

    def __init__(self) -> None:
        self.modules: dict[tuple[str, tuple[str, ...]], Module] = {}
        self.writers: list[CudaKernels] = []
        functions = {k: v if isinstance(v, type) or not callable(v) else _ours(v) for k, v in vars(np).items()}
        self._xp = SimpleNamespace(**functions | {"ndarray": Array, "RawModule": self._module})

    def _module(self, *, code: str, options: tuple[str, ...]) -> Module:
        return self.modules.setdefault((code, options), Module(code, options))

    @property
    def xp(self) -> Any:
        return self._xp

    def kernels(self) -> KernelWriter:
        self.writers.append(CudaKernels(self.xp))
        return self.writers[-1]

    def launch_all(self) -> None:
        """Launch every kernel that was bound, so that its module knows of its block."""
        for bound in (bound for writer in self.writers for bound in writer._bound):
            if bound.function is not None:
                bound()

    def here(self) -> Recorder:
        return self

    def host_array(self, shape: tuple[int, ...], dtype: str) -> np.ndarray:
        return np.zeros(shape, dtype)

    def from_host(self, array: np.ndarray, into: Any = None) -> Any:
        if into is None:
            return np.array(array).view(Array)
        into[...] = array
        return into

    def to_host(self, array: Any) -> np.ndarray:
        return np.array(array)
