"""What users give to fit() and its like, checked."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any


def whole(name: str, value: int, least: int = 1) -> int:
    """A whole number of at least `least`; else ValueError with the argument's name."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}; got {value!r}.")
    return int(value)


def verbosity(verbose: int | str) -> int:
    """0, 1 or 2; "auto" is 1; else ValueError."""
    if verbose not in (0, 1, 2, "auto", True, False):
        raise ValueError(f'verbose is 0, 1, 2 or "auto"; got {verbose!r}.')
    return 1 if verbose == "auto" else int(verbose)


def pair(validation_data: Any) -> tuple[Any, Any]:
    """(x, y); else ValueError."""
    if not isinstance(validation_data, Sequence) or len(validation_data) != 2:
        raise ValueError("validation_data takes a pair, as validation_data=(x_test, y_test).")
    return validation_data[0], validation_data[1]
