"""The rows of losses: what each computes, in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.standard.row import Row, classes, logits, numbers, one_hot, shares, softmax

Rng = np.random.Generator
Pair = tuple[np.ndarray, np.ndarray]


def signs(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """Labels -1 and 1 (as floats), and any predictions."""
    return rng.choice([-1.0, 1.0], shape), rng.normal(size=shape) * 2


def bits(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """Labels 0 and 1, as integers, and any predictions."""
    return rng.integers(0, 2, shape), rng.normal(size=shape) * 2


def chances(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """Shares of two classes, and chances of the first."""
    return rng.random(shape), rng.uniform(0.05, 0.95, shape)


def any_bits(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """Shares of two classes, and logits."""
    return rng.random(shape), rng.normal(size=shape) * 3


def positive(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """Positive numbers and predictions."""
    return rng.uniform(0.1, 3, shape), rng.uniform(0.1, 3, shape)


def distributions(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """Two distributions."""
    return softmax(rng.normal(size=shape)), softmax(rng.normal(size=shape))


def numbered(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """Classes by number, and positive predictions that need not sum to 1."""
    return classes(rng, shape), rng.uniform(0.1, 1, shape)


def in_column(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """The same, the numbers in a column."""
    return classes(rng, shape)[..., None], rng.uniform(0.1, 1, shape)


def hot_and_any(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """One-hot labels, as floats, and any predictions."""
    return one_hot(rng, shape), rng.normal(size=shape)


def scaled(p: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.clip(p / p.sum(axis, keepdims=True), 1e-7, 1 - 1e-7)  # a single one is 1


def cross(y: np.ndarray, p: np.ndarray, axis: int = -1) -> np.ndarray:
    return -np.sum(y * np.log(p), axis)


def smooth(y: np.ndarray, by: float) -> np.ndarray:
    return y * (1 - by) + by / y.shape[-1]


def chosen(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The element of each row that a number names."""
    y = y.astype(int)
    return np.take_along_axis(p, y if y.ndim == p.ndim else y[..., None], -1)[..., 0]


