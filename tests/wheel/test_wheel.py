"""The wheel: what is in it, and what it does alone in a fresh environment."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from tests.wheel.conftest import ROOT, Environment

PACKAGES = {"kcore", "kcore_numpy", "kcore_cupy", "kcore_strict", "kcore_standard", "kcore_datasets", "kcore_callbacks"}


def test_what_is_in_it(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.partition("/")[0] for n in names if ".dist-info/" not in n} == PACKAGES
    assert len(names) == len(set(names))
    for package in PACKAGES:
        assert f"{package}/py.typed" in names
    sources = (p for p in (ROOT / "kcore").rglob("*.py*") if "__pycache__" not in p.parts)
    assert {p.relative_to(ROOT).as_posix() for p in sources} <= set(names)
    assert {"kcore_datasets/data/digits.npz", "kcore/cli/template/pyproject.toml"} <= set(names)
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_alone(installed: Environment) -> None:
    told = installed.run("kcore", "demo", "--epochs", "2", "--seed", "1")
    assert "Train on 1500 samples, validate on 297 samples" in told
    assert "read as" in told
    assert "A step of 128 images took" in told
    assert "categorical_crossentropy" in installed.run("kcore", "list", "losses")
    assert "CuPy is not installed" in installed.run("kcore", "demo", "--backend", "cupy", fails=True)


def test_from_a_folder_of_wheels(wheel: Path, tmp_path: Path) -> None:
    """How a class without network installs kcore, as README says."""
    folder = tmp_path / "wheels"
    collect = [sys.executable, "-m", "pip", "wheel", "-q", "--wheel-dir", str(folder), str(wheel)]
    done = subprocess.run(collect, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    environment = Environment(tmp_path / "environment")
    environment.pip("install", "--no-index", "--find-links", str(folder), "kcore")
    assert "Train on 1500 samples" in environment.run("kcore", "demo", "--epochs", "1")
