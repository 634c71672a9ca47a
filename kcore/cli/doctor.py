"""`kcore doctor`: one page on what kcore runs with here, and on what is wrong, each with its cure."""

from __future__ import annotations

import difflib
import os
import platform
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ..backend import Backend, Checkup, Trouble, available_backends
from ..backend.checkup import usable_cores
from ..backend.selection import trouble_of
from ..config import config
from ..plugin import PluginError, Provider, UnknownNameError, find, providers
from ..plugin.errors import hint
from ..program.choice import considered

WIDTH = 80
VARIABLES = (
    "KCORE_BACKEND", "KCORE_CUDA_GRAPH", "KCORE_DATA_HOME", "KCORE_KERNELS", "KCORE_OFFLINE", "KCORE_PLUGINS",
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Host:
    """What kcore runs on.

    Arguments:
        kcore, python, system, cpu: what a user would be asked for.
        usable: how many cores this process may use.
        cores: how many there are.
        load: how many processes ran or waited in the last minute; None where the system does not tell.
        variables: those of the environment that begin with KCORE_.
    """

    kcore: str = ""
    python: str = ""
    system: str = ""
    cpu: str = ""
    usable: int = 1
    cores: int = 1
    load: float | None = None
    variables: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def facts(self) -> dict[str, str]:
        """What the page shows of it."""
        load = {} if self.load is None else {"load": f"{self.load:.1f} processes in the last minute"}
        cores = {"cores": f"{self.usable} of {self.cores}" if self.usable < self.cores else str(self.cores)}
        known = {"kcore": self.kcore, "Python": self.python, "system": self.system, "CPU": self.cpu}
        return known | cores | load | {name: repr(value) for name, value in self.variables.items()}


def _load(host: Host) -> Iterator[Trouble]:
    if host.load is not None and host.load > host.cores + 0.5:
        yield Trouble(
            f"The machine is busy: {host.load:.1f} processes on {host.cores} cores. Steps take longer than need be.",
            "End other programs or wait, above all before times are compared.",
        )


def _variables(host: Host) -> Iterator[Trouble]:
    for name in sorted(set(host.variables) - set(VARIABLES)):
        for meant in difflib.get_close_matches(name, VARIABLES, 1, cutoff=0.85):
            yield Trouble(f"{name} is set, which kcore does not read.", f"Set {meant} instead.")
    home = host.variables.get("KCORE_DATA_HOME")
    if home and not Path(home).expanduser().is_dir():
        cure = "Make it, or unset the variable; kcore datasets list says where data are looked for."
        yield Trouble(f"KCORE_DATA_HOME is {home}, and there is no such folder.", cure)


def host_troubles(host: Host) -> list[Trouble]:
    """What is wrong with the machine and its settings."""
    return [*_load(host), *_variables(host)]


def plugin_troubles(plugins: Sequence[Provider]) -> list[Trouble]:
    """The plugins that failed; those not yet loaded have not."""
    return [Trouble(plugin.error, "") for plugin in plugins if plugin.state == "failed"]  # which ends in its cure


def namespace_troubles(backend: str, host: Host, plugins: Sequence[Provider]) -> Iterator[Trouble]:
    """What KCORE_PLUGINS and KCORE_KERNELS name that is not there, or is broken; the latter ends every program."""
    known = sorted(plugin.namespace for plugin in plugins if plugin.distribution != "kcore")
    for name in filter(None, map(str.strip, host.variables.get("KCORE_PLUGINS", "").split(","))):
        if name not in known and name not in {plugin.namespace for plugin in plugins}:
            cure = (
                f"It takes namespaces; those of other packages here: {', '.join(known) or 'none'}.{hint(name, known)}"
            )
            yield Trouble(f"KCORE_PLUGINS names {name!r}, and no installed package brings this namespace.", cure)
    if "KCORE_KERNELS" in host.variables:
        try:
            considered(backend)
        except (UnknownNameError, PluginError) as error:
            yield Trouble(str(error), "", broken=True)
        except Exception as error:  # of an outsider's code
            told = f"{type(error).__name__}: {error}"
            cure = "Leave the package out of KCORE_KERNELS, or tell its authors."
            yield Trouble(f"A kernel cannot be asked whether it can run: {told}", cure, broken=True)


def examine(name: str) -> Checkup:
    """What a backend says of itself. That it cannot be found, or cannot run, is a trouble too."""
    try:
        kind: type[Backend] = find("backends", name)
    except (ValueError, PluginError) as error:
        return Checkup(troubles=[Trouble(str(error), "Set KCORE_BACKEND to one of the backends above.", broken=True)])
    try:
        found = kind.checkup()
    except Exception as error:  # of an outsider's code
        told = f"{type(error).__name__}: {error}"
        found = Checkup(troubles=[Trouble(f"What {name} knows of itself cannot be told: {told}", "Tell its authors.")])
    reason = trouble_of(kind)
    if reason and not any(trouble.broken for trouble in found.troubles):
        found = attrs.evolve(found, troubles=[Trouble(reason, "", broken=True), *found.troubles])
    return found


def doctor(backend: str | None = None) -> int:
    """Print the page for a backend, by default the one in use; 1 if something keeps it from running, else 0."""
    name = backend or config.default_backend
    plugins, found = providers(), examine(name)
    host = look(plugins[0].version)
    for plugin in plugins:
        if plugin.allowed:
            plugin.check()
    troubles = [*found.troubles, *plugin_troubles(plugins), *host_troubles(host)]
    troubles += namespace_troubles(name.rpartition("/")[2], host, plugins)
    reasons = available_backends()
    states = {each: f"cannot run here: {why}" if why else "can run" for each, why in reasons.items()}
    if reasons.get(name):
        states[name] = "cannot run here, see below"
    print("\n".join(page(name, host, found, states, troubles)))
    return int(any(trouble.broken for trouble in troubles))


def page(
    name: str, host: Host, found: Checkup, states: Mapping[str, str], troubles: Sequence[Trouble]
) -> Iterator[str]:
    """The lines that are printed."""
    yield from _table(host.facts)
    yield from _table(found.facts, f"\nBackend {name}")
    yield from _table(states, "\nBackends")
    for title, broken in ((f"\nWhat keeps {name} from running", True), ("\nWhat else is wrong", False)):
        chosen = [trouble for trouble in troubles if trouble.broken is broken]
        if chosen:
            yield title
        for trouble in chosen:
            yield from _wrapped(trouble.what, "- ", "  ")
            yield from _wrapped(trouble.cure, "  Cure: ", "        ") if trouble.cure else ()
    if not troubles:
        yield "\nNothing is wrong."


def _table(rows: Mapping[str, str], title: str = "") -> Iterator[str]:
    if title and rows:
        yield title
    indent = "  " * bool(title)
    for word, text in rows.items():
        yield from _wrapped(text, f"{indent}{word:<15} ", " " * (len(indent) + 16))


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip()] or [""]
    heads = [first, *[rest] * (len(lines) - 1)]
    return [
        wrapped
        for head, line in zip(heads, lines, strict=True)
        for wrapped in textwrap.wrap(
            line, WIDTH, initial_indent=head, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
        )
    ]


# Looking ----------------------------------------------------------------------------------------------------


def look(version: str) -> Host:
    """The facts of this machine and process."""
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows
        load = None
    return Host(
        kcore=f"{version} in {Path(__file__).parents[1]}",
        python=f"{platform.python_version()}, {sys.executable}",
        system=platform.platform(),
        cpu=_cpu(),
        usable=usable_cores(),
        cores=os.cpu_count() or 1,
        load=load,
        variables={name: os.environ[name] for name in sorted(os.environ) if name.startswith("KCORE_")},
    )


def _cpu() -> str:
    """The CPU's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
