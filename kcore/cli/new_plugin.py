"""`kcore plugins new`: writes a package with parts of one's own, out of the one in `template`, which is called acme."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import kcore

from ..plugin import KINDS, providers
from ..plugin.errors import hint

TEMPLATE = Path(__file__).with_name("template")


def write_plugin(name: str, kinds: Iterable[str], to: str | Path) -> str:
    """Write a package, and return what to do next.

    Args:
        name: of the package and its namespace.
        kinds: of the parts that it begins with, each a module with an example and a test of it; "all" for every one.
        to: the folder to write the package's folder into.

    Raises:
        ValueError: the name or a kind cannot be.
        FileExistsError: the folder is there already.
    """
    package, chosen = _package(name), list(dict.fromkeys(kinds))
    chosen = list(KINDS) if chosen == ["all"] else chosen
    for kind in chosen:
        if kind not in KINDS:
            raise ValueError(f"Unknown kind {kind!r}. The kinds are: {', '.join(KINDS)}.{hint(kind, KINDS)}")
    folder = Path(to) / name
    if folder.exists():
        raise FileExistsError(f"{folder} is there already, and stays as it is. Choose another name, or remove it.")
    for path, text in _files(chosen):
        file = folder / path.replace("acme", package)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("acme", package), "utf-8")
    lines = (f"{package}/{kind}.py" for kind in chosen)
    return (
        f"Wrote {folder} with {', '.join(lines)}, and tests. Next:\n"
        f'    {Path(sys.executable).name} -m pip install -e "{folder}[test]"\n'
        f'    {Path(sys.executable).name} -m pytest "{folder}"'
    )


def _package(name: str) -> str:
    """The Python name of the package, once nothing is against it."""
    package = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name):
        raise ValueError(f"A package's name is like acme or acme-vision, of small letters, digits and -; got {name!r}.")
    if keyword.iskeyword(package):
        raise ValueError(f"{package!r} is a word of Python, so no package can be imported by it. Choose another name.")
    for plugin in providers():
        if plugin.namespace == package:
            by = f"{plugin.distribution} {plugin.version}"
            raise ValueError(f"The namespace {package!r} is taken by the installed package {by}. Choose another name.")
    spec = importlib.util.find_spec(package)
    if spec and spec.origin:  # not just a folder
        raise ValueError(f"There is a module {package!r} already ({spec.origin}). Choose another name.")
    return package


def _files(kinds: list[str]) -> Iterator[tuple[str, str]]:
    """Path and text of each file of the template that a package with these kinds has."""
    needed = "kcore>=" + ".".join(kcore.__version__.split(".")[:2])
    for path in ("pyproject.toml", "acme/__init__.py"):
        yield path, (TEMPLATE / path).read_text("utf-8").replace("kcore>=0.1", needed)
    head, *hooks = (TEMPLATE / "acme/plugin.py").read_text("utf-8").split("\n\n\n")
    written = [hook.rstrip() for hook in hooks if any(f"kcore_{kind}()" in hook for kind in kinds)]
    yield "acme/plugin.py", "\n\n\n".join([head.rstrip(), *written]) + "\n"
    for kind in kinds:
        for path in (f"acme/{kind}.py", f"tests/test_{kind}.py"):
            yield path, (TEMPLATE / path).read_text("utf-8")
