"""What every backend must do for kcore, and what the strict one must refuse."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import Backend
from kcore.backend.selection import backend_named
from kcore.randomness import Philox

DTYPES = ["float32", "float64", "int32", "int64", "uint8", "uint16", "uint64", "bool"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_arrays_go_to_the_device_and_come_back(backend, dtype, shape):
    host = (np.random.default_rng(0).random(shape) * 5).astype(dtype)
    array = backend.from_host(host)
    assert backend.owns(array) and tuple(array.shape) == shape and array.dtype == backend.dtype(dtype)
    back = backend.to_host(array)
    assert type(back) is np.ndarray and back.dtype == dtype and np.array_equal(back, host) and back.shape == shape


def test_what_comes_back_is_a_copy(backend):
    array = backend.from_host(np.ones(3, "float32"))
    backend.to_host(array)[:] = 7
    assert backend.to_host(array).tolist() == [1, 1, 1]
    host = np.ones(3)
    backend.to_host(host)[:] = 7
    assert host.tolist() == [1, 1, 1]


def test_into_an_array_that_is_there(backend):
    into = backend.from_host(np.zeros(3, "float32"))
    got = backend.from_host(np.arange(3.0), into=into)
    assert backend.to_host(got).tolist() == [0, 1, 2]
    if backend.in_place:
        assert got is into and got.dtype == backend.dtype("float32")


def test_it_owns_its_arrays_and_nothing_else(backend):
    assert backend.owns(backend.xp.zeros(1))
    assert backend.owns(np.zeros(1)) is backend.on_host
    for other in (1.0, [1.0], None, "array"):
        assert not backend.owns(other)


def test_it_says_what_it_is(backend):
    assert type(backend).probe() is None
    assert repr(backend) == f"<Backend {backend.name}>"
    assert backend_named(backend.name) is backend is kcore.current_backend()
    backend.synchronize()


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("shape", [(1,), (7,), (3, 5), (64, 64)])
def test_random_bits_are_those_of_philox_everywhere(backend, shape, bits):
    wanted = np.random.Philox(key=[11, 2], counter=[0, 3, 4, 5]).random_raw(-(-np.prod(shape) * bits // 64))
    wanted = wanted.astype("<u8").view(f"<u{bits // 8}")[: np.prod(shape)].reshape(shape)
    draw = backend.random_bits()
    counter = (11, 2, 3, 4, 5)
    got = draw(*counter, shape=shape, bits=bits)
    assert backend.owns(got) and got.dtype == backend.dtype(f"uint{bits}")
    assert np.array_equal(backend.to_host(got), wanted)
    out = backend.from_host(np.zeros(shape, f"uint{bits}"))
    written = draw(*counter, out=out, bits=bits)
    assert np.array_equal(backend.to_host(written), wanted)
    assert np.array_equal(backend.to_host(draw(*counter, shape=shape, bits=bits)), wanted)  # no history
    assert np.array_equal(Philox().bits(*counter, shape, bits=bits), wanted)
    if bits == 16:
        assert np.array_equal(backend.to_host(draw(*counter, shape=shape)), wanted)


def test_each_word_of_the_address_counts():
    bits, base = Philox().bits, (1, 2, 3, 4, 5)
    draws = {tuple(bits(*base[:i], base[i] + 1, *base[i + 1 :], (8,))) for i in range(5)} | {tuple(bits(*base, (8,)))}
    assert len(draws) == 6


def test_a_backend_needs_four_things_only():
    """A library that follows the standard: here NumPy, told nothing of what NumPy can do beyond it."""

    class Plain(Backend):
        name, xp = "plain", np

        def from_host(self, array, into=None):
            return np.array(array)

        def to_host(self, array):
            return np.array(array)

    with kcore.use_backend(Plain()):
        assert ops.convert_to_numpy(ops.exp(ops.convert_to_tensor([0.0, 1.0]))).tolist() == pytest.approx([1, np.e])
        assert float(kcore.grad(lambda x: x * x)(3.0)) == 6


# the strict one -------------------------------------------------------------------------------------------


@pytest.fixture
def array():
    with kcore.use_backend("strict") as strict:
        yield strict.from_host(np.ones((), "float32"))


@pytest.mark.parametrize(
    "cross",
    [float, int, bool, complex, lambda a: [1, 2][a], np.from_dlpack],
    ids=["float", "int", "bool", "complex", "index", "dlpack"],
)
def test_strict_refuses_to_cross_in_silence(array, cross):
    message = r"^__\w+__ would bring an array of the pretend device to the host in silence\. Call kcore\.ops\."
    with pytest.raises(TypeError, match=message):
        cross(array)


@pytest.mark.parametrize("cross", [np.asarray, np.array, np.sum, lambda a: np.add(a, a), lambda a: np.ones(()) + a])
def test_strict_refuses_numpy(array, cross):
    with pytest.raises((RuntimeError, TypeError)):
        cross(array)


def test_arrays_of_another_backend_are_refused_with_the_cure(array):
    with (
        kcore.use_backend("strict"),
        pytest.raises(TypeError, match=r"mixes an array of the backend 'strict' with one of NumPy"),
    ):
        ops.add(array, np.ones(()))
    with (
        kcore.use_backend("numpy"),
        pytest.raises(TypeError, match=r"but the current backend is 'numpy'.*use_backend\(\.\.\.\)"),
    ):
        ops.exp(array)
