"""Editable installs: of kcore and of an outsider's package, and of a tree that has moved on since."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.wheel.conftest import ROOT, Environment

WHO = """
import kcore
from kcore.plugin import providers
print(kcore.__version__, kcore.__file__, *(f"{p.namespace}={p.distribution}-{p.version}" for p in providers()))
print(kcore.layers.get("acme/scale").factor)
"""


@pytest.fixture(scope="module")
def editable(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Environment, Path, Path]:
    """An environment with copies of the tree and of acme, both editable."""
    folder = tmp_path_factory.mktemp("editable")
    kcore, acme = shutil.copytree(tree, folder / "kcore"), shutil.copytree(ROOT / "docs/examples/acme", folder / "acme")
    environment = Environment(folder / "environment", borrows=True)
    environment.pip("install", "setuptools>=77")
    environment.pip("install", "--no-build-isolation", "--no-deps", "-e", str(kcore), "-e", str(acme))
    return environment, kcore, acme


def test_an_editable_install(editable: tuple[Environment, Path, Path]) -> None:
    environment, kcore, acme = editable
    version, file, *plugins, factor = environment.python(WHO).split()
    assert file == str(kcore / "kcore" / "__init__.py") and factor == "1.0"
    assert plugins[0] == f"standard=kcore-{version}" and plugins[-1] == "acme=acme-0.1.0"
    assert len({each.partition("=")[0] for each in plugins}) == len(plugins)
    layers = acme / "acme" / "layers.py"
    layers.write_text(layers.read_text("utf-8").replace("factor: float = 1.0", "factor: float = 3.0"), "utf-8")
    assert environment.python(WHO).split()[-1] == "3.0"
    assert "read as" in environment.run("kcore", "demo", "--epochs", "1")


def test_a_tree_that_has_moved_on_since_it_was_installed(editable: tuple[Environment, Path, Path]) -> None:
    environment, kcore, _ = editable
    project = kcore / "pyproject.toml"
    text = project.read_text("utf-8").replace('version = "0.1.0"', 'version = "0.2.7"')
    project.write_text(text.replace('strict = "kcore_strict.plugin"', 'pedantic = "kcore_strict.plugin"'), "utf-8")
    version, _, *plugins, _ = environment.python(WHO).split()
    assert version == "0.2.7" and "pedantic=kcore-0.2.7" in plugins
    assert not [each for each in plugins if each.startswith("strict=") or each.endswith("kcore-0.1.0")]
