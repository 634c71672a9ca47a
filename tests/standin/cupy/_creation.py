"""Functions that make arrays."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ._array import ndarray
from ._compute import compute, own, raw, uploaded
from .cuda.memory import MemoryPool, pool
from .standin import count


def zeros(shape: Any, dtype: Any = float, order: Any = "C") -> ndarray:
    """Full of zeros."""
    count["launches"] += 1
    new = empty(shape, dtype, order)
    new._a[...] = 0
    return new


def ones(shape: Any, dtype: Any = float, order: Any = "C") -> ndarray:
    """Full of ones."""
    return full(shape, 1, dtype, order)


def empty(shape: Any, dtype: Any = float, order: Any = "C") -> ndarray:
    """Not written yet."""
    return ndarray(shape, dtype, order=order or "C")


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C") -> ndarray:
    """Full of one number."""
    if dtype is None:
        dtype = fill_value.dtype if isinstance(fill_value, ndarray) else np.array(fill_value).dtype
    new = empty(shape, dtype, order)
    new.fill(fill_value)
    return new


def zeros_like(a: Any, dtype: Any = None, order: Any = "K", subok: Any = None, shape: Any = None) -> ndarray:
    """Zeros, lying as another array does."""
    return _like(zeros, a, dtype, shape)


def ones_like(a: Any, dtype: Any = None, order: Any = "K", subok: Any = None, shape: Any = None) -> ndarray:
    """Ones, lying as another array does."""
    return _like(ones, a, dtype, shape)


def empty_like(prototype: Any, dtype: Any = None, order: Any = "K", subok: Any = None, shape: Any = None) -> ndarray:
    """Not written yet, lying as another array does."""
    return _like(empty, prototype, dtype, shape)


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: Any = None, shape: Any = None
) -> ndarray:
    """Full of one number, lying as another array does."""
    new = _like(empty, a, dtype, shape)
    new.fill(fill_value)
    return new


def _like(make: Callable[..., ndarray], a: ndarray, dtype: Any, shape: Any) -> ndarray:
    return make(a.shape if shape is None else shape, a.dtype if dtype is None else dtype)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> ndarray:
    """Numbers at equal distances."""
    count["launches"] += 1
    return own(np.arange(start, dtype=dtype) if stop is None else np.arange(start, stop, step, dtype))


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> ndarray:
    """So many numbers between two."""
    count["launches"] += 1
    return own(np.linspace(start, stop, num, endpoint, dtype=dtype, axis=axis))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = float, order: Any = "C") -> ndarray:  # noqa: N803
    """Ones along a diagonal."""
    count["launches"] += 1
    return own(np.eye(N, M, k, dtype))


def array(
    obj: Any,
    dtype: Any = None,
    copy: Any = True,
    order: Any = "K",
    subok: Any = False,
    ndmin: int = 0,
    *,
    blocking: Any = False,
) -> ndarray:
    """A copy on the device."""
    if isinstance(obj, ndarray):
        if copy or (dtype is not None and obj.dtype != dtype):
            return obj.astype(obj.dtype if dtype is None else dtype)
        return obj
    if isinstance(obj, list | tuple) and obj and all(isinstance(o, ndarray) for o in obj):
        return compute(lambda *a: np.array(a, dtype), list(obj))
    return uploaded(np.array(obj, dtype, ndmin=ndmin))


def asarray(a: Any, dtype: Any = None, order: Any = None, *, copy: Any = None, blocking: Any = False) -> ndarray:
    """An array of the device: itself, or a copy of what lies on the host."""
    return array(a, dtype, copy=bool(copy), order=order, blocking=blocking)


def ascontiguousarray(a: Any, dtype: Any = None) -> ndarray:
    """With its elements one after the other."""
    new = asarray(a, dtype)
    return new if new.flags.c_contiguous else compute(lambda a: np.ascontiguousarray(a).copy(), [new], kind="copies")


def asnumpy(a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True) -> np.ndarray:
    """A copy on the host."""
    return a.get(stream, order, out, blocking) if isinstance(a, ndarray) else np.asarray(a, order=order)


def may_share_memory(a: Any, b: Any, max_work: Any = None) -> bool:
    """Whether the bounds of two arrays overlap."""
    return bool(np.may_share_memory(raw(a), raw(b)))


# About arrays ------------------------------------------------------------------------------------------------


def get_default_memory_pool() -> MemoryPool:
    """What arrays are given their memory from."""
    return pool


def result_type(*arrays_and_dtypes: Any) -> Any:
    """The dtype of what these make together."""
    return np.result_type(*(a.dtype if isinstance(a, ndarray) else a for a in arrays_and_dtypes))


def get_array_module(*args: Any) -> Any:
    """CuPy, or NumPy if no array is on the device."""
    return sys.modules[__package__] if any(isinstance(a, ndarray) for a in args) else np


NAMESPACE = {
    f.__name__: f
    for f in (
        zeros, ones, empty, full, zeros_like, ones_like, empty_like, full_like, arange, linspace, eye, array, asarray,
        ascontiguousarray, asnumpy, may_share_memory, get_default_memory_pool, result_type, get_array_module,
    )
}  # fmt: skip
