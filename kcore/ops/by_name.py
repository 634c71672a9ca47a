"""Functions of arrays by name: kcore's own, and those that other packages bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import Any

from ..plugin import find, register


def get(name: str) -> Callable[..., Any]:
    """The function of this name: one of kcore.ops, as "softsign", or another package's, as "acme/softsign".

    Args:
        name: what it is registered under.

    Returns:
        The function.

    Raises:
        ValueError: nothing has the name; the text lists the known names and the nearest.

    >>> get("softsign") is get("standard/softsign")
    True
    """
    function: Callable[..., Any] = find("ops", name)
    return function


def register_functions(names: Iterable[str], namespace: Mapping[str, Any]) -> None:
    """Register those of these names that are functions of kcore.ops, each once, with all its other names as aliases."""
    given: dict[FunctionType, list[str]] = {}
    for name in names:
        thing = namespace[name]
        if isinstance(thing, FunctionType) and thing.__module__.startswith(__package__) and thing is not get:
            given.setdefault(thing, []).append(name)
    for function, known in given.items():
        register("ops", function.__name__, aliases=[name for name in known if name != function.__name__])(function)
