"""The pytest plugin, in an outside package's tests: --backend, the fixture, what checks compare, and what is told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = 'pytest_plugins = ["kcore.testing.pytest_plugin"]\n'
TESTS = """
from kcore.backend import current_backend
from kcore.layers import Layer
from kcore.testing import at_hand, check_layer


class Scale(Layer):
    def call(self, x):
        return x * 2.0


def test_on_each(backend, record_property):
    assert current_backend() is backend
    print("RAN ON", backend.name)


def test_check():
    check_layer(Scale, (2,))
    print("COMPARED", *sorted(at_hand.COMPARED))
"""


@pytest.fixture
def run(tmp_path: Path):
    """Run pytest in a package of its own; gives its exit status and what it printed."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_outside.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(*arguments: str) -> tuple[int, str]:
        path = os.pathsep.join(p for p in sys.path if p)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    return run


def test_numpy_and_strict_unless_others_are_asked_for(run):
    status, text = run()
    assert status == 0, text
    assert re.findall(r"RAN ON (\w+)", text) == ["numpy", "strict"]
    assert {"numpy", "strict"} <= set(re.search(r"COMPARED (.*)", text)[1].split())
    assert "backend numpy: tested" in text and "backend strict: tested" in text


def test_only_those_that_are_asked_for(run):
    status, text = run("--backend", "numpy")
    assert status == 0, text
    assert re.findall(r"RAN ON (\w+)", text) == ["numpy"]
    assert re.search(r"COMPARED (.*)", text)[1].split() == ["numpy"]
    assert "backend strict: available, not asked for" in text


def test_what_cannot_be_tested_is_told_at_the_end(run):
    status, text = run("--backend", "nowhere", "--backend", "numpy", "-q")
    assert status == 0, text
    end = text.partition("= backends =")[2]
    assert "backend nowhere: NOT TESTED: no such backend" in end and "backend numpy: tested" in end
    assert re.findall(r"RAN ON (\w+)", text) == ["numpy"] and "1 skipped" in text


def test_nobody_gets_the_option_unasked(run, tmp_path):
    (tmp_path / "conftest.py").write_text("")
    status, text = run("--backend", "numpy")
    assert status == pytest.ExitCode.USAGE_ERROR and "unrecognized arguments: --backend" in text


def test_it_may_be_asked_for_on_the_command_line(run, tmp_path):
    (tmp_path / "conftest.py").write_text("")
    status, text = run("-p", "kcore.testing.pytest_plugin", "--backend", "strict")
    assert status == 0 and re.findall(r"RAN ON (\w+)", text) == ["strict"], text
    assert re.search(r"COMPARED (.*)", text)[1].split() == ["numpy", "strict"]


def test_importing_kcore_imports_no_test_tools():
    code = "import kcore, kcore.layers, kcore.models, kcore.testing, sys; kcore.testing.check_layer; " + (
        "print([n for n in ('pytest', 'hypothesis') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={
        **os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)})  # fmt: skip
    assert done.stdout.strip() == "[]", done.stderr
