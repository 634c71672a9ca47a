"""What stands in for cuBLAS: products of matrices column by column, however they lie, in the order of a stream."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
if not hasattr(cupy, "standin"):
    pytest.skip("this is CuPy itself", allow_module_level=True)

from cuda.pathfinder import load_nvidia_dynamic_lib  # noqa: E402

rng = np.random.default_rng(0)


@pytest.fixture
def blas():
    return ctypes.CDLL(load_nvidia_dynamic_lib("cublas").abs_path)


@pytest.fixture
def handle(blas):
    made = ctypes.c_void_p()
    assert blas.cublasCreate_v2(ctypes.byref(made)) == 0
    assert blas.cublasSetStream_v2(made, ctypes.c_void_p(cupy.cuda.get_current_stream().ptr)) == 0
    return made


def at(array):
    return ctypes.c_void_p(array.data.ptr)


@pytest.mark.parametrize("flip_a", [0, 1])
@pytest.mark.parametrize("flip_b", [0, 1])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products(blas, handle, flip_a, flip_b, dtype):
    """Stored as rows by NumPy, a matrix is its transpose to cuBLAS; each has more room than it fills."""
    m, n, k = 3, 4, 5
    a, b = (rng.standard_normal((9, 8)).astype(dtype) for _ in range(2))
    c = rng.standard_normal((n, 6)).astype(dtype)
    number = {"float32": ctypes.c_float, "float64": ctypes.c_double}[dtype]
    there = [cupy.asarray(array) for array in (a, b, c)]
    half, two = number(0.5), number(2)
    function = {"float32": blas.cublasSgemm_v2, "float64": blas.cublasDgemm_v2}[dtype]
    with cupy.counted() as happened:
        status = function(
            handle, flip_a, flip_b, m, n, k, ctypes.byref(half), at(there[0]), 8, at(there[1]), 8, ctypes.byref(two),
            at(there[2]), 6,
        )  # fmt: skip
    assert status == 0
    assert happened == {"products": 1}
    left = a[:m, :k] if flip_a else a[:k, :m].T
    right = b[:k, :n] if flip_b else b[:n, :k].T
    wanted = c.copy()
    wanted[:, :m] = (0.5 * left @ right).T + 2 * c[:, :m]
    np.testing.assert_allclose(there[2].get(), wanted, rtol=1e-5)


def test_stacks_of_products(blas, handle):
    a, b = cupy.asarray(rng.standard_normal((6, 2, 3))), cupy.asarray(rng.standard_normal((6, 3, 4)))
    c, one, zero = cupy.empty((6, 2, 4)), ctypes.c_double(1), ctypes.c_double(0)
    long = ctypes.c_longlong
    args = (ctypes.byref(one), at(b), 4, long(12), at(a), 3, long(6), ctypes.byref(zero), at(c), 4, long(8), 6)
    assert blas.cublasDgemmStridedBatched(handle, 0, 0, 4, 2, 3, *args) == 0
    np.testing.assert_allclose(c.get(), a.get() @ b.get())


def test_rows_that_are_too_short_are_refused(blas, handle):
    x, one = cupy.zeros(99), ctypes.c_double(1)
    args = (ctypes.byref(one), at(x), 3, at(x), 9, ctypes.byref(one), at(x), 9)
    assert blas.cublasDgemm_v2(handle, 0, 0, 4, 4, 4, *args) == 7


def test_products_are_captured(blas, handle):
    stream, one, zero = cupy.cuda.Stream(), ctypes.c_double(1), ctypes.c_double(0)
    x, out = cupy.ones((2, 2)), cupy.zeros((2, 2))
    assert blas.cublasSetStream_v2(handle, ctypes.c_void_p(stream.ptr)) == 0
    with stream:
        stream.begin_capture()
        args = (ctypes.byref(one), at(x), 2, at(x), 2, ctypes.byref(zero), at(out), 2)
        assert blas.cublasDgemm_v2(handle, 0, 0, 2, 2, 2, *args) == 0
        graph = stream.end_capture()
        assert not out.get().any()
        x.fill(3)
        graph.launch()
        assert (out.get() == 18).all()
