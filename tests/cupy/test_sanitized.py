"""Networks train under AddressSanitizer: no kernel of kcore_cupy reads or writes beyond an array."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.cupy.sanitizer import environment

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
standin = getattr(cupy, "standin", None)
if standin is None:
    pytest.skip("this is CuPy itself", allow_module_level=True)

SCRIPT = """
import kcore, numpy as np
from kcore.backend import use_backend
from kcore.layers import LSTM, Dense, Dropout
from kcore.models import Sequential

rng = np.random.default_rng(0)

def trained(backend, layers, x, y, loss):
    kcore.utils.set_random_seed(3)
    with use_backend(backend):
        model = Sequential(layers())
        model.compile("adam", loss, metrics=["mae"])
        model.fit(x, y, batch_size=9, epochs=2, verbose=0)
        return [*model.get_weights(), model.predict(x)]

def check(*case):
    for got, wanted in zip(trained("cupy", *case), trained("numpy", *case), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-4)

check(
    lambda: [Dense(13, activation="gelu", input_shape=(7,)), Dropout(0.3), Dense(3, activation="softmax")],
    rng.standard_normal((31, 7), "float32"), np.eye(3, dtype="float32")[rng.integers(0, 3, 31)],
    "categorical_crossentropy",
)
check(
    lambda: [LSTM(5, input_shape=(4, 3)), Dense(1)],
    rng.standard_normal((31, 4, 3), "float32"), rng.standard_normal((31, 1), "float32"), "mse",
)
import cupy
print("trained", cupy.count["kernels"])
"""


def run(before: str = "") -> subprocess.CompletedProcess[str]:
    """The script under AddressSanitizer, with real blocks and drawn geometry."""
    added = environment("mode=fibers order=drawn drawn")
    return subprocess.run(
        [sys.executable, "-c", before + SCRIPT], env=os.environ | added, capture_output=True, text=True
    )


def test_networks_train_within_their_arrays():
    done = run()
    assert done.returncode == 0, done.stderr
    assert int(re.fullmatch(r"trained (\d+)\n", done.stdout)[1]) > 100


def test_a_kernel_that_reads_beyond_its_array_is_caught():
    plant = "import cupy\ncupy.standin._plants.append(cupy.standin.Plant(r'(= a0\\[)', r'\\g<1>(1 << 12) + '))\n"
    done = run(before=plant)
    assert done.returncode != 0
    assert "AddressSanitizer" in done.stderr
    assert "kernel.cu" in done.stderr
