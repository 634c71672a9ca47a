"""The array: NumPy's behind a wall. What would cross to the host in silence raises or is counted, as in CuPy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ._compute import compute, need, now, raw, uploaded, view_of
from ._operators import Operators
from .cuda.memory import Memory, MemoryPointer
from .cuda.pinned_memory import is_pinned
from .cuda.stream import capturing, get_current_stream, later, refuse_capture, wait
from .standin import count

NO_CONVERSION = (
    "Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct a NumPy array explicitly."
)


class Flags:
    """How an array lies in memory."""

    def __init__(self, c_contiguous: bool, f_contiguous: bool, owndata: bool) -> None:
        self.c_contiguous, self.f_contiguous, self.owndata = c_contiguous, f_contiguous, owndata
        self.fnc, self.forc = f_contiguous and not c_contiguous, f_contiguous or c_contiguous

    def __getitem__(self, name: str) -> bool:
        found: bool = getattr(self, name.lower())
        return found


class ndarray(Operators):  # noqa: N801
    """An array of the device."""

    __slots__ = ("__weakref__", "_a", "_memory", "base")
    __array_priority__ = 100
    __hash__ = None
    _a: np.ndarray
    _memory: Any
    base: ndarray | None

    def __new__(
        cls, shape: Any, dtype: Any = float, memptr: Any = None, strides: Any = None, order: str = "C"
    ) -> ndarray:
        dtype, shape = np.dtype(dtype), (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
        memory = Memory(dtype.itemsize * int(np.prod(shape, dtype=np.int64))) if memptr is None else memptr.mem
        start = 0 if memptr is None else memptr.ptr - memory.bytes.ctypes.data
        return wrapped(np.ndarray(shape, dtype, memory.bytes, start, strides, order=order), memory, None)

    # What it is -------------------------------------------------------------------------------------------

    shape = property(lambda self: self._a.shape)
    dtype = property(lambda self: self._a.dtype)
    size = property(lambda self: self._a.size)
    ndim = property(lambda self: self._a.ndim)
    nbytes = property(lambda self: self._a.nbytes)
    itemsize = property(lambda self: self._a.itemsize)
    strides = property(lambda self: self._a.strides)
    data = property(lambda self: MemoryPointer(self._memory, self._a.ctypes.data))
    device = property(lambda self: self.data.device)

    @property
    def flags(self) -> Flags:
        """How it lies in memory."""
        return Flags(self._a.flags.c_contiguous, self._a.flags.f_contiguous, self.base is None)

    # The wall ---------------------------------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError(NO_CONVERSION)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = (None,), **kwargs: Any) -> Any:
        import cupy

        function = getattr(cupy, ufunc.__name__, None)
        if method != "__call__" or function is None:
            return NotImplemented
        return function(*inputs, out=out[0], **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        import cupy

        function = getattr(cupy, func.__name__, None)
        if function is None or function is func or not all(t in (ndarray, np.ndarray) for t in types):
            return NotImplemented
        return function(*args, **kwargs)

    # Crossings --------------------------------------------------------------------------------------------

    def get(self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True) -> np.ndarray:
        """A copy on the host, after waiting for the stream."""
        refuse_capture("a copy to the host")
        if out is not None and (self.dtype, self.shape) != (out.dtype, out.shape):
            raise TypeError(f"{out.dtype} array cannot be obtained from {self.dtype} array")
        if out is None:
            out = np.empty(self.shape, self.dtype, order="F" if order == "F" else "C")
        count["downloads"] += 1
        count["downloaded"] += self.nbytes
        later(lambda: np.copyto(out, self._a), stream)
        if stream is None and blocking:
            wait()
        elif not is_pinned(out):
            stream.synchronize()
        return out

    def set(self, arr: np.ndarray, stream: Any = None) -> None:
        """Copy an array of the host over it: by the device while the host goes on, if it lies in pinned memory."""
        if not isinstance(arr, np.ndarray):
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if self.dtype != arr.dtype:
            raise TypeError(f"{arr.dtype} array cannot be set to {self.dtype} array")
        if self.shape != arr.shape:
            raise ValueError(f"Shape mismatch. Old shape: {self.shape}, new shape: {arr.shape}")
        if not self.flags.forc:
            raise RuntimeError("Cannot set to non-contiguous array")
        whole = np.ascontiguousarray(arr) if self._a.flags.c_contiguous else np.asfortranarray(arr)
        if stream is None and capturing():
            refuse_capture("a copy from the host")
        count["uploads"] += 1
        count["uploaded"] += self.nbytes
        held = whole if is_pinned(whole) else whole.copy()
        later(lambda: np.copyto(self._a, held.reshape(self.shape)), stream)
        if stream is None and not get_current_stream().ptr:
            wait()  # on the null stream it is CUDA's memcpy that waits

    def item(self, *args: Any) -> Any:
        """A number of Python."""
        return self.get().item(*args)

    def tolist(self) -> Any:
        """Numbers of Python."""
        return self.get().tolist()

    def tobytes(self, order: str = "C") -> bytes:
        """Its bytes."""
        return self.get().tobytes(order)

    def __bool__(self) -> bool:
        return bool(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __float__(self) -> float:
        return float(self.get())

    def __complex__(self) -> complex:
        return complex(self.get())

    def __repr__(self) -> str:
        return repr(self.get())

    def __str__(self) -> str:
        return str(self.get())

    def __format__(self, format_spec: str) -> str:
        return format(self.get(), format_spec)

    def __len__(self) -> int:
        return len(self._a)

    def __iter__(self) -> Iterator[ndarray]:
        return (self[i] for i in range(len(self)))

    # Views and parts --------------------------------------------------------------------------------------

    T = property(lambda self: view_of(self, self._a.T))
    mT = property(lambda self: view_of(self, self._a.mT))  # noqa: N815

    def view(self, dtype: Any = None) -> ndarray:
        """The same memory, as another dtype."""
        return view_of(self, self._a.view() if dtype is None else self._a.view(dtype))

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> ndarray:
        """The same elements in another shape: a copy where they do not lie so."""
        new = self._a.reshape(*shape, order=order)
        if np.may_share_memory(new, self._a) or not new.size:
            return view_of(self, new)
        return compute(lambda a: a.reshape(new.shape, order=order).copy(), [self], kind="copies")

    def ravel(self, order: str = "C") -> ndarray:
        """In one axis."""
        return self.reshape(-1, order=order)

    def transpose(self, *axes: Any) -> ndarray:
        """With its axes in another order."""
        return view_of(self, self._a.transpose(*axes))

    def swapaxes(self, axis1: int, axis2: int) -> ndarray:
        """With two axes exchanged."""
        return view_of(self, self._a.swapaxes(axis1, axis2))

    def squeeze(self, axis: Any = None) -> ndarray:
        """Without axes of one element."""
        return view_of(self, self._a.squeeze(axis))

    def __getitem__(self, key: Any) -> ndarray:
        index = _index(key)
        arrays = [i for i in index if isinstance(i, ndarray)]
        if not arrays:
            return view_of(self, self._a[index])
        if any(i.dtype == bool for i in arrays):
            return now(lambda a: a[tuple(raw(i) for i in index)], [self])  # how many there are is asked of the device
        return compute(lambda a, *i: a[_refilled(index, i)], [self, *arrays])

    def __setitem__(self, key: Any, value: Any) -> None:
        index = _index(key)
        arrays = [i for i in index if isinstance(i, ndarray)]
        if isinstance(value, np.ndarray) and value.ndim and not arrays:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        if isinstance(value, np.ndarray | list | tuple) and arrays:
            value = uploaded(np.asarray(value, self.dtype))  # real CuPy does so in silence
        elif isinstance(value, np.ndarray):
            value = value[()]
        operands = [value, *arrays]
        need(*operands)
        count["launches"] += 1
        later(lambda: self._a.__setitem__(_refilled(index, [raw(i) for i in arrays]), raw(value)))

    # Copies ---------------------------------------------------------------------------

    def astype(
        self, dtype: Any, order: str = "K", casting: Any = None, subok: Any = None, copy: bool = True
    ) -> ndarray:
        """As another dtype."""
        if not copy and self.dtype == dtype:
            return self
        return compute(lambda a: a.astype(dtype, order=order), [self])

    def copy(self, order: str = "C") -> ndarray:
        """A copy."""
        return compute(lambda a: a.copy(order), [self], kind="copies")

    def flatten(self, order: str = "C") -> ndarray:
        """A copy in one axis."""
        return self.copy(order).reshape(-1)

    def fill(self, value: Any) -> None:
        """Make all elements the same number."""
        self[...] = value


def wrapped(array: np.ndarray, memory: Any, base: ndarray | None) -> ndarray:
    """An array of NumPy's as one of the device."""
    new = object.__new__(ndarray)
    new._a, new._memory, new.base = array, memory, base
    return new


def _index(key: Any) -> tuple[Any, ...]:
    """An index in which arrays of the host, which real CuPy copies in silence, are copied to the device."""
    parts = key if isinstance(key, tuple) else (key,)
    parts = parts if any(p is ... for p in parts) else (*parts, ...)  # so that NumPy's are views, not numbers
    return tuple(uploaded(np.asarray(p)) if isinstance(p, np.ndarray | list) else p for p in parts)


def _refilled(index: tuple[Any, ...], arrays: Any) -> tuple[Any, ...]:
    rest = iter(arrays)
    return tuple(next(rest) if isinstance(i, ndarray) else i for i in index)
