"""Products by a cuBLAS handle of our own, which CUDA graphs can record; CuPy's own calls refuse to be recorded.

Source: the cuBLAS documentation, on `cublas<t>gemm`, row-major arrays as transposed ones, and graphs.
"""

from __future__ import annotations

import ctypes
import functools
import math
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from kcore.backend import OpKernel, Use
from kcore.plugin import register

AS_IS, TRANSPOSED = 0, 1  # cublasOperation_t
WORKSPACE = 32 << 20  # bytes: what cuBLAS wants on a GPU of compute capability 9.0; given once, as graphs need it
LETTERS = {"float32": ("S", ctypes.c_float), "float64": ("D", ctypes.c_double)}


def graphs_wanted() -> bool:
    """Whether steps are to be recorded as CUDA graphs."""
    return os.environ.get("KCORE_CUDA_GRAPH", "") not in ("", "0")


def library() -> Any:
    """cuBLAS, as CuPy finds it."""
    from cuda.pathfinder import load_nvidia_dynamic_lib

    return ctypes.CDLL(load_nvidia_dynamic_lib("cublas").abs_path)


class Cublas:
    """A handle on one device.

    Args:
        cupy: the module.
    """

    def __init__(self, cupy: Any) -> None:
        self._cupy, self._library = cupy, library()
        self._handle = ctypes.c_void_p()
        self._check("cublasCreate_v2", ctypes.byref(self._handle))
        self._workspaces: dict[int, Any] = {}  # by stream, since work on two of them may overlap
        self._lock = threading.Lock()

    def _check(self, function: str, *arguments: Any) -> None:
        status = getattr(self._library, function)(*arguments)
        if status:
            raise RuntimeError(f"cuBLAS: {function} failed with status {status}. Try without KCORE_CUDA_GRAPH.")

    def prepare(self, stream: Any) -> None:
        """Give a stream its workspace, before anything is recorded on it; whoever does so keeps the stream."""
        self._workspaces[stream.ptr] = self._cupy.empty(WORKSPACE, "uint8")

    def run(self, function: str, *arguments: Any) -> None:
        """Call a function on the current stream."""
        stream = self._cupy.cuda.get_current_stream()
        if stream.ptr not in self._workspaces:
            self.prepare(stream)
        with self._lock:  # a change of the stream takes the workspace away, and other threads may change it
            room = ctypes.c_void_p(self._workspaces[stream.ptr].data.ptr), ctypes.c_size_t(WORKSPACE)
            self._check("cublasSetStream_v2", self._handle, ctypes.c_void_p(stream.ptr))
            self._check("cublasSetWorkspace_v2", self._handle, *room)
            self._check(function, self._handle, *arguments)


@functools.cache
def on_device(device: int) -> Cublas:
    """The handle of a device."""
    import cupy

    return Cublas(cupy)


@register("kernels", "cublas")
class CublasProduct(OpKernel):
    """Products of matrices, and of stacks of them, where KCORE_CUDA_GRAPH asks for steps as CUDA graphs."""

    op = "matmul"
    backend = "cupy"
    recordable = True

    @classmethod
    def probe(cls) -> str | None:
        """Whether it was asked for."""
        return None if graphs_wanted() else "Set KCORE_CUDA_GRAPH=1 to have steps recorded as CUDA graphs."

    def takes(self, use: Use) -> bool:
        """Products of floats: of matrices, or of stacks that are equally long."""
        stacks = {i.shape[:-2] for i in use.inputs}
        return use.dtype in LETTERS and 0 not in use.inputs[0].shape + use.shape and len(stacks) == 1

    def bind(self, use: Use, inputs: Sequence[Any], out: Any) -> Callable[[], None]:
        """One call of cuBLAS, its arguments made once; an array that lies across is copied before it or behind it."""
        import cupy

        def straight(array: Any) -> Any:
            return cupy.empty(array.shape, array.dtype)

        letter, number = LETTERS[use.dtype]
        a, b = (array if _lies(array) else straight(array) for array in inputs)
        target = out if _lies(out) and _how(out) == AS_IS else straight(out)
        copies = [(new, old) for new, old in zip((a, b), inputs, strict=True) if new is not old]
        stack = out.size // (out.shape[-2] * out.shape[-1])
        factors = number(1), number(0)
        arguments = [_how(b), _how(a), out.shape[-1], out.shape[-2], a.shape[-1], ctypes.byref(factors[0])]
        arguments += [*_placed(b, stack), *_placed(a, stack), ctypes.byref(factors[1]), *_placed(target, stack)]
        arguments += [stack] if stack > 1 else []
        function = f"cublas{letter}gemm" + ("StridedBatched" if stack > 1 else "_v2")
        handle = on_device(cupy.cuda.runtime.getDevice())

        def product(keeps: Any = (a, b, target, factors)) -> None:
            for copy, original in copies:
                cupy.copyto(copy, original)
            handle.run(function, *arguments)
            if target is not out:
                cupy.copyto(out, target)

        return product


def _how(array: Any) -> int:
    """Whether a matrix is read as it lies or transposed."""
    return (_lies(array) or (AS_IS, 0))[0]


def _placed(array: Any, stack: int) -> list[Any]:
    """Where a matrix starts and how far apart its rows, or columns, lie; of a stack also how far apart its matrices."""
    _, length = _lies(array) or (AS_IS, 0)
    apart = [ctypes.c_longlong(_apart(array))] if stack > 1 else []
    return [ctypes.c_void_p(array.data.ptr), length, *apart]


def _apart(array: Any) -> int:
    """How far apart the matrices of a stack lie, in elements."""
    return int(array.strides[-3] // array.itemsize)


def _lies(array: Any) -> tuple[int, int] | None:
    """Whether a matrix is read as it lies or transposed, and how far apart its rows, or columns, are; None: neither."""
    rows, columns = (s // array.itemsize for s in array.strides[-2:])
    m, n = array.shape[-2:]
    if array.ndim > 2 and not _evenly(array):
        return None
    if (columns == 1 or n == 1) and (rows >= n or m == 1):
        return AS_IS, max(rows, n)
    if (rows == 1 or m == 1) and (columns >= m or n == 1):
        return TRANSPOSED, max(columns, m)
    return None


def _evenly(array: Any) -> bool:
    """Whether all matrices of a stack lie equally far apart."""
    apart = array.strides[-3]
    sizes = (math.prod(array.shape[axis + 1 : -2]) for axis in range(array.ndim - 3))
    return all(
        n == 1 or stride == apart * size
        for n, stride, size in zip(array.shape[:-3], array.strides[:-3], sizes, strict=False)
    )
