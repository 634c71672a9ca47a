"""The wheel: what is in it, and what it does in a fresh environment, alone and beside an outsider's package."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.wheel.conftest import ROOT, Environment

PACKAGES = {"kcore", "kcore_numpy", "kcore_cupy", "kcore_strict", "kcore_standard", "kcore_datasets", "kcore_callbacks"}

TRAIN_WITH_BOTH = """
import numpy as np, kcore
from kcore.layers import Dense
from kcore.models import Sequential
scale = kcore.layers.get("acme/scale", factor=0.5)
model = Sequential([Dense(3, input_shape=(2,)), scale, Dense(1)])
model.compile("sgd", loss="acme/quartic")
x = np.random.default_rng(0).normal(size=(64, 2))
history = model.fit(x, x.sum(1, keepdims=True), epochs=8, verbose=0).history["loss"]
assert history[-1] < history[0], history
again = Sequential.from_config(model.get_config())
assert again.layers[1].factor == 0.5 and type(again.layers[1]) is type(scale), again.get_config()
print(type(scale).__module__, type(model.loss).__module__)
"""


def test_what_is_in_it(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {n.partition("/")[0] for n in names if ".dist-info/" not in n} == PACKAGES
    assert len(names) == len(set(names))
    for package in PACKAGES:
        assert f"{package}/py.typed" in names
    sources = (p for p in (ROOT / "kcore").rglob("*.py*") if "__pycache__" not in p.parts)
    assert {p.relative_to(ROOT).as_posix() for p in sources} <= set(names)
    assert "kcore_datasets/data/digits.npz" in names
    assert any(n.endswith("licenses/LICENSE") for n in names)


def test_alone(installed: Environment) -> None:
    told = installed.run("kcore", "demo", "--epochs", "2", "--seed", "1")
    assert "Train on 1500 samples, validate on 297 samples" in told
    assert "read as" in told
    assert "A step of 128 images took" in told
    assert "categorical_crossentropy" in installed.run("kcore", "list", "losses")
    assert "CuPy is not installed" in installed.run("kcore", "demo", "--backend", "cupy", fails=True)


def test_beside_an_outsider(installed: Environment, tmp_path: Path) -> None:
    package = shutil.copytree(ROOT / "docs" / "examples" / "acme", tmp_path / "acme")
    installed.pip("install", str(package))
    assert installed.python(TRAIN_WITH_BOTH).split() == ["acme", "acme"]
    assert "acme/quartic" in installed.run("kcore", "list", "losses")
    assert "acme/scale" in installed.python("import kcore; kcore.layers.get('scale')", fails=True)
    installed.pip("uninstall", "-y", "acme")
    assert "acme" not in installed.run("kcore", "list", "losses")
    assert "no installed package brings the namespace 'acme'" in installed.python(TRAIN_WITH_BOTH, fails=True)
    assert "read as" in installed.run("kcore", "demo", "--epochs", "1")


def test_from_a_folder_of_wheels(wheel: Path, tmp_path: Path) -> None:
    """How a class without network installs kcore, as README says."""
    folder = tmp_path / "wheels"
    collect = [sys.executable, "-m", "pip", "wheel", "-q", "--wheel-dir", str(folder), str(wheel)]
    done = subprocess.run(collect, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    environment = Environment(tmp_path / "environment")
    environment.pip("install", "--no-index", "--find-links", str(folder), "kcore")
    assert "Train on 1500 samples" in environment.run("kcore", "demo", "--epochs", "1")


@pytest.fixture(autouse=True)
def no_source_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
