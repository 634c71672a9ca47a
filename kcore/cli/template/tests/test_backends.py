"""The backends."""

from kcore.testing import check_backend


def test_plain():
    check_backend("acme/plain")
