"""A small kcore and fake installed packages, each tried in a Python process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import attrs

import kcore.plugin

PYPROJECT = """
[project]
name = "kcore"
version = "0.5"

[project.entry-points.kcore]
standard = "kcore_toy.plugin"
"""

TOY_PLUGIN = """
from kcore.plugin import defined_in, hookimpl

@hookimpl
def kcore_losses():
    return defined_in("kcore_toy.losses")
"""

TOY_LOSSES = """
from kcore.plugin import register

@register("losses", aliases=["mse"])
class MeanSquaredError: ...

@register("losses")
class Hinge: ...
"""

ACME = """
from kcore.plugin import defined_in, hookimpl, register

@hookimpl
def kcore_losses():
    return defined_in(__name__, "losses")

@register("losses", aliases=["fl"])
class Focal: ...
"""

PREAMBLE = """
import sys
from kcore.plugin import *

def error_of(kind, name):
    try:
        return f"found {find(kind, name)}"
    except (PluginError, UnknownNameError, NameClashError) as error:
        return f"{type(error).__name__}: {error}"

def state_of(namespace):
    [plugin] = [each for each in providers() if each.namespace == namespace]
    return plugin.state
"""


@attrs.frozen
class World:
    """A folder with kcore's source tree (`tree`) and one of installed packages (`site`)."""

    folder: Path

    def write(self, path: str, text: str) -> None:
        """Write a file, and the folders it needs."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), "utf-8")

    def install(
        self, name: str, code: str = ACME, *, version: str = "1.0", points: str = "", at: str = "site", needs: str = ""
    ):
        """Pretend that a package was installed: a module of that name, whose entry point is `points`."""
        self.write(f"{at}/{name}.py", code)
        info = f"{at}/{name}-{version}.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        self.write(f"{info}/METADATA", metadata + (f"Requires-Dist: {needs}\n" if needs else ""))
        self.write(f"{info}/entry_points.txt", f"[kcore]\n{points or f'{name} = {name}'}\n")

    def run(self, program: str, *, path: tuple[str, ...] = ("tree", "site"), **variables: str) -> None:
        """Run a program of asserts, with warnings as errors, in a process that finds those folders."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("KCORE_", "PYTHON"))}
        found = os.pathsep.join(str(self.folder / each) for each in path)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", PREAMBLE + dedent(program)],
            env={**kept, "PYTHONPATH": found, "PYTHONDONTWRITEBYTECODE": "1", **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr


def new_world(folder: Path) -> World:
    """A copy of this plugin folder in a source tree with a toy standard library; nothing installed."""
    world = World(folder)
    shutil.copytree(
        Path(kcore.plugin.__file__).parent,
        folder / "tree/kcore/plugin",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    world.write("tree/kcore/__init__.py", "")
    world.write("tree/pyproject.toml", PYPROJECT)
    for name, text in {"__init__": "", "plugin": TOY_PLUGIN, "losses": TOY_LOSSES}.items():
        world.write(f"tree/plugins/kcore_toy/{name}.py", text)
    return world
