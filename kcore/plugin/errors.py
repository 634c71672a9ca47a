"""What can go wrong between a name and a thing, and the nearest known name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PluginError(RuntimeError):
    """A plugin that was named is broken: which, where it failed, and what to do."""


class UnknownNameError(ValueError):
    """Nothing that may be used has the name: which names are known, and the nearest."""


class NameClashError(ValueError):
    """Two things have the name: where both are defined."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, whatever its case, or None if none is like it.

    >>> nearest("relo", ["ReLU", "dense"])
    'ReLU'
    """
    spelling = {word.lower(): word for word in known}
    close = difflib.get_close_matches(name.lower(), spelling, n=1)
    return spelling[close[0]] if close else None


def hint(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean ...?"`, to end an error's text with, or nothing."""
    guess = nearest(name, known)
    return f" Did you mean {guess!r}?" if guess else ""
