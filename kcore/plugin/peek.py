"""What a plugin that is not loaded brings, as far as its source tells: read, and never run."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from kcore.plugin.entry import Entry, snake_case
from kcore.plugin.provider import Provider


def peek(plugin: Provider, kind: str) -> list[Entry]:
    """Return what is registered by decorators under literal names; Python names are aliases, the things None."""
    found = []
    for module in _modules(plugin.package):
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                for decorator in node.decorator_list:
                    if names := _names(decorator, kind, node.name):
                        entry = Entry(kind, names[0], (*names[1:], node.name), None, plugin.package)
                        found.append(entry.brought_by(plugin.namespace, plugin.distribution, plugin.version))
    return found


def _modules(package: str) -> Iterator[ast.Module]:
    """The modules of a top-level package that register anything, as far as they can be read."""
    spec = None
    with suppress(ImportError, ValueError):
        spec = importlib.util.find_spec(package)
    if spec:
        files = {file for folder in spec.submodule_search_locations or () for file in Path(folder).rglob("*.py")}
        for file in sorted(files | {Path(spec.origin or "")}):
            with suppress(OSError, ValueError, SyntaxError):
                text = file.read_text("utf-8") if file.suffix == ".py" else ""
                if "register" in text:
                    yield ast.parse(text)


def _names(call: ast.expr, kind: str, python_name: str) -> tuple[str, ...]:
    """The name and the aliases in `register(kind, name, aliases=[...])`; nothing for any other decorator."""
    if not isinstance(call, ast.Call) or ast.unparse(call.func).rpartition(".")[2] != "register":
        return ()
    with suppress(ValueError, TypeError):
        given = [ast.literal_eval(each) for each in call.args]
        options = {each.arg: ast.literal_eval(each.value) for each in call.keywords}
        if given[:1] == [kind]:
            name = given[1] if given[1:] else options.get("name")
            return (name or snake_case(python_name), *options.get("aliases", ()))
    return ()
