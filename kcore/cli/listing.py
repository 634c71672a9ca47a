"""`kcore list` and `kcore plugins`: what is registered, and by whom."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence

from ..plugin import entries, providers


def list_kind(kind: str) -> None:
    """Print all that is registered of a kind: name, aliases, origin and what it is."""
    rows = [
        (e.qualified, ", ".join(e.aliases), f"{e.distribution} {e.version}".strip() or e.module, _summary(e.thing))
        for e in entries(kind)
    ]
    _print(("name", "aliases", "origin", "what it is"), rows, cut=True)


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


def _print(titles: Sequence[str], rows: Sequence[Sequence[str]], cut: bool = False) -> None:
    """A table; `cut` ends its last column at the edge, or leaves it out for want of room. In a pipe lines are whole."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 2000)
    room = console.width
    for i, title in enumerate(titles):
        widest = max(map(len, (title, *(row[i] for row in rows))))
        last, room = title == titles[-1], room - 3
        if cut and last and room < min(20, widest):
            break
        table.add_column(title, width=min(widest, room if last or not i else 16), no_wrap=cut and last)
        room -= min(widest, 16 if i else widest)
    for row in rows:
        table.add_row(*row[: len(table.columns)])
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().strip("\n").splitlines()))
