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
    """Load every plugin that is allowed; print its namespace, package, kinds, state and error.

    In a terminal errors stand below the table, where they have room; in a pipe each plugin is one line.
    """
    plugins = providers()
    for plugin in plugins:
        if plugin.allowed:
            plugin.check()
    rows = [
        (p.namespace, f"{p.distribution} {p.version}", ", ".join(p.loaded_kinds), p.state, " ".join(p.error.split()))
        for p in plugins
    ]
    titles = ("name", "version", "kinds", "state", "error")
    if not sys.stdout.isatty():
        return _print(titles, rows)
    _print(titles[:-1], [row[:-1] for row in rows], wide=2)
    for plugin in plugins:
        for line in plugin.error.splitlines():
            print(f"\n{line}")
    return None


def _summary(thing: object) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _print(titles: Sequence[str], rows: Sequence[Sequence[str]], wide: int = -1, cut: bool = False) -> None:
    """A table whose column `wide` has what room the others leave; in a pipe lines are whole.

    `cut` ends that column at the edge, or leaves it out for want of room.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else 2000)
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    if sys.stdout.isatty():
        widths = [
            w if title in (titles[0], titles[wide]) else min(w, 16) for title, w in zip(titles, widths, strict=True)
        ]
    room = console.width - 3 * len(widths) - sum(widths) + widths[wide]
    for title, width in zip(titles, widths, strict=True):
        if title != titles[wide]:
            table.add_column(title, width=width)
        elif not cut or room >= min(20, width):
            table.add_column(title, width=max(min(width, room), 1), no_wrap=cut)
    for row in rows:
        table.add_row(*row[: len(table.columns)])
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n"))
