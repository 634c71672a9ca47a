"""Writes the page of docs that lists every function of `kcore.ops`: `python -m kcore.cli.pages`."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import kcore
from kcore import ops
from kcore.graph import OPS

PAGE = Path(kcore.__file__).parents[1] / "docs" / "ops.md"

HEAD = """\
# Functions of kcore.ops

Written by `python -m kcore.cli.pages` from the functions themselves. Each computes at once on arrays and is recorded on
symbols. *An atom* is one function of the array namespace, *a compound* has a rule for its gradient and is written in
others, and the rest is made of these. `help(kcore.ops.einsum)` tells the whole.
"""


def page() -> str:
    """The text of the page."""
    families: dict[str, list[str]] = {}
    for name in ops.__all__:
        families.setdefault(_home(getattr(ops, name)), []).append(name)
    return HEAD + "".join(_family(home, names) for home, names in sorted(families.items()) if home)


def main() -> None:
    """Write it."""
    PAGE.write_text(page(), "utf-8")


def _home(thing: Any) -> str:
    home = getattr(thing, "__module__", None) or ""
    return home if home.startswith("kcore.ops") else ""


def _family(home: str, names: list[str]) -> str:
    module = sys.modules[home]
    rows = "".join(
        f"| `{name}{_arguments(getattr(ops, name))}` | {_first(getattr(ops, name))} | {_how(name)} |\n"
        for name in names
    )
    title = home.rpartition(".")[2].replace("_", " ").capitalize()
    return f"\n## {title}\n\n{_first(module)}\n\n| function | what it gives | |\n| --- | --- | --- |\n{rows}"


def _arguments(function: Any) -> str:
    signature = inspect.signature(function)
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty)).replace("|", "\\|")


def _first(thing: Any) -> str:
    """The first paragraph of a docstring."""
    text = inspect.getdoc(thing) or ""
    return text.partition("\n\n")[0].replace("\n", " ").replace("|", "\\|")


def _how(name: str) -> str:
    op = OPS.get(name)
    return "" if op is None else "a compound" if op.lowering else "an atom"


if __name__ == "__main__":
    main()
