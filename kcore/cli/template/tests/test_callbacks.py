"""The callbacks."""

from kcore.testing import check_callback


def test_best_epoch():
    check_callback("acme/best_epoch")
