"""The stand-in for CuPy needs g++: without it nothing here is tested, which is said."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

_found = importlib.util.find_spec("cupy")
_is_standin = _found is not None and "standin" in Path(str(_found.origin)).parts
_lacks_compiler = _is_standin and shutil.which("g++") is None
collect_ignore_glob = ["test_*.py"] if _lacks_compiler else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it at the end."""
    if _lacks_compiler:
        terminalreporter.write_line("kcore_cupy NOT TESTED: the stand-in for CuPy needs g++. Install it.")
