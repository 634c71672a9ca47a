"""The losses, on every backend at hand."""

from kcore.testing import check_loss


def test_quartic():
    check_loss("acme/quartic")
