"""The tolerances of kcore.testing, by their old place."""

from kcore.testing.tolerances import TOLERANCES, assert_close

__all__ = ["TOLERANCES", "assert_close"]
