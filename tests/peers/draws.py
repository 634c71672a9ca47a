"""How the data of the comparison with Keras are drawn: away from kinks and ties.

NumPy's `RandomState` draws them, whose stream never changes. All can be told exactly in float32, so that both dtypes
see the same numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

Draw = Callable[[np.random.RandomState, tuple[int, ...]], tuple[np.ndarray, np.ndarray]]


def stream(name: str) -> np.random.RandomState:
    """Random numbers of a name's own."""
    return np.random.RandomState(zlib.crc32(name.encode()))


def exact(x: Any) -> np.ndarray:
    """Numbers that float32 holds without rounding."""
    x = np.asarray(x)
    return x.astype("float32").astype("float64") if x.dtype.kind == "f" else x


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def classes(rng, shape):
    return rng.randint(0, shape[-1], shape[:-1])


def one_hot(rng, shape):
    return np.eye(shape[-1])[classes(rng, shape)]


def numbers(rng, shape):
    return rng.normal(size=shape), rng.normal(size=shape)


def large(rng, shape):
    return rng.normal(size=shape), 1e4 * rng.normal(size=shape)


def nonzero(rng, shape):
    return rng.choice([-1, 1], shape) * rng.uniform(0.5, 2, shape), rng.normal(size=shape)


def positive(rng, shape):
    return rng.uniform(0.1, 3, shape), rng.uniform(0.1, 3, shape)


def signs(rng, shape):
    return rng.choice([-1.0, 1.0], shape), rng.normal(size=shape)


def bits(rng, shape):
    return rng.choice([0.0, 1.0], shape), rng.normal(size=shape)


def labels(rng, shape):
    return one_hot(rng, shape), rng.normal(size=shape)


def mixed(rng, shape):
    """Labels as after smoothing, and predictions that sum to one."""
    return softmax(rng.normal(size=shape)), softmax(rng.normal(size=shape))


def shares(rng, shape):
    return one_hot(rng, shape), rng.uniform(0.1, 1, shape)


def logits(rng, shape):
    return softmax(rng.normal(size=shape)), 3 * rng.normal(size=shape)


def sparse(rng, shape):
    return classes(rng, shape), rng.uniform(0.1, 1, shape)


def sparse_logits(rng, shape):
    return classes(rng, shape), 3 * rng.normal(size=shape)


def with_void(void: int) -> Draw:
    def draw(rng, shape):
        y, p = sparse(rng, shape)
        y[rng.uniform(size=y.shape) < 0.3] = void
        return y, p

    return draw


def chances(rng, shape):
    return rng.choice([0.0, 1.0], shape), rng.uniform(0.05, 0.95, shape)


def chance_logits(rng, shape):
    return rng.choice([0.0, 1.0], shape), 3 * rng.normal(size=shape)


def embeddings(rng, shape):
    """Three classes with several samples each, and rows of length 1."""
    p = rng.normal(size=shape)
    return np.arange(shape[0]) % 3, p / np.linalg.norm(p, axis=-1, keepdims=True)


def counts(rng, shape):
    return 1.0 * rng.poisson(2.0, shape), rng.uniform(0.5, 3, shape)


def equal_at_times(rng, shape):
    y = 1.0 * rng.randint(0, 3, shape)
    return y, np.where(rng.uniform(size=shape) < 0.6, y, y + 1)


def direction_of(shape: tuple[int, ...]) -> np.ndarray:
    """By what an array of losses is multiplied before it is summed, so that it has a gradient; of one number by 1."""
    return np.ones(()) if shape == () else exact(stream("direction").uniform(0.5, 1.5, shape))
