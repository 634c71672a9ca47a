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


def sentence(text: str) -> str:
    """Return a text with one mark at its end, so that another sentence may follow.

    >>> sentence("not there.."), sentence("Did you mean 'units'?"), sentence("boom")
    ('not there.', "Did you mean 'units'?", 'boom.')
    """
    text = text.rstrip(": .")
    return text if text.endswith(("?", "!")) else f"{text}."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like `name`, whatever its case, or with these initials; None if none is like it.

    >>> nearest("relo", ["ReLU", "dense"]), nearest("lr", ["rho", "learning_rate"])
    ('ReLU', 'learning_rate')
    """
    spelling = {word.lower(): word for word in known}
    initials = {"".join(part[:1] for part in word.split("_")): word for word in spelling.values() if "_" in word}
    if name in initials:
        return initials[name]
    close = difflib.get_close_matches(name.lower(), spelling, n=1)
    return spelling[close[0]] if close else None


def hint(name: str, known: Iterable[str]) -> str:
    """Return `" Did you mean ...?"`, to end an error's text with, or nothing."""
    guess = nearest(name, known)
    return f" Did you mean {guess!r}?" if guess else ""
