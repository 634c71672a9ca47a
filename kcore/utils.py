"""Helpers around training: labels as one-hot rows, and runs that repeat."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .config import config


def to_categorical(x: Any, num_classes: int | None = None) -> NDArray[np.float64]:
    """One-hot rows for labels, as `categorical_crossentropy` takes them.

    Arguments:
        x: whole numbers from 0 to num_classes - 1, of any shape; a last axis of length 1 is left out.
        num_classes: how many classes there are; if None, one more than the largest label.

    Returns:
        A NumPy array of float64, as Keras gives: the shape of x with an axis (classes,) behind it.

    Raises:
        ValueError: a label is out of range or no whole number; the text says which, and where.
        TypeError: the labels or num_classes are no numbers.

    Example:
        >>> to_categorical([0, 2, 1], num_classes=3)
        array([[1., 0., 0.],
               [0., 0., 1.],
               [0., 1., 0.]])
    """
    labels = _host(x)
    if labels.dtype.kind not in "buif":
        first = f", as {labels.flat[0]!r}" if labels.size else ""
        raise TypeError(
            f"to_categorical takes labels that are whole numbers; got {labels.dtype}{first}. "
            "Number the classes first: names, labels = np.unique(x, return_inverse=True)."
        )
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    with np.errstate(invalid="ignore"):
        _refuse(labels, labels % 1 != 0, "whole numbers")
    if num_classes is None:
        if not labels.size:
            raise ValueError("to_categorical got no labels, so num_classes cannot be found: give it.")
        _refuse(labels, labels < 0, "numbers of at least 0")
        num_classes = int(labels.max()) + 1
    classes = _whole("num_classes", num_classes, 1)
    _refuse(labels, (labels < 0) | (labels >= classes), f"from 0 to {classes - 1}, as num_classes={classes}")
    rows = np.zeros((labels.size, classes))
    rows[np.arange(labels.size), labels.reshape(-1).astype(np.int64)] = 1
    return rows.reshape(*labels.shape, classes)


def set_random_seed(seed: int) -> None:
    """Make all that follows repeat bit for bit: weights, dropout masks and the order of samples.

    It seeds Python's `random` and NumPy's old functions (`np.random.shuffle`) too, as Keras does, and begins anew what
    `kcore.random` draws without a seed. Each model that is made afterwards draws a seed of its own from this one.

    Arguments:
        seed: a whole number from 0 to 2**32 - 1.

    Raises:
        TypeError, ValueError: it is none.
    """
    config.seed = _whole("seed", seed, 0, 2**32 - 1)
    config.models = config.draws = 0
    random.seed(config.seed)
    np.random.seed(config.seed)


def _host(x: Any) -> NDArray[Any]:
    """A NumPy array of the same numbers, from a device too."""
    if isinstance(x, np.ndarray | np.generic) or not hasattr(x, "dtype"):
        return np.asarray(x)
    from .ops import convert_to_numpy

    return convert_to_numpy(x)


def _refuse(labels: NDArray[Any], wrong: NDArray[np.bool_], expected: str) -> None:
    """Raise for the first wrong label."""
    if wrong.any():
        index = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(wrong)))
        where = "" if labels.ndim == 0 else f" at index {index[0] if len(index) == 1 else index}"
        label = np.atleast_1d(labels)[index].item()
        raise ValueError(f"to_categorical takes labels that are {expected}; got {label!r}{where}.")


def _whole(name: str, value: Any, least: int, most: int | None = None) -> int:
    limits = f"of at least {least}" if most is None else f"from {least} to {most}"
    text = f"{name} is a whole number {limits}; got {value!r}."
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(text)
    if value < least or (most is not None and value > most):
        raise ValueError(text)
    return int(value)
