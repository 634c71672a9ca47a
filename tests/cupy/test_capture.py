"""Steps recorded as CUDA graphs, with a cuBLAS that computes on the stand-in's arrays."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import use_backend
from kcore.graph import Trace, finish, recording
from kcore.layers import LSTM, Dense, Dropout
from kcore.models import Sequential
from kcore.program import Program
from tests.tolerances import assert_close

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
if not hasattr(cupy, "standin"):
    pytest.skip("for the stand-in, whose cuBLAS is a double", allow_module_level=True)

from cupy._compute import later  # noqa: E402

from kcore_cupy import products  # noqa: E402


def matrix(place, rows, columns, apart, dtype):
    """A column-major matrix in memory."""
    size = (columns - 1) * apart + rows
    memory = np.frombuffer((ctypes.c_byte * (size * np.dtype(dtype).itemsize)).from_address(place), dtype)
    return np.lib.stride_tricks.as_strided(memory, (rows, columns), (memory.itemsize, memory.itemsize * apart))


class Double:
    """The functions of cuBLAS that are called, by its documentation; work goes to the current stream."""

    def __init__(self):
        self.calls = []

    def cublasCreate_v2(self, handle):  # noqa: N802
        return 0

    def cublasSetStream_v2(self, handle, stream):  # noqa: N802
        return 0

    def cublasSetWorkspace_v2(self, handle, room, size):  # noqa: N802
        assert size.value == products.WORKSPACE
        return 0

    def __getattr__(self, name):
        letter, _, kind = name.removeprefix("cublas").partition("gemm")
        dtype, stacked = {"S": "float32", "D": "float64"}[letter], kind == "StridedBatched"

        def gemm(handle, how_a, how_b, m, n, k, alpha, a, lda, *rest):
            self.calls.append(name)
            if stacked:
                step_a, b, ldb, step_b, beta, c, ldc, step_c, count = rest
            else:
                (b, ldb, beta, c, ldc), count = rest, 1
                step_a = step_b = step_c = ctypes.c_longlong(0)
            assert (alpha._obj.value, beta._obj.value) == (1, 0)
            assert lda >= (k if how_a else m) and ldb >= (n if how_b else k) and ldc >= m

            def compute():
                for i in range(count):
                    places = [
                        p.value + i * step.value * np.dtype(dtype).itemsize
                        for p, step in ((a, step_a), (b, step_b), (c, step_c))
                    ]
                    left = matrix(places[0], *((k, m) if how_a else (m, k)), lda, dtype)
                    right = matrix(places[1], *((n, k) if how_b else (k, n)), ldb, dtype)
                    result = matrix(places[2], m, n, ldc, dtype)
                    result[...] = (left.T if how_a else left) @ (right.T if how_b else right)

            later(compute)
            return 0

        return gemm


@pytest.fixture
def double(monkeypatch):
    """cuBLAS's, with graphs asked for."""
    library = Double()
    monkeypatch.setattr(products, "library", lambda: library)
    monkeypatch.setenv("KCORE_CUDA_GRAPH", "1")
    products.on_device.cache_clear()
    yield library
    products.on_device.cache_clear()


LAID = {
    "straight": lambda a, b: ops.matmul(a, b),
    "transposed": lambda a, b: ops.matmul(ops.transpose(b), ops.transpose(a)),
    "cut": lambda a, b: ops.matmul(a[1:, 1:], b[1:, :2]),
    "backwards": lambda a, b: ops.matmul(ops.flip(a), b),
    "one row": lambda a, b: ops.matmul(a[:1], b),
    "one column": lambda a, b: ops.matmul(a, b[:, 1:2]),
    "in a join": lambda a, b: ops.concat([ops.matmul(a, b), ops.matmul(a, b) * 2], axis=1),
    "in a join, by columns": lambda a, b: ops.stack([ops.matmul(a, b), ops.matmul(a, b) * 2], axis=-1),
    "stacked": lambda a, b: ops.matmul(ops.stack([a, a + 1]), ops.stack([b, b - 1])),
    "stacked, transposed": lambda a, b: ops.matmul(
        ops.stack([a, a]), ops.matrix_transpose(ops.stack([ops.transpose(b), ops.transpose(b) + 2]))
    ),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("way", LAID)
def test_products_of_every_layout(way, dtype, double):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(5, 4)).astype(dtype), rng.normal(size=(4, 3)).astype(dtype)
    trace = Trace()
    with recording(trace):
        out = LAID[way](trace.input("a", a.shape, dtype), trace.input("b", b.shape, dtype))
    graph, results = finish(trace, "step", [out]), []
    for name in ("numpy", "cupy"):
        with use_backend(name) as backend:
            program = Program(graph, backend)
            program.arrays["a"][...], program.arrays["b"][...] = a, b
            results.append([backend.to_host(program()[0]) for _ in range(3)])
    assert double.calls and "matmul" not in program.written.calls
    for wanted, got in zip(*results, strict=True):
        assert_close("product", got, wanted)


def mlp():
    return Sequential([Dense(9, activation="relu", input_shape=(6,)), Dropout(0.2), Dense(1)])


def recurrent():
    return Sequential([LSTM(5, input_shape=(4, 3)), Dense(1)])


@pytest.mark.parametrize("make, shape", [(mlp, (6,)), (recurrent, (4, 3))])
def test_a_recorded_step_trains_as_one_that_is_launched(make, shape, double, monkeypatch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(70, *shape)).astype("float32"), rng.normal(size=(70, 1)).astype("float32")

    def weights():
        kcore.utils.set_random_seed(1)
        model = make()
        model.compile("adam", "mse")
        with use_backend("cupy"), cupy.counted() as happened:
            losses = model.fit(x, y, batch_size=10, epochs=3, verbose=0).history["loss"]
        return [*model.get_weights(), np.array(losses)], happened

    recorded, happened = weights()
    assert happened["graphs"] == 20, happened  # 21 steps, the first of which is launched
    monkeypatch.setenv("KCORE_CUDA_GRAPH", "0")
    launched, happened = weights()
    assert happened["graphs"] == 0
    for a, b in zip(recorded, launched, strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_cannot_be_recorded_is_launched(double):
    trace = Trace()
    with recording(trace):
        out = ops.sort(trace.input("x", (5,), "float32")) * trace.input("rate", (), "float32")
    with use_backend("cupy") as backend:
        program = Program(finish(trace, "step", [out]), backend)
        program.arrays["x"][...] = [3, 1, 2, 5, 4]
        with cupy.counted() as happened:
            for rate in (1, 2, 3):
                got = backend.to_host(program(rate=rate)[0])
                assert got.tolist() == [rate * n for n in (1, 2, 3, 4, 5)]
    assert happened["graphs"] == 0
