"""The backend does what kcore asks of any, and what torch lacks is NumPy's."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

import kcore
from kcore import ops
from kcore.layers import Dense, Dropout
from kcore.models import Sequential
from kcore.testing import check_backend, check_layer, compare_backends


def test_it_does_what_kcore_asks_of_any_backend():
    check_backend("torch")


def test_results_are_tensors_and_tensors_are_taken():
    with kcore.use_backend("torch"):
        result = ops.softmax(torch.tensor([[1.0, 2.0], [3.0, 3.0]]))
    assert isinstance(result, torch.Tensor) and result.dtype == torch.float32
    assert torch.equal(result, torch.softmax(torch.tensor([[1.0, 2.0], [3.0, 3.0]]), 1))


def test_arrays_of_the_two_libraries_are_not_mixed():
    with (
        kcore.use_backend("torch"),
        pytest.raises(TypeError, match="mixes an array of the backend 'torch' with one of"),
    ):
        ops.add(torch.ones(2), np.ones(2))
    with pytest.raises(TypeError, match=r"got a torch\.Tensor, but the current backend is 'numpy'"):
        ops.exp(torch.ones(2))


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
def test_what_torch_does_not_compute_numpy_does(dtype):
    x = np.array([0, 3, np.iinfo(dtype).max, 3], dtype)
    with kcore.use_backend("torch") as backend:
        tensor = backend.from_host(x)
        got = [ops.bitwise_right_shift(tensor, 3), ops.sort(tensor), ops.argsort(tensor), ops.cast(tensor, "float64")]
        assert all(map(backend.owns, got))
    for found, wanted in zip(got, [x >> 3, np.sort(x), np.array([0, 1, 3, 2]), x.astype(float)], strict=True):
        assert found.dtype == backend.dtype(str(wanted.dtype)) and np.array_equal(found.numpy(), wanted)


def test_a_network_trains_as_on_numpy():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(64, 5)), rng.integers(0, 3, 64)
    model = Sequential([Dense(16, activation="tanh"), Dropout(0.2), Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    with kcore.use_backend("torch"):
        history = model.fit(x, y, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    compare_backends(model, (x, y), ["torch"]).check()


def test_a_layer_agrees_with_numpy():
    check_layer("dense", input_shape=(4,), options={"units": 3}, backends=["torch"])


def test_the_environment_chooses_it():
    program = "import kcore; print(type(kcore.ops.exp(1.0)).__name__)"
    environment = os.environ | {"KCORE_BACKEND": "torch"}
    assert subprocess.check_output([sys.executable, "-c", program], env=environment, text=True) == "Tensor\n"


@pytest.mark.parametrize("module, package", [("torch", "torch"), ("array_api_compat", "array-api-compat")])
def test_what_is_missing_is_told_with_the_cure(monkeypatch, module, package):
    right = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else right(name))
    assert (
        kcore.backend.available_backends()["torch"]
        == f"{package} is not installed. Install it by: pip install {package}"
    )
