"""The activations, on every backend at hand."""

from kcore.testing import check_activation


def test_bent():
    check_activation("acme/bent")
