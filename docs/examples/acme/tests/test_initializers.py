"""The initializers."""

from kcore.testing import check_initializer


def test_triangular():
    check_initializer("acme/triangular", options={"limit": 0.5})
