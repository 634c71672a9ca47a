"""Products: cuBLAS's, with the copies that CuPy makes on the way to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._array import ndarray
from ._compute import compute
from .cuda.stream import refuse_capture
from .standin import count


def matmul(
    x1: Any, x2: Any, /, out: Any = None, *, axes: Any = None, axis: Any = None, keepdims: bool = False,
    casting: str = "same_kind", dtype: Any = None, signature: Any = None, order: str = "K",
) -> Any:  # fmt: skip
    """The matrix product, of stacks too."""
    for array in (x1, x2, *([] if out is None else [out])):
        if not isinstance(array, ndarray):
            raise TypeError(
                f"Argument 'b' has incorrect type (expected cupy._core.core._ndarray_base, got {type(array)})"
            )
    refuse_capture("a product")
    for a in (x1, x2):
        as_it_is = a.flags.c_contiguous or (a.ndim <= 2 and a.flags.f_contiguous)
        if not as_it_is or a.dtype != np.result_type(x1.dtype, x2.dtype):
            count["copies"] += 1
    if out is not None:
        overlaps = any(np.may_share_memory(a._a, out._a) for a in (x1, x2))
        if overlaps or not out.flags.c_contiguous or out.dtype != np.result_type(x1.dtype, x2.dtype):
            count["copies"] += 1
            count["temporaries"] += 1
    return compute(lambda a, b, **k: np.matmul(a, b, casting=casting, dtype=dtype, **k), [x1, x2], out, kind="products")


def dot(a: Any, b: Any, out: Any = None) -> Any:
    """The product of vectors, matrices, or one over the last axis and the last but one."""
    refuse_capture("a product")
    return compute(np.dot, [a, b], out, kind="products")


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """The product over some axes."""
    refuse_capture("a product")
    return compute(lambda a, b: np.tensordot(a, b, axes), [a, b], kind="products")


def einsum(*operands: Any, **kwargs: Any) -> Any:
    """The product that subscripts tell."""
    subscripts, *arrays = operands
    refuse_capture("a product")
    return compute(lambda *a: np.einsum(subscripts, *a, **kwargs), arrays, kind="products")


NAMESPACE = {f.__name__: f for f in (matmul, dot, tensordot, einsum)}
