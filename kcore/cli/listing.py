"""`kcore list` and `kcore plugins`: what is registered, and by whom."""

from __future__ import annotations

import inspect
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence

from ..plugin import KINDS, entries, providers

LEAST = 40
"""Columns of a terminal that sentences need to stand in a table."""


def list_kinds() -> None:
    """Print what `list_kind` takes."""
    print("\n".join(KINDS))


def list_kind(kind: str) -> None:
    """Print all that is registered of a kind: name, aliases, origin and what it is.

    In a terminal that is too narrow for a table what it is stands below each name.

    Raises:
        ValueError: there is no such kind.
    """
    rows = [
        (e.qualified, ", ".join(e.aliases), f"{e.distribution} {e.version}".strip() or e.module, _summary(e.thing))
        for e in entries(kind)
    ]
    titles = ("name", "aliases", "origin", "what it is")
    if not _narrow() or _widths(titles, rows, last=LEAST) <= _columns():
        return _print(titles, rows)
    for name, aliases, origin, what in rows:
        print("\n".join(_filled(f"{name}, {aliases}" if aliases else name)))
        print("\n".join(_filled(what if origin.startswith("kcore ") else f"{what} [{origin}]".lstrip(), "    ")))
    return None


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
    if not _narrow():
        return _print(titles, rows)
    _print(titles[:-1], [row[:-1] for row in rows], wide=2)
    for plugin in plugins:
        for line in plugin.error.splitlines():
            print(f"\n{line}")
    return None


def _summary(thing: object) -> str:
    """The first line of its own docstring: a class without one does not show its base's."""
    return inspect.cleandoc(thing.__doc__ or "").partition("\n")[0]


def _narrow() -> bool:
    """Whether lines are to end at an edge: in a terminal, or wherever COLUMNS says so."""
    return sys.stdout.isatty() or "COLUMNS" in os.environ


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _widths(titles: Sequence[str], rows: Sequence[Sequence[str]], last: int) -> int:
    """How wide a table is whose last column has this width."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    return sum(widths[:-1]) + min(widths[-1], last) + 3 * len(widths)


def _filled(text: str, indent: str = "") -> list[str]:
    """Lines that end at the edge, those after the first one further in."""
    return textwrap.wrap(
        text, _columns(), initial_indent=indent, subsequent_indent=indent or "  ", break_on_hyphens=False
    )


def _print(titles: Sequence[str], rows: Sequence[Sequence[str]], wide: int = -1) -> None:
    """A table whose column `wide` has what room the others leave; in a pipe lines are whole."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    console = Console(highlight=False, markup=False, width=_columns() if _narrow() else 2000, height=25)
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    room = console.width - 3 * len(widths) - sum(widths) + widths[wide]
    for title, width in zip(titles, widths, strict=True):
        if title == titles[wide]:
            width = max(min(width, room), len(title))
        table.add_column(title, width=width, overflow="fold")
    for row in rows:
        table.add_row(*row)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()).strip("\n"))
