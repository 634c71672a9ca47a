"""A GPU whose memory is exhausted: the error says what for, how much more was asked for, and what is free."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.backend import OutOfMemoryError, use_backend
from kcore.layers import Dense
from kcore.models import Sequential

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
if not cupy.cuda.is_available():
    pytest.skip("CuPy finds no GPU", allow_module_level=True)

X, Y = np.ones((4096, 64), "float32"), np.ones((4096, 512), "float32")
TOLD = (
    r"^The backend 'cupy' has no memory for {}: [\d.]+ [KM]iB more were asked for; on GPU 0 [\d.]+ \w+ of "
    r"[\d.]+ GiB are free, CuPy's pool holds [\d.]+ \w+, [\d.]+ \w+ of it in use, and is limited to [\d.]+ [KM]iB\. "
    r"Use a smaller batch_size or a smaller model, or let go of models and arrays that are not needed\.$"
)


@pytest.fixture
def allow():
    """A function that lets the pool take so many bytes more."""
    pool = cupy.get_default_memory_pool()
    pool.free_all_blocks()
    with use_backend("cupy"):
        yield lambda more: pool.set_limit(size=pool.used_bytes() + more if more else 0)
    pool.set_limit(size=0)


def model() -> Sequential:
    it = Sequential([Dense(512, activation="relu", input_shape=(64,))])
    it.compile("rmsprop", "mse")
    return it


@pytest.mark.parametrize(
    "more, what",
    [
        (1 << 12, r"an array of [\d.]+ KiB"),  # weights
        (1 << 19, "the inputs of train"),
        (1 << 24, "the buffers of train, [0-9.]+ MiB in all"),
    ],
)
def test_a_step_that_does_not_fit(allow, more, what):
    trained = model()
    allow(more)
    with pytest.raises(OutOfMemoryError, match=TOLD.format(what)) as caught:
        trained.fit(X, Y, batch_size=4096, epochs=1, verbose=0)
    assert isinstance(caught.value.__cause__, MemoryError)
    del caught
    allow(0)
    assert np.isfinite(trained.fit(X, Y, batch_size=4096, epochs=1, verbose=0).history["loss"][0]), "nothing was lost"


def test_an_array_that_does_not_fit(allow):
    allow(1 << 10)
    with pytest.raises(OutOfMemoryError, match=TOLD.format("an array of 1.0 MiB")):
        ops.convert_to_tensor(X)
    with pytest.raises(OutOfMemoryError, match=TOLD.format("an array of 1.0 MiB")):
        ops.exp(X)


def test_an_op_that_does_not_fit(allow):
    x = ops.convert_to_tensor(X)
    allow(1 << 20)
    with pytest.raises(OutOfMemoryError, match=TOLD.format("one run of compute")):
        ops.matmul(x, ops.transpose(x))


def test_what_is_free_counts_what_the_pool_may_give():
    from kcore_cupy.memory import memory_of

    memory = memory_of(cupy)
    assert 0 < memory.free <= memory.total and 0 <= memory.used <= memory.held
