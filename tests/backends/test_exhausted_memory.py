"""Memory that is exhausted: what it was for, what was asked for, what is free and what to do, wherever it happens."""

from __future__ import annotations

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from kcore import ops
from kcore.backend import OutOfMemoryError, use_backend
from kcore.backend.memory import in_units, memory_for
from kcore.graph import Storage
from kcore.layers import Dense
from kcore.models import Sequential
from kcore_cupy.memory import FULL, exhausted
from kcore_numpy.backend import NumpyBackend

CURE = "Use a smaller batch_size or a smaller model, or let go of models and arrays that are not needed."
GIB = 2**30


class Small(NumpyBackend):
    """NumPy, with no memory left in what `full` says: for buffers, in a function of the step, or in copies."""

    name = "small"
    on_host = False
    full = ""

    @property
    def xp(self):
        return SimpleNamespace(**{**vars(np), "zeros": self.zeros, "maximum": self.maximum})

    def zeros(self, shape, dtype=float):
        return self.fail() if self.full == "zeros" and dtype is np.uint8 else np.zeros(shape, dtype)

    def maximum(self, *arrays, out):
        return self.fail() if self.full == "maximum" else np.maximum(*arrays, out=out)

    def from_host(self, array, into=None):
        return self.fail() if self.full == "from_host" else super().from_host(np.array(array), into)

    def fail(self):
        raise MemoryError("no memory at all.")


@pytest.fixture
def small():
    with use_backend(Small()) as backend:
        yield backend


def model():
    it = Sequential([Dense(3, activation="relu", input_shape=(4,))])
    it.compile("sgd", "mse")
    return it


def test_what_the_inputs_of_a_step_would_take():
    with pytest.raises(OutOfMemoryError) as caught:
        model().program("train", batch_size=10**13)
    text = str(caught.value)
    assert text.startswith("The backend 'numpy' has no memory for the inputs of train: Unable to allocate 146. TiB")
    assert text.endswith(f". {CURE}") and isinstance(caught.value, MemoryError)
    assert isinstance(caught.value.__cause__, MemoryError)


def test_an_op_alone():
    column = ops.ones((10**7, 1))
    with pytest.raises(OutOfMemoryError, match=r"^The backend 'numpy' has no memory for one run of compute: Unable"):
        ops.matmul(column, ops.reshape(column, (1, -1)))


@pytest.mark.parametrize(
    "where, what", [("zeros", r"the buffers of train, [\d.]+ (bytes|KiB) in all"), ("maximum", "one run of train")]
)
def test_a_program_s_buffers_and_its_steps(small, where, what):
    trained = model()
    small.full = where
    told = rf"^The backend 'small' has no memory for {what}: no memory at all\. Use"
    with pytest.raises(OutOfMemoryError, match=told):
        trained.fit(np.ones((8, 4), "float32"), np.ones((8, 3), "float32"), verbose=0, epochs=1)
    small.full = ""
    trained.fit(np.ones((8, 4), "float32"), np.ones((8, 3), "float32"), verbose=0, epochs=1)


def test_weights_that_move(small):
    storage = Storage(np.zeros(1000, "float32"), "weights")
    small.full = "from_host"
    with pytest.raises(OutOfMemoryError, match=r"has no memory for weights, 3\.9 KiB large: no memory at all\. Use"):
        storage.on(small)
    small.full = ""
    assert storage.on(small).shape == (1000,), "nothing was lost"


@pytest.mark.parametrize("make", [lambda: ops.convert_to_tensor([0.0] * 2000), lambda: ops.zeros((2000,))])
def test_arrays_on_their_way_to_a_device(small, make):
    small.full = "from_host"
    with pytest.raises(OutOfMemoryError, match=r"has no memory for an array of 7\.8 KiB: no memory at all\. Use"):
        make()


def test_other_errors_pass_as_they_are(small):
    with pytest.raises(KeyError, match=r"^'mine'$"), memory_for("a thing", small):
        raise KeyError("mine")
    with pytest.raises(OutOfMemoryError, match=r"^once$"), memory_for("a thing", small):
        raise OutOfMemoryError("once")
    assert str(pickle.loads(pickle.dumps(OutOfMemoryError("once")))) == "once"


# what CuPy's errors tell -------------------------------------------------------------------------------------


def fake(memory=lambda: (GIB, 80 * GIB), limit=0):
    pool = SimpleNamespace(total_bytes=lambda: 60 * GIB, used_bytes=lambda: 57 * GIB, get_limit=lambda: limit)
    cuda = SimpleNamespace(runtime=SimpleNamespace(memGetInfo=memory), Device=lambda: SimpleNamespace(id=1))
    return SimpleNamespace(cuda=cuda, get_default_memory_pool=lambda: pool)


ASKED = MemoryError("Out of memory allocating 2,147,483,648 bytes (allocated so far: 61,203,283,968 bytes).")


def test_cupy_s_pool_says_what_was_asked():
    assert exhausted(ASKED, fake()) == (
        "2.0 GiB more were asked for; on GPU 1 1.0 GiB of 80.0 GiB are free, "
        "CuPy's pool holds 60.0 GiB, 57.0 GiB of it in use"
    )
    assert exhausted(ASKED, fake(limit=61 * GIB)).endswith("57.0 GiB of it in use, and is limited to 61.0 GiB")


@pytest.mark.parametrize("kind, status", sorted(FULL))
def test_cuda_and_its_libraries_say_it_by_a_number(kind, status):
    error = type(kind, (RuntimeError,), {"status": status})("out of memory")
    assert exhausted(error, fake()).startswith("out of memory; on GPU 1 1.0 GiB of 80.0 GiB are free")
    error.status = 77
    assert exhausted(error, fake()) is None


def test_a_device_that_cannot_be_asked_any_more():
    def lost():
        raise RuntimeError("unspecified launch failure")

    assert exhausted(ASKED, fake(lost)) == "2.0 GiB more were asked for"
    assert exhausted(ValueError("no"), fake(lost)) is None


@pytest.mark.parametrize(
    "size, text",
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (80 * GIB, "80.0 GiB"),
     (2**40, "1.0 TiB"), (2**60, "1048576.0 TiB")],
)  # fmt: skip
def test_bytes_as_one_says_them(size, text):
    assert in_units(size) == text
