"""`kcore list` and `kcore plugins`: what is registered, and by whom."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from ..plugin import entries, providers


def list_kind(kind: str) -> None:
    """Print all that is registered of a kind: name, aliases, origin and what it is."""
    rows = [
        (e.qualified, ", ".join(e.aliases), f"{e.distribution} {e.version}".strip() or e.module, _summary(e.thing))
        for e in entries(kind)
    ]
    _print(("name", "aliases", "origin", "what it is"), rows)


def list_plugins() -> None:
    """Load every plugin that is allowed; print its namespace, distribution, version, state and error."""
    plugins = providers()
    for plugin in plugins:
        if plugin.allowed:
            plugin.check()
    rows = [(p.namespace, p.distribution, p.version, p.state, p.error) for p in plugins]
    _print(("namespace", "distribution", "version", "state", "error"), rows)


def _summary(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _print(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*titles, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)
