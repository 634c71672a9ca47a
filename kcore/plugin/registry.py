"""From a name to a thing: `"dense"` is kcore's or the user's own, `"acme/focal"` an outsider's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from kcore.plugin import manager
from kcore.plugin.entry import Entry, check_kind, registered
from kcore.plugin.errors import NameClashError, PluginError, UnknownNameError, hint, nearest
from kcore.plugin.hookspecs import KINDS
from kcore.plugin.peek import peek
from kcore.plugin.provider import Provider


def find(kind: str, name: str) -> Any:
    """Return the thing that a name stands for, as in `find("losses", "acme/focal")`.

    Arguments:
        kind: one of `KINDS`, such as `"losses"`.
        name: a name, an alias or a `__name__`. Bare, it is one of kcore's own or of those that the
            user's modules have registered; `"acme/focal"` loads the plugin acme and no other. A bare
            `"acme"` also means the one backend that acme brings.

    Raises:
        UnknownNameError: if nothing has the name; the text lists the known names and the nearest.
        NameClashError: if two things have it.
        PluginError: if the plugin that was named is broken.
    """
    check_kind(kind)
    namespace, slash, _ = name.rpartition("/")
    matches = _find_in(namespace, kind, name) if slash else _find_bare(kind, name)
    if len(matches) > 1:
        choice = [f"{e.namespace}/{e.name}".lstrip("/") + f" (defined in {e.module})" for e in matches]
        cure = "Ask for one by its full name, or rename one."
        raise NameClashError(f"The {KINDS[kind]} {name!r} may be {' or '.join(choice)}. {cure}")
    return matches[0].thing


def entries(kind: str, outsiders: bool | Iterable[str] = True) -> list[Entry]:
    """Return all that is registered under a kind: kcore's and the user's own by name, then outsiders'.

    With `outsiders` all that are allowed are loaded; what cannot be loaded is missing here and told by `providers`.
    Or they are those of some namespaces, each of which must be there.

    Raises:
        UnknownNameError: a namespace that is named is not there.
        PluginError: it is broken.
    """
    check_kind(kind)
    found, _ = _gather(kind, (*manager.own(), *(manager.outsiders() if outsiders is True else ())))
    if not isinstance(outsiders, bool):
        found += [entry for name in outsiders for entry in _usable(name, kind).entries(kind)]
    return sorted(found + _local(kind), key=lambda entry: ("/" in entry.qualified, entry.qualified))


def offered(kind: str) -> list[Entry]:
    """Return what outsiders that may be used bring of a kind, to suggest it to who misspelt a name.

    None is imported for it, since its author's code is no business of who did not name it: of those that are not
    loaded yet it is what their sources show, with None for the things.
    """
    found: list[Entry] = []
    for plugin in manager.outsiders():
        if plugin.allowed and plugin.state != "failed":
            known = plugin.known(kind)
            found += peek(plugin, kind) if known is None else known
    return found


def name_of(kind: str, thing: Any) -> str:
    """Return the name by which `find` gives this class or function: the reverse of it.

    That is its `__name__`, but for an outsider's the qualified name, as `"acme/focal"`.
    """
    package = getattr(thing, "__module__", "").partition(".")[0]
    for plugin in manager.outsiders():
        if plugin.allowed:
            for entry in plugin.entries(kind) if plugin.package == package else plugin.known(kind) or ():
                if entry.thing is thing:
                    return entry.qualified
    return str(thing.__name__)


def providers() -> list[Provider]:
    """Return every installed plugin with its state and error so far; loads none of them."""
    return [*manager.own(), *manager.outsiders()]


def _find_bare(kind: str, name: str) -> list[Entry]:
    known, failures = _gather(kind, manager.own())
    mine = _local(kind)
    matches = _matches(known, name)
    if kind == "optimizers" and not matches:
        matches = _matches(known, name.lower())  # as in Keras, which knows only these in any case
    # A user's class may have the Python name of one of kcore's: only names that were given clash.
    matches += [entry for entry in _matches(mine, name) if not matches or name in entry.names]
    if not matches and kind == "backends" and manager.provider(name):
        matches = _usable(name, kind, name).entries(kind)
    if not matches:
        error = _unknown(kind, name, "kcore", [*known, *mine], offered(kind), failures)
        plugin = manager.provider(name) if kind == "backends" else None
        if plugin:
            error = UnknownNameError(f"{error} The package {plugin.distribution} {plugin.version} brings no backend.")
        raise error from next(iter(failures), None)
    return matches


def _find_in(namespace: str, kind: str, name: str) -> list[Entry]:
    plugin = _usable(namespace, kind, name)
    known = plugin.entries(kind)
    matches = _matches(known, name.rpartition("/")[2])
    if not matches:
        raise _unknown(kind, name, f"{plugin.distribution} {plugin.version}", known)
    return matches


def _usable(namespace: str, kind: str, name: str = "") -> Provider:
    """Return the plugin of a namespace, or raise why there is none: for what `name` cannot be found, if it is given."""
    plugin = manager.provider(namespace)
    error = f"Unknown {KINDS[kind]} {name!r}: " if name else ""
    if plugin is None:
        known = sorted({each.namespace for each in providers()})
        error += f"no installed package brings the namespace {namespace!r}. Known are: {', '.join(known)}."
        raise UnknownNameError(error + hint(namespace, known))
    if not plugin.allowed:
        error += f"{plugin.distribution} {plugin.version} is installed, but left out by KCORE_PLUGINS="
        raise UnknownNameError(f"{error}{os.environ['KCORE_PLUGINS']}. Add {namespace} to it, or unset it.")
    return plugin


def _gather(kind: str, plugins: Iterable[Provider]) -> tuple[list[Entry], list[PluginError]]:
    """Return what those plugins bring that may be used and can be loaded, and why others cannot."""
    found: list[Entry] = []
    failures: list[PluginError] = []
    for plugin in plugins:
        if plugin.allowed:
            try:
                found += plugin.entries(kind)
            except PluginError as error:
                failures.append(error)
    return found, failures


def _local(kind: str) -> list[Entry]:
    """Return what users' scripts and notebooks have registered: all that is in no plugin's package."""
    found = registered(kind)
    for plugins in (manager.own, manager.outsiders):  # outsiders are scanned for only if something is left
        packages = {"kcore", *(plugin.package for plugin in plugins())} if found else set()
        found = [entry for entry in found if entry.module.partition(".")[0] not in packages]
        brought = {id(entry.thing) for plugin in plugins() for entry in plugin.known(kind) or ()} if found else set()
        found = [entry for entry in found if id(entry.thing) not in brought]
    return found


def _matches(known: list[Entry], name: str) -> list[Entry]:
    """Return those of that name or alias; if there is none, those of that `__name__`."""
    named = [entry for entry in known if name in entry.names]
    return named or [entry for entry in known if getattr(entry.thing, "__name__", None) == name]


def _unknown(
    kind: str,
    name: str,
    who: str,
    known: list[Entry],
    outside: Iterable[Entry] = (),
    failures: Iterable[PluginError] = (),
) -> UnknownNameError:
    """Return the error for a name that nothing has, with the known names and the nearest."""
    listed = [e.name + (f" (alias {', '.join(e.aliases)})" if e.aliases else "") for e in known]
    text = f"Unknown {KINDS[kind]} {name!r}. {who} knows: {', '.join(sorted(listed)) or 'none'}."
    offers = [(entry, f"{entry.qualified!r}") for entry in known]
    for entry in outside:
        package = f"{entry.distribution} {entry.version}"
        offers.append((entry, f"{entry.qualified!r}, which the installed package {package} brings"))
    guess = nearest(name.rpartition("/")[2], [each for entry, _ in offers for each in entry.names])
    close = [offer for entry, offer in offers if guess in entry.names]
    text += f" Did you mean {', or '.join(close)}?" if close else ""
    return UnknownNameError("\n".join([text, *map(str, failures)]))
