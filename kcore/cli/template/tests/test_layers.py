"""The layers, on every backend at hand."""

from kcore.testing import check_layer


def test_scale():
    check_layer("acme/scale", input_shape=(3,), options={"factor": 2.0})
