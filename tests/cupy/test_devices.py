"""Several GPUs: arrays are made on the device that is current, and a model that moves takes its weights along."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import use_backend
from kcore.layers import Dense, Dropout
from kcore.models import Sequential

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
if not cupy.cuda.is_available() or cupy.cuda.runtime.getDeviceCount() < 2:
    pytest.skip("CuPy finds fewer than two GPUs", allow_module_level=True)

X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")


def network():
    kcore.utils.set_random_seed(2)
    model = Sequential([Dense(5, activation="tanh", input_shape=(3,)), Dropout(0.5), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


def test_arrays_are_made_on_the_current_device():
    with use_backend("cupy"):
        for number in (0, 1, 0):
            with cupy.cuda.Device(number):
                made = ops.exp(ops.convert_to_tensor(X)) + ops.zeros((40, 3))
                assert made.device.id == number


def test_a_model_trains_on_the_current_device_and_takes_its_weights_along():
    stays, moves = network(), network()
    with use_backend("cupy"):
        stays.fit(X, X.sum(1), epochs=2, verbose=0)
        stays.fit(X, X.sum(1), epochs=2, verbose=0)
        moves.fit(X, X.sum(1), epochs=2, verbose=0)
        with cupy.cuda.Device(1):
            moves.fit(X, X.sum(1), epochs=2, verbose=0)
            there = moves.predict(X, verbose=0)
        here = moves.predict(X, verbose=0)
    for a, b in zip(stays.get_weights(), moves.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(here, there)
