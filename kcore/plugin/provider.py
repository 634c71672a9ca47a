"""One plugin: loaded by itself when first needed, checked, and asked for its things kind by kind."""

from __future__ import annotations

import importlib
import operator
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from types import ModuleType

import attrs
import pluggy

from kcore.plugin import hookspecs
from kcore.plugin.aside import printing_aside
from kcore.plugin.entry import Entry, registered
from kcore.plugin.errors import PluginError, hint, sentence


@attrs.define(eq=False)
class Provider:
    """One entry point of the group `kcore`: a namespace, and the package that brings it.

    Arguments:
        namespace: the entry point's name, the `acme` of `"acme/focal"`.
        target: the module (or `module:object`) with the hooks.
        distribution, version: the installed package that it belongs to.
    """

    namespace: str
    target: str
    distribution: str
    version: str
    _manager: pluggy.PluginManager | None = attrs.field(default=None, init=False, repr=False)
    _entries: dict[str, list[Entry]] = attrs.field(factory=dict, init=False, repr=False)
    _failures: dict[str, PluginError] = attrs.field(factory=dict, init=False, repr=False)
    _lock: threading.RLock = attrs.field(factory=threading.RLock, init=False, repr=False)  # nobody waits for another's

    @property
    def package(self) -> str:
        """The top-level package of the target: what is defined in it is this plugin's."""
        return re.split(r"[.:]", self.target, maxsplit=1)[0].strip()

    @property
    def allowed(self) -> bool:
        """Whether `KCORE_PLUGINS` lets this plugin be used; kcore's own always are."""
        names = os.environ.get("KCORE_PLUGINS")
        if names is None or self.distribution == "kcore":
            return True
        return self.namespace in [name.strip() for name in names.split(",")]

    @property
    def state(self) -> str:
        """`failed`, `left out` (by `KCORE_PLUGINS`), `loaded` or `not loaded`."""
        if self._failures:
            return "failed"
        if not self.allowed:
            return "left out"
        return "loaded" if self._manager else "not loaded"

    @property
    def loaded_kinds(self) -> list[str]:
        """The kinds of what it has brought so far."""
        return [kind for kind in hookspecs.KINDS if self._entries.get(kind)]

    @property
    def error(self) -> str:
        """What has failed so far; empty if nothing has."""
        return "\n".join(map(str, self._failures.values()))

    def entries(self, kind: str) -> list[Entry]:
        """Return what the plugin brings of one kind, loading it on first need.

        Raises:
            PluginError: if its import, its hooks or what they return are at fault.
        """
        with self._lock:
            if kind not in self._entries:
                manager = self._load()
                with self._blamed(f"in its hook kcore_{kind}"):
                    # A module that the hook imports may itself ask for this kind: that inner call sees
                    # what is defined so far; the outer one writes last and so has the last word.
                    self._entries[kind] = self._call(manager, kind)
            return self._entries[kind]

    def known(self, kind: str) -> list[Entry] | None:
        """Return what it brings of one kind if that is known, waiting for nothing; None if it must be loaded first."""
        return self._entries.get(kind)

    def check(self) -> None:
        """Load all that the plugin brings, so that `state` and `error` tell whether it works."""
        for kind in hookspecs.KINDS:
            with suppress(PluginError):
                self.entries(kind)

    def fail(self, what: str, *, where: str = "to load", cure: str) -> PluginError:
        """Note why the plugin cannot be used, and return it for raising."""
        who = f"Plugin {self.namespace!r} ({self.target}, of the package {self.distribution} {self.version})"
        self._failures[where] = PluginError(f"{who} failed {where}: {sentence(what)} {cure}")
        return self._failures[where]

    @contextmanager
    def _blamed(self, where: str) -> Iterator[None]:
        """Turn what goes wrong inside into a PluginError, kept and raised again the next time."""
        if where in self._failures:
            raise self._failures[where].with_traceback(None)
        own = self.distribution == "kcore"
        try:
            with nullcontext() if own else printing_aside():
                yield
        except KeyboardInterrupt:
            raise
        except BaseException as cause:  # exits, and what test runners skip by
            cure = "Mend or reinstall kcore." if own else "Upgrade or uninstall it, or tell its authors."
            raise self.fail(f"{type(cause).__name__}: {cause}", where=where, cure=cure) from cause

    def _load(self) -> pluggy.PluginManager:
        if self._manager is None:
            with self._blamed("to load"):
                module, _, attribute = self.target.partition("[")[0].partition(":")
                plugin: object = importlib.import_module(module.strip())
                if attribute:
                    plugin = operator.attrgetter(attribute.strip())(plugin)
                self._manager = _hooked(plugin)
        assert self._manager
        return self._manager

    def _call(self, manager: pluggy.PluginManager, kind: str) -> list[Entry]:
        hook: pluggy.HookCaller = getattr(manager.hook, f"kcore_{kind}")
        if not hook.get_hookimpls():
            return []
        returned = next(iter(hook()), None)  # pluggy drops None, which a hook without `return` gives
        if isinstance(returned, str) or not isinstance(returned, Iterable):
            raise TypeError(f"it must return registered {kind}, but returned {returned!r}")
        things = {id(thing): thing for thing in returned}
        known = {id(entry.thing): entry for entry in registered(kind)}
        for key, thing in things.items():
            if key not in known:
                raise TypeError(f"it returned {thing!r}, which is not registered with @register({kind!r})")
        return [known[key].brought_by(self.namespace, self.distribution, self.version) for key in things]


def _hooked(plugin: object) -> pluggy.PluginManager:
    """Return a manager with this plugin alone, once all in it that looks like a hook proves to be one."""
    manager = pluggy.PluginManager("kcore")
    manager.add_hookspecs(hookspecs)
    for name in dir(plugin):
        marked = manager.parse_hookimpl_opts(plugin, name)
        if marked or (name.startswith("kcore_") and callable(getattr(plugin, name))):
            hook = (marked and marked["specname"]) or name
            if hook not in hookspecs.HOOKS:
                raise AttributeError(f"it has an unknown hook {hook!r}.{hint(hook, hookspecs.HOOKS)}")
            if not marked:
                raise AttributeError(f"{name} is not marked as a hook; write @hookimpl above it")
    manager.register(plugin)
    if not manager.get_hookcallers(plugin):
        if isinstance(plugin, ModuleType) and getattr(plugin, "__file__", None) is None:
            folders = ", ".join(dict.fromkeys(plugin.__path__))  # what is imported of a folder without __init__.py
            raise AttributeError(
                f"the folder {folders} was imported as {plugin.__name__!r}, and has no hooks. Let the entry point name "
                f"the module with them, as {plugin.__name__}.plugin; or start Python elsewhere"
            )
        raise AttributeError(f"it has no hooks; known are {', '.join(hookspecs.HOOKS)}")
    return manager
