"""The kernels."""

import numpy as np

from kcore import ops
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.testing import check_kernel


def test_exact():
    check_kernel("acme/exact", ops.matmul, [(3, 4), (4, 5)], dtypes=["float32"])


def test_exact_computes_in_models(monkeypatch):
    monkeypatch.setenv("KCORE_KERNELS", "acme")
    model = Sequential([Dense(1, use_bias=False, kernel_initializer="ones", input_shape=(3,))])
    model.compile("sgd", "mean_squared_error")
    assert "acme/exact" in str(model.program("train", batch_size=8))
    x = np.array([[1e8, 1.0, -1e8]], "float32")  # of which a sum in float32 loses the 1
    assert model.predict(x, verbose=0) == 1.0
