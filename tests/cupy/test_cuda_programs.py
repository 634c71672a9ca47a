"""Programs on kcore_cupy: random graphs and loops, whole networks, what a step launches, faults planted in kernels."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore.backend import use_backend
from kcore.backend.selection import backend_named
from kcore.layers import GRU, LSTM, Dense
from kcore.models import Sequential
from kcore.testing.tolerances import assert_close
from kcore.utils import to_categorical
from tests import mlp
from tests.program.random_graphs import check, sample
from tests.program.random_loops import draw, numbers

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
if not cupy.cuda.is_available():
    pytest.skip("CuPy finds no GPU", allow_module_level=True)

from kcore_cupy import geometry  # noqa: E402

standin = getattr(cupy, "standin", None)
needs_standin = pytest.mark.skipif(standin is None, reason="the stand-in counts, and takes faults")


@pytest.fixture(params=["thread", "blocks", "fibers", "fibers backwards", "fibers drawn"] if standin else ["gpu"])
def mode(request):
    """How the stand-in runs kernels."""
    if standin is None:
        yield
        return
    mode, _, order = request.param.partition(" ")
    drawn = {"drawn": True, "seed": 5} if order == "drawn" else {}
    with standin.using(mode=mode, order=order or "forwards", **drawn):
        yield


@pytest.mark.parametrize("shape", [(12,), (4, 3), (2, 3, 2), (1, 5), (40, 30)])
def test_random_graphs(shape, mode, monkeypatch):
    monkeypatch.setattr(geometry, "PART", 64)
    monkeypatch.setattr("kcore_cupy.kernels.CudaKernels.phase", 64)
    backend = backend_named("cupy")
    for seed in range(4):
        check(sample(seed, shape), backend, in_place=True)


def test_random_loops(mode):
    for seed in range(3):
        case = draw(seed)
        looped = numbers(case, backend_named("cupy"), True, 1, unroll=False)
        written_out = numbers(case, backend_named("numpy"), False, 1, unroll=True)
        for i, (got, wanted) in enumerate(zip(looped, written_out, strict=True)):
            assert_close("loop", got, wanted, f"seed {seed}, result {i}")


def network(dtype="float32", units=512):
    """The documents' network."""
    kcore.utils.set_random_seed(3)
    return mlp.network(units, dtype)


def recurrent(dtype, kind):
    """Sequences of 5 steps, to one number."""
    kcore.utils.set_random_seed(3)
    return Sequential([kind(7, input_shape=(5, 3), dtype=dtype, return_sequences=True), kind(4, dtype=dtype), Dense(1)])


def trained(model, backend, loss, x, y, **options):
    """Weights and loss after a fit on a backend."""
    with use_backend(backend):
        model.compile("rmsprop", loss, metrics=[loss])
        told = model.fit(x, y, verbose=0, **options).history["loss"]
        return [*model.get_weights(), np.array(told), *model.predict(x[:10])]


def test_the_documents_network_trains_as_on_numpy():
    rng = np.random.default_rng(0)
    x, y = rng.random((200, 784)), to_categorical(rng.integers(0, 10, 200), 10)
    for dtype in ("float64", "float32"):
        given = x.astype(dtype), y.astype(dtype)
        results = [
            trained(network(dtype, 32), name, "categorical_crossentropy", *given, epochs=10, batch_size=64)
            for name in ("numpy", "cupy")
        ]
        for a, b in zip(*results, strict=True):
            assert_close("through float32" if dtype == "float32" or a.ndim == 1 else "chain", b.astype(a.dtype), a)


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_recurrent_networks_train_as_on_numpy(kind):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 5, 3)), rng.normal(size=(50, 1))
    results = [trained(recurrent("float64", kind), n, "mse", x, y, epochs=3, batch_size=20) for n in ("numpy", "cupy")]
    for a, b in zip(*results, strict=True):
        assert_close("through float32", b, a)  # the last layer's


@needs_standin
def test_a_step_is_eight_products_and_eight_launches_and_nothing_crosses(monkeypatch):
    monkeypatch.delenv("KCORE_CUDA_GRAPH", raising=False)
    x, y = np.ones((128, 784), "float32"), np.ones((128, 10), "float32") / 10
    model = network()
    with use_backend("cupy"):
        model.fit(x, y, batch_size=128, verbose=0)
        program = model.program("train", batch_size=128)
        program(seed=1, step=2, learning_rate=0.001)
        with cupy.counted() as happened:
            program.step(program.inputs.places, seed=1, step=3, learning_rate=0.001)
    crossed = {name: happened[name] for name in ("downloads", "synchronizations", "allocations", "copies")}
    assert crossed == dict.fromkeys(crossed, 0)
    assert (happened["products"], happened["launches"]) == (8, 8), happened


@needs_standin
def test_another_batch_size_compiles_nothing():
    x, y = np.ones((700, 784), "float32"), np.ones((700, 10), "float32") / 10
    model = network(units=50)
    with use_backend("cupy"):
        model.fit(x, y, batch_size=250, verbose=0)  # 250 and 200
        before = set(cupy.sources)
        model.fit(x[:510], y[:510], batch_size=170, verbose=0)
    assert set(cupy.sources) == before


FAULTS = {
    "no barrier before the first merge": (r"(room\[slot\] = mine;)\s*__syncthreads\(\);", r"\1"),
    "no barrier between merges": (r"(width = half;)\s*__syncthreads\(\);", r"\1"),
    "merges for powers of two alone": (
        r"unsigned half = \(width \+ 1\) / 2;\s*if \(rank < width - half\)",
        "unsigned half = width / 2; if (rank < half)",
    ),
    "a neighbour's slot": (r"slot \+ half \* apart", "slot + half"),
    "tickets that are not reset": (r"if \(slot == 0\) tickets_\[first / lanes\] = 0;", ""),
    "the last block but one believes to be the last": (r"== grid.y - 1", "== grid.y - 2"),
    "a barrier that some threads never reach": (r"(all = gather\(.*\);)(\s*if \(grid.y)", r"if (o < results) \1\2"),
    "no barrier between kernels in a chain": (r"\);\s*__syncthreads\(\);(\s*\w+_\(Pair)", r");\1"),
    "steps along an axis forgotten": (r" \* i_step0_0", ""),
    "results of one block alone": (r"first \+= \(I\)grid.x \* lanes", "first = results"),
    "elements of one block alone": (r"\(I\)block.x \* threads \+", ""),
    "a part of a row is left out": (r"r \+= \(I\)grid.y \* width", "r += (I)(grid.y + 1) * width"),
}


@needs_standin
@pytest.mark.parametrize("fault", FAULTS)
def test_faults_in_kernels_are_seen(fault, monkeypatch):
    """Whole blocks as fibers, whose order and geometry are drawn, see what threads alone would not."""
    monkeypatch.setattr(geometry, "PART", 16)
    monkeypatch.setattr("kcore_cupy.kernels.CudaKernels.phase", 64)
    backend = backend_named("cupy")
    with pytest.raises(Exception) as caught, standin.planted(*FAULTS[fault]):
        for seed in range(20):
            for shape in [(4, 3), (40, 30), (300,)]:
                with standin.using(mode="fibers", order="drawn", drawn=True, seed=seed):
                    check(sample(seed, shape), backend, in_place=True)
    assert "planted" not in str(caught.value), "the fault itself is out of date"
    assert isinstance(caught.value, (AssertionError, RuntimeError)), caught.value
