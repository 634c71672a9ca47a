"""A pytest plugin: the option --backend, and the fixture `backend` for tests that run on each.

Ask for it in the conftest.py of the folder that pytest is called in, or with `-p` in `addopts`:

    pytest_plugins = ["kcore.testing.pytest_plugin"]

It is no entry point: whoever has kcore installed and tests something else would get an option that may clash with his.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..backend import Backend, available_backends, use_backend
from . import at_hand

DEFAULT_BACKENDS = ("numpy", "strict")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --backend."""
    parser.getgroup("kcore").addoption(
        "--backend",
        action="append",
        default=[],
        help="a kcore backend to test, numpy and strict if none is given; may be given several times",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let checks compare those backends alone that were asked for."""
    at_hand.ASKED[:] = config.getoption("--backend")


def chosen(config: pytest.Config) -> list[str]:
    """The backends that tests with the fixture run on."""
    return config.getoption("--backend") or list(DEFAULT_BACKENDS)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes `backend` on each of them."""
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", chosen(metafunc.config), indirect=True)


def able(name: str) -> str:
    """The name of a backend; the test is skipped where it cannot run, of which pytest tells at the end."""
    trouble = available_backends().get(name, "no such backend")
    if trouble:
        pytest.skip(f"backend {name}: {trouble}")
    return name


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The backend that is current while the test runs."""
    with use_backend(able(request.param)) as current:
        yield current


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly which backends were tested, and which could not be."""
    terminalreporter.section("backends")
    asked = chosen(config)
    for name, trouble in {**dict.fromkeys(asked, "no such backend"), **available_backends()}.items():
        if trouble:
            terminalreporter.write_line(f"backend {name}: NOT TESTED: {trouble}", yellow=True, bold=name in asked)
        else:
            tested = name in asked or name in at_hand.COMPARED
            terminalreporter.write_line(f"backend {name}: {'tested' if tested else 'available, not asked for'}")
