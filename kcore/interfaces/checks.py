"""Checks of arguments, as validators of fields: the error says whose, what is expected and what came."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from typing import Any

Check = Callable[[object, Any, Any], None]


def whole_number(least: int) -> Check:
    """An integer, NumPy's too, of at least this."""

    def check(owner: object, field: Any, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
            _refuse(owner, field, f"a whole number of at least {least}", value)

    return check


def number(least: float = 0, most: float = math.inf, below: float = math.inf) -> Check:
    """A number from `least` to `most`, and less than `below`."""
    limits = (
        f"at least {least}" + f" and at most {most}" * (most < math.inf) + f" and below {below}" * (below < math.inf)
    )

    def check(owner: object, field: Any, value: Any) -> None:
        fits = isinstance(value, Real) and least <= float(value) <= most and (float(value) < below or below == math.inf)
        if not fits:
            _refuse(owner, field, f"a number of {limits}", value)

    return check


def one_of(*choices: str | None) -> Check:
    """One of these words, or None if it is among them."""

    def check(owner: object, field: Any, value: Any) -> None:
        if value not in choices:
            _refuse(owner, field, " or ".join(map(repr, choices)), value)

    return check


def check_named(where: str, what: str, got: Any, names: Iterable[str] | None, cure: str) -> None:
    """Raise TypeError unless what a user's method returned is a dictionary, of these names if they are known.

    Args:
        where: the method, as "Signs.update".
        what: what it must return, as "the slots by name".
        names: those wanted.
        cure: a sentence.
    """
    names = None if names is None else list(names)
    if not isinstance(got, Mapping):
        came = f"{type(got).__name__}: {got!r:.80}"
    elif names is not None and set(got) != set(names):
        came = f"{', '.join(map(repr, got)) or 'none'}, where {', '.join(map(repr, names)) or 'none'} is expected"
    else:
        return
    raise TypeError(f"{where} must return {what}; got {came}. {cure}")


def _refuse(owner: object, field: Any, expected: str, value: object) -> None:
    raise ValueError(f"{type(owner).__name__}: {field.name} must be {expected}; got {value!r}.")
