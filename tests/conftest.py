"""What all tests share: backends (see kcore.testing.pytest_plugin), profiles of hypothesis, --full."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

from kcore.config import config

pytest_plugins = ["kcore.testing.pytest_plugin"]

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=25)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("KCORE_HYPOTHESIS", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the documents' programs to their last epoch")


@pytest.fixture
def unseeded() -> Iterator[None]:
    """Seeds as they were, after the test."""
    before = config.seed, config.models, config.draws
    yield
    config.seed, config.models, config.draws = before
