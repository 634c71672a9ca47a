"""Steps recorded as CUDA graphs, their products by a cuBLAS handle of our own."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import OpKernel, use_backend
from kcore.graph import Trace, finish, recording
from kcore.layers import LSTM, Dense, Dropout
from kcore.models import Sequential
from kcore.optimizers import Adam
from kcore.plugin import entry, register
from kcore.program import Program
from kcore.testing.tolerances import assert_close

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
if not cupy.cuda.is_available():
    pytest.skip("CuPy finds no GPU", allow_module_level=True)

from kcore_cupy import products  # noqa: E402

needs_standin = pytest.mark.skipif(not hasattr(cupy, "standin"), reason="the stand-in counts, and its sums repeat")


@pytest.fixture
def graphs(monkeypatch):
    """Graphs are asked for."""
    monkeypatch.setenv("KCORE_CUDA_GRAPH", "1")
    products.on_device.cache_clear()
    yield
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
def test_products_of_every_layout(way, dtype, graphs):
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
    assert "matmul" not in program.written.calls
    for wanted, got in zip(*results, strict=True):
        assert_close("product", got, wanted)


def mlp():
    return Sequential([Dense(9, activation="relu", input_shape=(6,)), Dropout(0.2), Dense(1)])


def classes():
    return Sequential([Dense(9, activation="relu", input_shape=(6,)), Dense(4, activation="softmax")])


def recurrent():
    return Sequential([LSTM(5, input_shape=(4, 3)), Dense(1)])


@needs_standin
@pytest.mark.parametrize(
    "make, shape, loss",
    [(mlp, (6,), "mse"), (classes, (6,), "sparse_categorical_crossentropy"), (recurrent, (4, 3), "mse")],
)
def test_a_recorded_step_trains_as_one_that_is_launched(make, shape, loss, graphs, monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(70, *shape)).astype("float32")
    y = rng.normal(size=(70, 1)).astype("float32") if loss == "mse" else rng.integers(0, 4, 70)

    def weights():
        kcore.utils.set_random_seed(1)
        model = make()
        model.compile("adam", loss)
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


@needs_standin
def test_what_cannot_be_recorded_is_launched(graphs):
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


class Sorting(OpKernel):
    """Allocates each step."""

    op, backend = "sort", "cupy"

    def takes(self, use):
        return True

    def bind(self, use, inputs, out):
        def run():
            out[...] = cupy.sort(inputs[0])

        return run


def test_a_package_s_kernel_is_recorded_only_if_it_says_so(graphs, monkeypatch):
    monkeypatch.setitem(entry._table, "kernels", {})
    register("kernels", "sorting")(Sorting)
    trace = Trace()
    with recording(trace):
        out = ops.sort(trace.input("x", (5,), "float32"))
    with use_backend("cupy") as backend:
        assert Program(finish(trace, "step", [out]), backend).written.calls == {"sorting"}


def test_a_small_network_of_many_layers_is_several_launches(graphs):
    """A launch takes so many arguments and no more."""
    model = Sequential([Dense(3, input_shape=(3,)), *[Dense(3) for _ in range(60)]])
    model.compile(Adam(clipnorm=1.0), "mse")
    with use_backend("cupy"):
        source = model.program("train", batch_size=4).written.writer.source
    chains = re.findall(r"void __launch_bounds__\(1024\) chain_\d+\(([^)]*)\)", source)
    assert len(chains) > 1
    assert max(8 * (text.count(",") + 1) for text in chains) < 4096
