"""The data sets."""

from kcore.testing import check_dataset


def test_moons():
    check_dataset("acme/moons")
