"""What every backend must do for kcore, as `check_backend` asks it of any; what the strict one must refuse."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import Backend
from kcore.backend.selection import backend_named
from kcore.randomness import Philox
from kcore.testing import check_backend


def test_a_backend_does_what_kcore_asks_of_any(backend):
    check_backend(backend.name)


def test_it_says_what_it_is(backend):
    assert type(backend).probe() is None
    assert repr(backend) == f"<Backend {backend.name}>"
    assert backend_named(backend.name) is backend is kcore.current_backend()
    backend.synchronize()


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
