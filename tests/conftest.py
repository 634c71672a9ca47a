"""What all tests share: a test that takes `backend` runs on each one of `--backend`, numpy and strict by default."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

from kcore.backend import Backend, available_backends, use_backend
from kcore.config import config

DEFAULT_BACKENDS = ("numpy", "strict")

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=25)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=500)
hypothesis.settings.load_profile(os.environ.get("KCORE_HYPOTHESIS", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backend", action="append", default=[], help="a backend to test; may be given several times")
    parser.addoption("--full", action="store_true", help="run the documents' programs to their last epoch")


def _chosen(config: pytest.Config) -> list[str]:
    return config.getoption("--backend") or list(DEFAULT_BACKENDS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", _chosen(metafunc.config), indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The backend that is current while the test runs; skipped, and told of at the end, where it cannot run."""
    trouble = available_backends().get(request.param, "no such backend")
    if trouble:
        pytest.skip(f"backend {request.param}: {trouble}")
    with use_backend(request.param) as chosen:
        yield chosen


@pytest.fixture
def unseeded() -> Iterator[None]:
    """Seeds as they were, after the test."""
    before = config.seed, config.models, config.draws
    yield
    config.seed, config.models, config.draws = before


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly which backends were tested, and which could not be."""
    for name, trouble in available_backends().items():
        state = (
            f"NOT TESTED: {trouble}" if trouble else "tested" if name in _chosen(config) else "available, not asked for"
        )
        terminalreporter.write_line(f"backend {name}: {state}")
