"""A library with cuBLAS's functions, for those who call it by themselves: its products are NumPy's, in stream order."""

from __future__ import annotations

import ctypes
import functools
from typing import Any

import numpy as np

from . import _compile, standin
from .cuda import stream
from .cuda.stream import Stream, later

INVALID_VALUE = 7
FIELDS = """
i item, p stream, i transposed_a, i transposed_b, i m, i n, i k, p alpha, p a, i lda, l stride_a, p b, i ldb,
l stride_b, p beta, p c, i ldc, l stride_c, i count
"""
KINDS = {"i": ("int", ctypes.c_int), "p": ("const void*", ctypes.c_void_p), "l": ("long long", ctypes.c_longlong)}


class Call(ctypes.Structure):
    """A call of gemm, its matrices column by column."""

    _fields_ = [(field.split()[1], KINDS[field.split()[0]][1]) for field in FIELDS.split(",")]


SOURCE = (
    "struct Call { "
    + " ".join(f"{KINDS[field.split()[0]][0]} {field.split()[1]};" for field in FIELDS.split(","))
    + """ };
typedef int (*Gemm)(const Call*);
static Gemm gemm;
struct Handle { const void* stream; };
extern "C" void when_called(Gemm function) { gemm = function; }
extern "C" int cublasCreate_v2(Handle** handle) { *handle = new Handle{nullptr}; return 0; }
extern "C" int cublasDestroy_v2(Handle* handle) { delete handle; return 0; }
extern "C" int cublasSetStream_v2(Handle* handle, const void* stream) { handle->stream = stream; return 0; }
extern "C" int cublasSetWorkspace_v2(Handle* handle, void* room, unsigned long long size) { return handle ? 0 : 1; }
extern "C" int cublasSetMathMode(Handle* handle, int mode) { return handle ? 0 : 1; }
extern "C" int cublasGetVersion_v2(Handle* handle, int* version) { *version = 130200; return 0; }
"""
    + "".join(
        f"""
extern "C" int cublas{letter}gemm_v2(Handle* h, int ta, int tb, int m, int n, int k, const void* alpha,
        const void* a, int lda, const void* b, int ldb, const void* beta, const void* c, int ldc) {{
    Call call = {{{item}, h->stream, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1}};
    return gemm(&call);
}}
extern "C" int cublas{letter}gemmStridedBatched(Handle* h, int ta, int tb, int m, int n, int k, const void* alpha,
        const void* a, int lda, long long sa, const void* b, int ldb, long long sb, const void* beta,
        const void* c, int ldc, long long sc, int count) {{
    Call call = {{{item}, h->stream, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb, beta, c, ldc, sc, count}};
    return gemm(&call);
}}
"""
        for letter, item in (("S", 4), ("D", 8))
    )
)


@functools.cache
def library() -> ctypes.PyDLL:
    """The library, which calls back into this module."""
    built = _compile.library(SOURCE, "", ())
    built.when_called(_gemm)
    return built


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Call))
def _gemm(pointer: Any) -> int:
    call = Call.from_buffer_copy(pointer.contents)
    shapes = [(call.m, call.k), (call.k, call.n), (call.m, call.n)]
    flips = [call.transposed_a, call.transposed_b, 0]
    lies = [shape[::-1] if flip else shape for shape, flip in zip(shapes, flips, strict=True)]
    if min(call.m, call.n, call.k) < 0 or any(
        apart < max(1, rows) for apart, (rows, _) in zip((call.lda, call.ldb, call.ldc), lies, strict=True)
    ):
        return INVALID_VALUE
    dtype = np.float32 if call.item == 4 else np.float64
    alpha, beta = (
        dtype(np.ctypeslib.as_array((_number(dtype) * 1).from_address(p))[0]) for p in (call.alpha, call.beta)
    )
    places = [(call.a, call.lda, call.stride_a), (call.b, call.ldb, call.stride_b), (call.c, call.ldc, call.stride_c)]
    a, b, c = (_matrices(dtype, call.count, *place, *lie) for place, lie in zip(places, lies, strict=True))
    a, b = (array.mT if flip else array for array, flip in zip((a, b), flips, strict=False))
    standin.count["products"] += 1

    def product() -> None:
        c[...] = alpha * np.matmul(a, b) + (beta * c if beta else 0)

    later(product, next((s for s in stream._known if s.ptr == call.stream), Stream.null))
    return 0


def _number(dtype: Any) -> Any:
    return np.ctypeslib.as_ctypes_type(dtype)


def _matrices(dtype: Any, count: int, at: int, apart: int, stride: int, rows: int, columns: int) -> np.ndarray:
    """Matrices column by column in the memory at an address."""
    item = np.dtype(dtype).itemsize
    reach = (count - 1) * stride + (columns - 1) * apart + rows
    memory = (ctypes.c_char * (reach * item)).from_address(at)
    return np.ndarray((count, rows, columns), dtype, memory, 0, (stride * item, item, apart * item))
