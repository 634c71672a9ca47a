"""Writes the `.pyi` files beside the doors: `python -m kcore.cli.stubs`.

They tell editors and type checkers what the doors look up at run time, and which file defines each thing.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import kcore
from kcore.door import DOORS, attributes
from kcore.plugin import Entry, entries

HEAD = "# Written from the registry by `python -m kcore.cli.stubs`: do not edit.\n"
PLAIN = {"bool", "int", "float", "str", "None", "|"}


def stubs() -> dict[str, str]:
    """The text of every stub, by its path within kcore's folder."""
    files = {"__init__.pyi": _package()}
    for kind in DOORS:
        modules = [entry.thing for entry in _own(kind) if isinstance(entry.thing, ModuleType)]
        folder = (Path(kcore.__file__).parent / kind).is_dir()
        files[f"{kind}/__init__.pyi" if folder else f"{kind}.pyi"] = _door(kind)
        files |= {f"{kind}/{_last(module)}.pyi": _module(module) for module in modules}
    return files


def main() -> None:
    """Write them."""
    for path, text in stubs().items():
        (Path(kcore.__file__).parent / path).write_text(text, "utf-8")


def _package() -> str:
    table = vars(kcore)  # for mypy kcore is its stub
    lines = [_import("kcore", name) for name in table["_MODULES"]]
    lines += [_import(f"kcore.{home}", name) for name, home in table["_HOMES"].items()]
    return _text(lines, ["__version__: str\n"])


def _module(module: ModuleType) -> str:
    """A data set: what its module itself defines."""
    home = module.__name__
    own = [name for name, thing in vars(module).items() if getattr(thing, "__module__", None) == home]
    return _text([_import(home, name) for name in own if name[0] != "_"])


def _door(kind: str) -> str:
    door = importlib.import_module(f"kcore.{kind}")
    found = {name: thing for name, thing in vars(door).items() if name[0] != "_"}
    for entry in _own(kind):
        found |= attributes(entry)
    imports, others, functions = [], list[str](), dict[str, str]()
    for name, thing in found.items():
        if isinstance(thing, ModuleType):
            imports.append(_import(thing.__name__.rpartition(".")[0], _last(thing), name))
        elif thing.__module__ not in ("kcore.door", door.__name__):
            imports.append(_import(thing.__module__, thing.__name__))
            others += [f"{name} = {thing.__name__}\n"] * (name != thing.__name__)
        elif name == thing.__name__:
            functions[name] = _function(thing)
        else:
            blank = "\n" if functions[thing.__name__].endswith('"""\n') else ""
            functions[thing.__name__] += f"{blank}{name} = {thing.__name__}\n"
    rest = ["".join(others), *functions.values()]
    return _text(dict.fromkeys(imports), rest, typing="from typing import Any\n")


def _own(kind: str) -> list[Entry]:
    return [entry for entry in entries(kind, outsiders=False) if entry.distribution == "kcore"]


def _last(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _import(home: str, name: str, given: str = "") -> str:
    return f"from {home} import {name} as {given or name}\n"


def _text(imports: Iterable[str], rest: Iterable[str] = (), typing: str = "") -> str:
    """A file in the order and with the blank lines that ruff gives it."""
    blocks = [HEAD, typing, "".join(sorted(imports)), *rest]
    return "\n".join(block for block in blocks if block)


def _function(function: Any) -> str:
    """A function with the first sentences of its docstring; types that need an import become Any."""
    signature = inspect.signature(function)
    plain = [p.replace(annotation=_plain(p.annotation)) for p in signature.parameters.values()]
    text = str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    text = re.sub(r": '([^']*)'", r": \1", text)  # annotations, which are names, print as strings
    summary = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
    return f'def {function.__name__}{text} -> Any:\n    """{summary}"""\n'


def _plain(annotation: Any) -> str:
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")
    return text if text and set(text.split()) <= PLAIN else "Any"


if __name__ == "__main__":
    main()
