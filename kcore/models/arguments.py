"""What users give to fit() and its like, checked."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from numbers import Integral, Real
from typing import Any


def whole(name: str, value: int, least: int = 1) -> int:
    """A whole number of at least `least`; else ValueError with the argument's name."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}; got {value!r}.")
    return int(value)


def share(name: str, value: float) -> float:
    """A number above 0 and below 1; else ValueError with the argument's name."""
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < value < 1:
        raise ValueError(f"{name} is a share of the samples, above 0 and below 1; got {value!r}.")
    return float(value)


def size_of_batch(batch_size: int | None) -> int:
    """How many samples a step takes: 32 unless it is said."""
    return 32 if batch_size is None else whole("batch_size", batch_size)


def steps_of(name: str, steps: int | None, samples: int, batch_size: int) -> int:
    """How many steps are taken: those of one pass over the samples, unless it is said."""
    return -(-samples // batch_size) if steps is None else whole(name, steps)


def verbosity(verbose: int | str) -> int:
    """0, 1 or 2; "auto" is 1; else ValueError."""
    if verbose not in (0, 1, 2, "auto", True, False):
        raise ValueError(f'verbose is 0, 1, 2 or "auto"; got {verbose!r}.')
    return 1 if verbose == "auto" else int(verbose)


def validation(given: Any) -> tuple[Any, Any, Any]:
    """(x, y, sample_weight), the last None if it was not given; else ValueError."""
    if not isinstance(given, Sequence) or len(given) not in (2, 3):
        raise ValueError(
            "validation_data takes a pair, as validation_data=(x_test, y_test), or (x_test, y_test, sample_weight)."
        )
    return given[0], given[1], given[2] if len(given) == 3 else None


def chosen_epochs(validation_freq: int | Container[int]) -> Callable[[int], bool]:
    """Whether to validate after an epoch, counted from 0."""
    if isinstance(validation_freq, Container) and not isinstance(validation_freq, str):
        return lambda epoch: epoch + 1 in validation_freq
    every = whole("validation_freq", validation_freq)
    return lambda epoch: (epoch + 1) % every == 0
