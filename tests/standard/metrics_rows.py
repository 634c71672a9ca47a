"""The rows of metrics: what each computes, in plain NumPy."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from kcore.interfaces import get
from tests.standard.row import Row, classes, numbers, one_hot, shares


def indices(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Labels by number, and any predictions."""
    return classes(rng, shape), rng.normal(size=shape)


def index_shares(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Labels by number, and positive predictions."""
    return classes(rng, shape), rng.uniform(0.1, 1, shape)


def columns(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Labels by number in a column, and any predictions."""
    return classes(rng, shape)[..., None], rng.normal(size=shape)


def bits(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Zeros and ones, and numbers between them."""
    return rng.integers(0, 2, shape), rng.random(shape)


def one_output(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Zeros and ones for one output."""
    return rng.integers(0, 2, shape[:-1]), rng.random((*shape[:-1], 1))


def few(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers, many of them equal."""
    return rng.integers(0, 2, shape), rng.integers(0, 2, shape).astype("float32")


def tied(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """One-hot labels, and predictions of which many are equal."""
    return one_hot(rng, shape), rng.integers(0, 3, shape).astype("float64")


def weighed(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Values and their weights."""
    return rng.normal(size=shape), rng.uniform(0.1, 1, shape)


def ranks(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """How many predictions are larger than that of the class of this number."""
    return np.sum(p > np.take_along_axis(p, y[..., None], -1), -1)


def sorted_ids(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Labels by number, and all classes, the best first."""
    return classes(rng, shape), rng.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1)


def cosine(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.sum(y * p, -1) / np.linalg.norm(y, axis=-1) / np.linalg.norm(p, axis=-1)


def pairs(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.stack([y, p], -1)


def share(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return y == p.argmax(-1)


def crossentropy(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -np.sum(y * np.log(p / p.sum(-1, keepdims=True)), -1)


def more_numbers(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    return numbers(rng, (shape[0] + 2, *shape[1:]))


def two_classes(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    return rng.integers(0, 3, shape), rng.integers(0, 3, shape)


def counts(v: np.ndarray, threshold: float = 0.5) -> tuple[int, ...]:
    """True and false positives, false and true negatives."""
    y, p = v[..., 0] == 1, v[..., 1] > threshold
    return tuple(int(np.sum(each)) for each in (y & p, ~y & p, y & ~p, ~y & ~p))


def ratio(one: float, other: float) -> float:
    return one / (one + other) if one + other else 0.0


def area(v: np.ndarray) -> float:
    """Of the ROC curve at five thresholds, by trapezoids."""
    at = [counts(v, t) for t in (-1e-7, 0.25, 0.5, 0.75, 1 + 1e-7)]
    points = [(ratio(fp, tn), ratio(tp, fn)) for tp, fp, fn, tn in at]
    return sum((x - z) * (y + w) / 2 for (x, y), (z, w) in itertools.pairwise(points))


def f_score(found: tuple[int, ...], beta: float) -> float:
    tp, fp, fn, _ = found
    precision, recall = tp / (tp + fp + 1e-7), tp / (tp + fn + 1e-7)
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall + 1e-7)


def explained(v: np.ndarray) -> np.ndarray:
    y, p = v[..., 0], v[..., 1]
    return 1 - np.sum((y - p) ** 2, 0) / np.sum((y - y.mean(0)) ** 2, 0)


def overlap(v: np.ndarray, classes: int) -> float:
    both = [np.sum((v == c).all(-1)) for c in range(classes)]
    either = [np.sum((v == c).any(-1)) for c in range(classes)]
    occurs = sum(n > 0 for n in either)
    return sum(b / (e + 1e-7) for b, e in zip(both, either, strict=True)) / (occurs + 1e-7)


METRIC_ROWS = [
    Row("accuracy", lambda y, p: y.argmax(-1) == p.argmax(-1), data=shares),
    Row("accuracy", share, data=indices),
    Row("accuracy", lambda y, p: (y == 1) == (p[..., 0] > 0.5), data=one_output),
    Row("Accuracy", lambda y, p: y == p, data=few),
    Row("binary_accuracy", lambda y, p: y == (p > 0.5), data=bits),
    Row("binary_accuracy", lambda y, p: y == (p > 0.8), {"threshold": 0.8}, data=bits),
    Row("categorical_accuracy", lambda y, p: y.argmax(-1) == p.argmax(-1), data=tied),
    Row("sparse_categorical_accuracy", share, data=indices),
    Row("sparse_categorical_accuracy", lambda y, p: share(y[..., 0], p), data=columns),
    Row("top_k_categorical_accuracy", lambda y, p: ranks(y.argmax(-1), p) < 5, data=tied),
    Row("top_k_categorical_accuracy", lambda y, p: ranks(y.argmax(-1), p) < 2, {"k": 2}, data=tied),
    Row("sparse_top_k_categorical_accuracy", lambda y, p: ranks(y, p) < 2, {"k": 2}, data=indices),
    Row("sparse_top_k_categorical_accuracy", lambda y, p: ranks(y[..., 0], p) < 3, {"k": 3}, data=columns),
    Row(
        "sparse_top_k_categorical_accuracy",
        lambda y, p: np.any(p[..., :2] == y[..., None], -1),
        {"k": 2, "from_sorted_ids": True},
        data=sorted_ids,
    ),
    Row("cosine_similarity", cosine, data=numbers),
    Row("crossentropy", crossentropy, data=shares),
    Row("crossentropy", lambda y, p: crossentropy(np.eye(p.shape[-1])[y], p), data=index_shares),
    Row("mean", pairs, data=weighed, over=lambda v: np.average(v[..., 0], weights=v[..., 1])),
    Row("sum", lambda y, w: y * w, data=weighed, over=np.sum),
    Row("root_mean_squared_error", lambda y, p: (y - p) ** 2, data=numbers, over=lambda v: np.sqrt(np.mean(v))),
    Row("true_positives", pairs, data=bits, over=lambda v: counts(v)[0]),
    Row("true_positives", pairs, {"thresholds": 0.2}, data=bits, over=lambda v: counts(v, 0.2)[0]),
    Row("false_positives", pairs, data=bits, over=lambda v: counts(v)[1]),
    Row("false_negatives", pairs, data=bits, over=lambda v: counts(v)[2]),
    Row("true_negatives", pairs, data=bits, over=lambda v: counts(v)[3]),
    Row("precision", pairs, data=bits, over=lambda v: ratio(counts(v)[0], counts(v)[1])),
    Row("recall", pairs, data=bits, over=lambda v: ratio(counts(v)[0], counts(v)[2])),
    Row(
        "recall",
        lambda y, p: pairs(y[:, 1], np.where(p[:, 1] == p.max(-1), p[:, 1], -1)),
        {"top_k": 1, "class_id": 1},
        data=bits,
        over=lambda v: ratio(counts(v, -1)[0], counts(v, -1)[2]),
    ),
    Row("auc", pairs, {"num_thresholds": 5}, data=bits, over=lambda v: area(v)),
    Row("f1_score", pairs, {"average": "micro", "threshold": 0.5}, data=bits, over=lambda v: f_score(counts(v), 1)),
    Row(
        "fbeta_score",
        pairs,
        {"average": "micro", "threshold": 0.5, "beta": 2.0},
        data=bits,
        over=lambda v: f_score(counts(v), 2),
    ),
    Row("r2_score", pairs, data=more_numbers, over=lambda v: np.mean(explained(v))),
    Row("mean_io_u", pairs, {"num_classes": 3}, data=two_classes, over=lambda v: overlap(v, 3)),
    Row("mean_metric_wrapper", lambda y, p: y == (p > 0.8), {"fn": "binary_accuracy", "threshold": 0.8}, data=bits),
]  # fmt: skip


def of_losses(rows: list[Row]) -> list[Row]:
    """The same rows for the metrics of the losses' names; but of some arguments, and the sign of the cosine."""

    def takes(name: str, options: dict[str, Any]) -> bool:
        try:
            get("metrics", name, **options)
        except (TypeError, ValueError):  # of other arguments, or of no such metric
            return False
        return True

    return [row for row in rows if row.name != "cosine_similarity" and takes(row.name, row.options)]
