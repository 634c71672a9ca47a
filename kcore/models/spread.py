"""By name: what users give for each of several inputs or outputs, as one thing, a list or a dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..plugin.errors import hint


def spread(given: Any, names: Sequence[str], what: str) -> list[Any]:
    """One entry for each name; what a dictionary leaves out is None.

    Args:
        given: a list in the order of the names, or a dictionary by them.
        names: of the inputs or outputs.
        what: what to call it in a message, as "loss".

    Raises:
        ValueError: there are not as many, or a name is unknown.
    """
    if isinstance(given, Mapping):
        unknown = next((key for key in given if key not in names), None)
        if unknown is not None:
            raise ValueError(
                f"{what} has an entry for {unknown!r}, but the model has {', '.join(map(repr, names))}."
                f"{hint(str(unknown), names)}"
            )
        return [given.get(name) for name in names]
    if len(given) != len(names):
        raise ValueError(
            f"{what} is a list of {len(given)}, but the model has {len(names)}: {', '.join(map(repr, names))}. Give "
            "one for each in this order, or a dictionary by name."
        )
    return list(given)


def arrays(given: Any, names: Sequence[str], what: str) -> list[Any]:
    """The array for each name, None where there is none; a list of numbers is one array."""
    if given is None:
        return [None] * len(names)
    if isinstance(given, Mapping) or (
        isinstance(given, list | tuple) and (len(names) > 1 or (len(given) == 1 and hasattr(given[0], "shape")))
    ):
        return spread(given, names, what)
    if len(names) > 1:
        raise ValueError(
            f"{what} is one array, but the model has {len(names)}: {', '.join(map(repr, names))}. Give a list in this "
            "order, or a dictionary by name."
        )
    return [given]


def settings(given: Any, names: Sequence[str], what: str) -> list[Any]:
    """The setting for each name: a single one is for all of them."""
    if isinstance(given, Mapping) or (isinstance(given, list | tuple) and given):
        return spread(given, names, what)
    return [given] * len(names)
