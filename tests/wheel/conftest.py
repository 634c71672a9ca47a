"""The wheel, built from a clean copy of the tree, and fresh environments to install it in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("kcore", "backends", "plugins", "pyproject.toml", "README.md", "LICENSE")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


class Environment:
    """A fresh virtual environment that knows nothing of the source tree.

    One that `borrows` finds what kcore needs where these tests run, behind all that is installed in it.
    """

    def __init__(self, folder: Path, borrows: bool = False) -> None:
        self.folder = folder
        venv.create(folder, with_pip=True)
        if borrows:
            own = sysconfig.get_path("purelib", vars={"base": str(folder)})
            Path(own, "borrowed.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
        self._scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self._variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KCORE_", "COLUMNS"))}
        self._variables |= {"KCORE_OFFLINE": "1", "PYTHONUTF8": "1"}

    def run(self, command: str, *arguments: str, fails: bool = False, only_out: bool = False, **variables: str) -> str:
        """The output of a command of this environment, which is expected to succeed, or to fail."""
        done = subprocess.run(
            [str(self._scripts / command), *arguments],
            cwd=self.folder, env=self._variables | variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done.stdout if only_out else done.stdout + done.stderr

    def python(self, program: str, **options: Any) -> str:
        """The output of a program."""
        return self.run("python", "-W", "error", "-c", program, **options)

    def pip(self, *arguments: str) -> str:
        """The output of pip."""
        return self.run("python", "-m", "pip", "-q", "--disable-pip-version-check", *arguments)


@pytest.fixture(autouse=True)
def no_source_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing finds the tree by the way."""
    monkeypatch.delenv("PYTHONPATH", raising=False)


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean copy of what a wheel is made of."""
    tree = tmp_path_factory.mktemp("tree")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tree / part, ignore=LEFT_OUT)
        else:
            shutil.copy(source, tree)
    return tree


@pytest.fixture(scope="session")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    built = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(built), str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the wheel and what it needs."""
    environment = Environment(tmp_path_factory.mktemp("environment"))
    environment.pip("install", str(wheel))
    return environment
