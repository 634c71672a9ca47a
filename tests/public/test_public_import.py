"""`import kcore` in a fresh process: light, and whole."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import kcore

ROOT = Path(__file__).parents[2]

LOADED = """
import sys
before = set(sys.modules)
{imports}
print(*(name for name in sys.modules if name not in before))
"""


def loaded(imports: str) -> set[str]:
    """The modules outside the standard library that these imports load in a process of their own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KCORE_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LOADED.format(imports=imports)],
        env={**kept, "PYTHONPATH": str(ROOT)},
        cwd=ROOT / "tests",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names}


def test_import_kcore_loads_nothing_else():
    assert loaded("import kcore") == {"kcore"}


def test_doors_and_models_load_no_plugin_and_no_backend():
    found = loaded("import " + ", ".join(f"kcore.{name}" for name in kcore._MODULES if name != "datasets"))
    assert {name.partition(".")[0] for name in found} == {"kcore", "numpy", "attr", "attrs", "pluggy"}


@pytest.mark.parametrize(
    ("use", "needed"),
    [
        ("import kcore; kcore.layers.Dense(3)", "kcore_standard.layers.dense"),
        ("from kcore.datasets.digits import load_data", "kcore_datasets.digits"),
    ],
)
def test_a_name_loads_its_kind_alone(use, needed):
    """Of the other plugins no more than the hooks."""
    found = loaded(use)
    assert needed in found
    assert not found & {"kcore_standard.losses", "kcore_callbacks.progress", "kcore_numpy.backend"}
    assert not found & {"pooch", "requests", "rich", "numba", "cupy", "array_api_strict"}


@pytest.mark.parametrize("name", kcore.__all__)
def test_every_name_is_there(name):
    assert name in dir(kcore)
    assert getattr(kcore, name) is getattr(kcore, name)


def test_star():
    namespace: dict[str, object] = {}
    exec("from kcore import *", namespace)
    assert set(kcore.__all__) == namespace.keys() - {"__builtins__"}


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert kcore.__version__ == project["version"]


def test_an_unknown_name():
    with pytest.raises(AttributeError, match=r"^module 'kcore' has .* It has: .* Did you mean 'layers'\?$"):
        _ = kcore.layer
    with pytest.raises(ImportError, match=r"Did you mean 'Sequential'\?$"):
        from kcore import Sequental  # noqa: F401
