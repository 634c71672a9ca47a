"""A door: a module whose attributes are what is registered under its kind, as `kcore.layers.Dense`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any

from .interfaces import configurable
from .interfaces.functional import functional
from .plugin import KINDS, Entry, NameClashError, UnknownNameError, entries, find
from .plugin import offered as outside
from .plugin.errors import hint

DOORS = tuple(kind for kind in KINDS if kind not in ("ops", "kernels", "backends"))
"""The kinds that have a door: ops have a home of their own, kernels and backends are chosen by the environment."""


def opened(module: str) -> tuple[Callable[..., Any], ...]:
    """The `__getattr__`, `__dir__`, `get`, `serialize` and `deserialize` of a door.

    Attributes are looked up at each use, so that a cell of a notebook that defines a layer anew replaces it.

    Arguments:
        module: the door's name; its last part is the kind.
    """
    kind = module.rpartition(".")[2]

    def attribute(name: str) -> Any:
        if name == "__all__":
            return names(module)
        if name.startswith("_"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        try:
            return offered(find(kind, name), name)
        except NameClashError as error:
            raise AttributeError(str(error)) from None
        except (UnknownNameError, AttributeError) as error:
            broken = error.__cause__  # a plugin of kcore itself, or nothing
            raise unknown(module, name, names(module), kind) from broken

    def listed() -> list[str]:
        return sorted({*names(module), *vars(sys.modules[module])})

    def get(identifier: Any, **arguments: Any) -> Any:
        """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration.

        What is an object or a function already is returned as it is, and so is None, which means none; the
        activation None is `linear`.

        Arguments:
            identifier: what the user gave.
            arguments: for the class, where the identifier is a name or a class.

        Raises:
            ValueError: nothing has the name; the text lists the known names and the nearest.
            TypeError: the identifier is none of these.
        """
        if identifier is None:
            return find(kind, "linear") if kind == "activations" else None
        return configurable.get(kind, identifier, **arguments)

    def deserialize(config: Any) -> Any:
        """What `serialize` was given."""
        return get(config)

    return attribute, listed, get, configurable.serialize, deserialize


def offered(thing: Any, name: str) -> Any:
    """What a door gives under one of the names of a registered thing.

    A class goes by its Python name; the function form of a loss or a metric, by its other names.

    Raises:
        AttributeError: nothing; a class `Dense` is no attribute `dense`.
    """
    if isinstance(thing, type) and thing.__name__ != name:
        return functional(thing)
    return thing


def attributes(entry: Entry) -> dict[str, Any]:
    """All that a door gives of a registered thing, by name."""
    found = {}
    for name in (getattr(entry.thing, "__name__", entry.name), *entry.names):
        if name.isidentifier():
            try:
                found[name] = offered(entry.thing, name)
            except AttributeError:
                continue
    return found


def names(module: str) -> list[str]:
    """The public names of a door: its own, and those of all that kcore and the user have registered."""
    own = [name for name in vars(sys.modules[module]) if not name.startswith("_")]
    registered = entries(module.rpartition(".")[2], outsiders=False)
    return sorted({*own, *(name for entry in registered for name in attributes(entry))})


def unknown(module: str, name: str, known: Iterable[str], kind: str | None = None) -> Exception:
    """The error for an attribute that a module lacks: what it has, and the nearest, be it an outsider's."""
    text = f"module {module!r} has no attribute {name!r}. It has: {', '.join(known)}.{hint(name, known)}"
    if kind and not hint(name, known):
        for entry in outside(kind):
            if hint(name, attributes(entry)):
                by = f"which the installed package {entry.distribution} {entry.version} brings"
                text += f' Did you mean {module}.get("{entry.qualified}"), {by}?'
    return ImportError(text, name=module) if _is_import(sys._getframe(2)) else AttributeError(text)


def _is_import(frame: Any) -> bool:
    """Whether the line that asks is a `from ... import`, which hides the text of an AttributeError."""
    import opcode

    return bool(frame.f_code.co_code[frame.f_lasti] == opcode.opmap.get("IMPORT_FROM"))