def binary(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def binary_of_logits(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    return y * np.logaddexp(0, -x) + (1 - y) * np.logaddexp(0, x)


def short(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.maximum(1 - (y if np.any(y < 0) else 2 * y - 1) * p, 0)


def huber(delta: float) -> Callable[..., np.ndarray]:
    def formula(y: np.ndarray, p: np.ndarray) -> np.ndarray:
        e = np.abs(y - p)
        return np.mean(np.where(e <= delta, e**2 / 2, delta * e - delta**2 / 2), -1)

    return formula


def cosine(y: np.ndarray, p: np.ndarray, axis: int = -1) -> np.ndarray:
    return -np.sum(y * p, axis) / np.linalg.norm(y, axis=axis) / np.linalg.norm(p, axis=axis)


def focal(y: np.ndarray, p: np.ndarray, gamma: float = 2, alpha: float | None = None) -> np.ndarray:
    balance = 1 if alpha is None else y * alpha + (1 - y) * (1 - alpha)
    return np.mean(balance * (y + p - 2 * y * p) ** gamma * binary(y, p), -1)


def focal_of_classes(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -0.25 * np.sum((1 - p) ** 2 * y * np.log(p), -1)


def overlap(y: np.ndarray, p: np.ndarray, missed: float, invented: float, axis: int | None = None) -> np.ndarray:
    both, only_y, only_p = ((a * b).sum(axis) for a, b in ((y, p), (y, 1 - p), (1 - y, p)))
    return 1 - both / (both + missed * only_y + invented * only_p + 1e-7)


def dice(y: np.ndarray, p: np.ndarray, axis: int | None = None) -> np.ndarray:
    return 1 - 2 * (y * p).sum(axis) / (y.sum(axis) + p.sum(axis) + 1e-7)


def embeddings(rng: Rng, shape: tuple[int, ...]) -> Pair:
    """A class for each of the last axis but one, and vectors of length 0.9."""
    p = rng.normal(size=shape)
    return np.broadcast_to(np.arange(shape[-2]), shape[:-1]), 0.9 * p / np.linalg.norm(p, axis=-1, keepdims=True)


def circle(y: np.ndarray, p: np.ndarray, gamma: float, margin: float) -> np.ndarray:
    """For pairs of a sample with itself, and with all others, which are of other classes."""
    d = 1 - p @ np.swapaxes(p, -1, -2)
    own = np.eye(p.shape[-2])
    near = np.exp(gamma * (d + margin) * (d - margin)) * own
    far = np.exp(gamma * np.maximum(1 + margin - d, 0) * (1 - margin - d)) * (1 - own)
    return np.log(1 + near.sum(-1) * far.sum(-1))


LOSS_ROWS = [
    Row("mean_squared_error", lambda y, p: np.mean((y - p) ** 2, -1), data=numbers),
    Row("mean_absolute_error", lambda y, p: np.mean(np.abs(y - p), -1), data=numbers),
    Row("mean_absolute_percentage_error", lambda y, p: 100 * np.mean(np.abs((y - p) / y), -1), data=positive),
    Row("mean_squared_logarithmic_error", lambda y, p: np.mean(np.log((1 + p) / (1 + y)) ** 2, -1), data=positive),
    Row("huber", huber(1.0), data=numbers),
    Row("huber", huber(0.3), {"delta": 0.3}, data=numbers),
    Row("log_cosh", lambda y, p: np.mean(np.log(np.cosh(p - y)), -1), data=numbers),
    Row("cosine_similarity", cosine, data=numbers),
    Row("cosine_similarity", lambda y, p: cosine(y, p, 0), {"axis": 0}, data=numbers),
    Row("hinge", lambda y, p: np.mean(short(y, p), -1), data=signs),
    Row("hinge", lambda y, p: np.mean(short(y, p), -1), data=bits),
    Row("squared_hinge", lambda y, p: np.mean(short(y, p) ** 2, -1), data=signs),
    Row("squared_hinge", lambda y, p: np.mean(short(y, p) ** 2, -1), data=bits),
    Row(
        "categorical_hinge",
        lambda y, p: np.maximum(np.max((1 - y) * p, -1) - np.sum(y * p, -1) + 1, 0),
        data=hot_and_any,
    ),
    Row("kl_divergence", lambda y, p: np.sum(y * np.log(y / p), -1), data=distributions),
    Row("poisson", lambda y, p: np.mean(p - y * np.log(p + 1e-7), -1), data=positive),
    Row("categorical_crossentropy", lambda y, p: cross(y, scaled(p)), data=shares),
    Row("categorical_crossentropy", lambda y, p: cross(y, scaled(p, 0), 0), {"axis": 0}, data=shares),
    Row("categorical_crossentropy", lambda y, p: cross(y, softmax(p)), {"from_logits": True}, data=logits),
    Row(
        "categorical_crossentropy",
        lambda y, p: cross(smooth(y, 0.2), scaled(p)),
        {"label_smoothing": 0.2},
        data=shares,
    ),
    Row("sparse_categorical_crossentropy", lambda y, p: -np.log(chosen(scaled(p), y)), data=numbered),
    Row("sparse_categorical_crossentropy", lambda y, p: -np.log(chosen(scaled(p), y)), data=in_column),
    Row(
        "sparse_categorical_crossentropy",
        lambda y, p: -np.log(chosen(softmax(p), y)),
        {"from_logits": True},
        data=numbered,
    ),
    Row("binary_crossentropy", lambda y, p: np.mean(binary(y, p), -1), data=chances),
    Row("binary_crossentropy", lambda y, p: np.mean(binary(y, p), 0), {"axis": 0}, data=chances),
    Row("binary_crossentropy", lambda y, p: np.mean(binary_of_logits(y, p), -1), {"from_logits": True}, data=any_bits),
    Row(
        "binary_crossentropy",
        lambda y, p: np.mean(binary(y * 0.8 + 0.1, p), -1),
        {"label_smoothing": 0.2},
        data=chances,
    ),
    Row("binary_focal_crossentropy", focal, data=chances),
    Row(
        "binary_focal_crossentropy",
        lambda y, p: focal(y, p, 1.5, 0.3),
        {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5},
        data=chances,
    ),
    Row("categorical_focal_crossentropy", lambda y, p: focal_of_classes(y, scaled(p)), data=shares),
    Row(
        "categorical_focal_crossentropy",
        lambda y, p: focal_of_classes(y, softmax(p)),
        {"from_logits": True},
        data=distributions,
    ),
    Row("categorical_generalized_cross_entropy", lambda y, p: 2 * (1 - np.sqrt(chosen(p, y))), data=numbered),
    Row("dice", dice, data=chances),
    Row("dice", lambda y, p: dice(y, p, -1), {"axis": -1}, data=chances),
    Row(
        "tversky",
        lambda y, p: overlap(y, p, 0.3, 0.8, -1),
        {"alpha": 0.3, "beta": 0.8, "axis": -1},
        data=chances,
    ),
    Row(
        "circle",
        lambda y, p: circle(y, p, 3, 0.3),
        {"gamma": 3.0, "margin": 0.3, "remove_diagonal": False},
        data=embeddings,
    ),
]
