"""Pairs of backends: a test that takes `other` runs for each of `--backend` but numpy, which it is compared with."""

from __future__ import annotations

import pytest

from kcore.backend import Backend
from kcore.backend.selection import backend_named
from kcore.testing.pytest_plugin import able, chosen


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "other" in metafunc.fixturenames:
        metafunc.parametrize("other", [n for n in chosen(metafunc.config) if n != "numpy"], indirect=True)


@pytest.fixture
def other(request: pytest.FixtureRequest) -> Backend:
    """The backend that is compared with numpy."""
    return backend_named(able(request.param))
