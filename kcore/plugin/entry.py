"""Registering: the decorator that names a thing, and the table of all that has been registered."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import attrs

from kcore.plugin.errors import UnknownNameError, hint
from kcore.plugin.hookspecs import KINDS

T = TypeVar("T")


@attrs.frozen(eq=False)
class Entry:
    """A registered thing: its names, where it is defined, and (once a plugin brings it) by whom.

    Arguments:
        kind: one of `KINDS`.
        name: what `find` is asked for.
        aliases: other names for it.
        thing: the class, function, module or object itself.
        module: the module that defines it.
        namespace, distribution, version: of the plugin; empty for what a user's script defines.
    """

    kind: str
    name: str
    aliases: tuple[str, ...]
    thing: Any = attrs.field(repr=False)
    module: str
    namespace: str = ""
    distribution: str = ""
    version: str = ""

    @property
    def qualified(self) -> str:
        """The name to ask for: bare for kcore's and the user's own, else with the namespace."""
        return self.name if self.distribution in ("", "kcore") else f"{self.namespace}/{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """The name and the aliases."""
        return (self.name, *self.aliases)

    def brought_by(self, namespace: str, distribution: str, version: str) -> Entry:
        """The same thing as a plugin's."""
        return attrs.evolve(self, namespace=namespace, distribution=distribution, version=version)


# By kind, then by module and name: what is defined again in its module takes the place of the first.
_table: dict[str, dict[tuple[str, str], Entry]] = {kind: {} for kind in KINDS}


def registered(kind: str) -> list[Entry]:
    """Return what has been registered so far under a kind, in order of definition."""
    return list(_table[kind].values())


def register(kind: str, name: str | None = None, *, aliases: Iterable[str] = ()) -> Callable[[T], T]:
    """Return a decorator that gives a class, function, module or object its name, and leaves it as it is.

    Arguments:
        kind: one of `KINDS`, such as `"layers"`.
        name: the name; left out, `__name__` in snake case (`MaxPooling2D` is `"max_pooling2d"`).
        aliases: other names for the same thing.

    Subclasses are not registered by it. It goes above a decorator that makes a new class, such as
    `attrs.define`. A data set, being a module, says `register("datasets")(sys.modules[__name__])`.

    Raises:
        UnknownNameError: if there is no such kind.
        TypeError, ValueError: if a name is missing, is empty, or has a `/`, which namespaces use.

    Example::

        @register("losses", aliases=["mae"])
        def mean_absolute_error(y_true, y_pred): ...
    """
    check_kind(kind)
    if isinstance(aliases, str):
        raise TypeError(f"register({kind!r}): expected a list of aliases, got {aliases!r}; write it in [ ].")
    others = tuple(aliases)
    caller = sys._getframe(1).f_globals["__name__"]

    def add(thing: T) -> T:
        entry = Entry(kind, name or _default_name(thing), others, thing, _home(thing, caller))
        for text in entry.names:
            if not isinstance(text, str) or not text or "/" in text:
                raise ValueError(f"register({kind!r}): expected a name without '/', got {text!r}.")
        _table[kind][entry.module, entry.name] = entry
        return thing

    return add


def defined_in(package: str, kind: str | None = None) -> list[object]:
    """Import a module, or a package with all its submodules, and return the things registered in it.

    Arguments:
        package: its full name, such as `"acme.losses"`.
        kind: only things of this kind, for a module that defines several kinds.
    """
    module = importlib.import_module(package)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{package}."):
        if not found.name.endswith(".__main__"):
            importlib.import_module(found.name)
    everything = [entry for each in ([kind] if kind else KINDS) for entry in registered(each)]
    return [entry.thing for entry in everything if f"{entry.module}.".startswith(f"{package}.")]


def check_kind(kind: str) -> None:
    """Raise UnknownNameError, with the nearest kind, if there is no such kind."""
    if kind not in KINDS:
        raise UnknownNameError(f"Unknown kind {kind!r}. The kinds are: {', '.join(KINDS)}.{hint(kind, KINDS)}")


def _default_name(thing: object) -> str:
    full = getattr(thing, "__name__", None)
    if full is None:
        raise TypeError(f"{thing!r} has no __name__; name it: register(kind, 'its_name')(thing).")
    return snake_case(full.rpartition(".")[2])


def snake_case(name: str) -> str:
    """Return a Python name as names are registered: `MaxPooling2D` as `max_pooling2d`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^_])(?=[A-Z][a-z])", "_", name).lower()


def _home(thing: object, caller: str) -> str:
    """Where a class or function was written; a module itself; for any other object, who registered it."""
    if isinstance(thing, ModuleType):
        return thing.__name__
    return thing.__module__ if isinstance(thing, (type, FunctionType)) else caller
