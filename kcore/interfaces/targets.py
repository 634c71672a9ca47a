"""Targets that meet predictions: shapes that differ in a column only, and what is said to those that differ in more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.types import size_of

HostArray = np.ndarray[Any, Any]
OutputShape = tuple[int | None, ...]


def same_rank(one: tuple[Any, ...], other: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Two shapes with as many axes each, where one has a last axis of length 1 more; others as they are.

    As in Keras, a vector beside a column becomes a column, and of more axes the last one goes.
    """
    if len(one) == len(other) + 1 and one[-1] == 1:
        return (one, (*other, 1)) if len(other) == 1 else (one[:-1], other)
    if len(other) == len(one) + 1 and other[-1] == 1:
        return tuple(reversed(same_rank(other, one)))
    return one, other


def check_fit(y: HostArray, wanted: OutputShape, output: OutputShape, name: str) -> None:
    """Raise ValueError if targets are not of the shape that a loss wants.

    Args:
        y: (samples, ...).
        wanted: (None, ...), the shape of targets for outputs of this one.
        output: (None, ...), what the model gives.
        name: "y" or "validation y".
    """
    one, other = same_rank(y.shape, (len(y), *wanted[1:]))
    if len(one) == len(other) and all(n in (None, m) for n, m in zip(other, one, strict=True)):
        return
    shown = _shown("batch", output)
    takes = "" if wanted == output else f", for which targets of shape {_shown('batch', wanted)} are wanted"
    message = f"{name} has shape {y.shape}, but the model gives outputs of shape {shown}{takes}."
    raise ValueError(f"{message}{_cure(y, wanted[1:], output[1:], name)}")


def _cure(y: HostArray, wanted: OutputShape, output: OutputShape, name: str) -> str:
    """What to do, for what is often meant; shapes are those of one sample."""
    sample, full = y.shape[1:], _shown(len(y), (None, *wanted))
    if len(output) == 2 and sample in (wanted[1:], (*wanted[1:], 1), wanted[1:-1] if wanted[1:] == (1,) else None):
        return (
            f" The targets have no steps, the outputs have {output[0] or 'some'}: give the last recurrent layer "
            f"return_sequences=False, so that it returns its last step only, or give targets of shape {full}, "
            "one for each step. Where there is no recurrent layer, a Flatten() is missing."
        )
    if len(sample) == 2 and len(output) == 1 and sample[1:] in (wanted, output):
        return (
            f" The targets have {sample[0]} steps, the outputs have none: give the last recurrent layer "
            f"return_sequences=True, or give targets of shape {full}, one for each sample."
        )
    if wanted and None not in wanted and size_of(sample) == size_of(n or 0 for n in wanted):
        return f" Reshape it: {name}.reshape({len(y)}, {', '.join(map(str, wanted))})."
    classes = wanted[-1] if wanted else None
    if classes not in (1, None) and sample in (wanted[:-1], (*wanted[:-1], 1)) and not np.any(y % 1):
        return (
            f" These look like class numbers: make them one-hot by kcore.utils.to_categorical(y, {classes}). "
            "The loss sparse_categorical_crossentropy takes them as they are."
        )
    return ""


def check_values(y: HostArray, wrong: HostArray, name: str, says: Callable[[Any], str]) -> None:
    """Raise ValueError with the first value of targets that is wrong, its place, and what is said to it.

    Args:
        y: the targets.
        wrong: which of them are, of the same shape.
        name: "y" or "validation y".
        says: from the value to the rest of the message.
    """
    if wrong.any():
        place = np.unravel_index(int(np.argmax(wrong)), y.shape)
        value = y[place].item()
        index = [int(i) for i in place]
        shown = int(value) if value == value and abs(value) < 1e15 and value == int(value) else value
        where = index[0] if len(index) == 1 else index
        raise ValueError(f"{name} has the value {shown} at index {where}, {says(value)}")


def _shown(first: object, shape: OutputShape) -> str:
    """A shape, what is open in it as a word."""
    words = [str(first), *("steps" if n is None else str(n) for n in shape[1:])]
    return f"({', '.join(words)}{',' * (len(words) == 1)})"
