"""Checks compare the backends that the tests are for, none that another test has registered."""

from __future__ import annotations

import pytest

from kcore.testing import at_hand
from kcore.testing.pytest_plugin import chosen


@pytest.fixture(autouse=True)
def compared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at_hand, "ASKED", chosen(request.config))
