"""Row: what the tables of tests/standard are made of, and how the data of losses and metrics are drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np


@attrs.frozen
class Row:
    """One configuration of one thing.

    Attributes:
        name: what it is registered as.
        formula: what it computes: of a layer `formula(x, *weights)`, of a loss or metric
            `formula(y_true, y_pred)` at each position, of an activation `formula(x)`, of an initializer
            `formula(values, shape)`, whether these may be its values.
        options: the arguments of its class.
        data: of a loss or metric, how to draw (y_true, y_pred) of a shape.
        over: of a metric, what becomes of the numbers at all positions.
        rank: of a layer, the number of axes of its input, 0 for any.
        inputs: of a layer, how many it takes in a list; the formula's x has a first axis for them then. 0: one array.
    """

    name: str
    formula: Callable[..., Any]
    options: dict[str, Any] = attrs.field(factory=dict)
    data: Callable[..., tuple[np.ndarray, np.ndarray]] | None = None
    rank: int = 0
    inputs: int = 0
    over: Callable[[np.ndarray], Any] = np.mean

    def __str__(self) -> str:
        return "-".join([self.name, *(f"{k}={v}" for k, v in self.options.items())])


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def classes(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.integers(0, shape[-1], shape[:-1])


def one_hot(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.eye(shape[-1])[classes(rng, shape)]


def numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=shape), rng.normal(size=shape)


def shares(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """One-hot labels and positive predictions that need not sum to 1."""
    return one_hot(rng, shape), rng.uniform(0.1, 1, shape)


def logits(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Mixed labels, as after label smoothing, and any predictions."""
    return softmax(rng.normal(size=shape)), rng.normal(size=shape) * 3
