"""F scores: one number for precision and recall."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import one_of
from kcore.plugin import register

from .named import dtype_field
from .per_label import PerLabel
from .shapes import alike

COUNTS = ("true_positives", "false_positives", "false_negatives", "actual")
EPSILON = 1e-7


class _FScore(PerLabel):
    beta: float = attrs.field(default=1.0, init=False)
    average: str | None = attrs.field(default=None, init=False)
    threshold: float | None = attrs.field(default=None, init=False)

    def init(self) -> Any:
        """Zeros."""
        return {name: np.zeros(self.width or 0) for name in COUNTS}

    def update(self, state: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Count for each label."""
        y_true, y_pred = alike(self, y_true, y_pred)
        if self.threshold is None:
            largest = ops.greater_equal(y_pred, ops.max(y_pred, -1, keepdims=True))
            y_pred = ops.logical_and(largest, ops.greater(ops.abs(y_pred), 1e-9))
        else:
            y_pred = ops.greater(y_pred, self.threshold)
        y_true, y_pred = ops.cast(y_true, "float64"), ops.cast(y_pred, "float64")
        weight: Any = 1.0
        if sample_weight is not None:
            weight = ops.cast(sample_weight, "float64")
            weight = ops.expand_dims(weight, 1) if len(weight.shape) == 1 else weight
        new = (y_pred * y_true, y_pred * (1.0 - y_true), (1.0 - y_pred) * y_true, y_true)
        return {name: state[name] + ops.sum(each * weight, 0) for name, each in zip(COUNTS, new, strict=True)}

    def told_of(self, state: Any) -> Any:
        """The score of each label, or their mean."""
        tp, fp, fn, actual = (state[name] for name in COUNTS)
        if self.average == "micro":
            tp, fp, fn = (ops.sum(each) for each in (tp, fp, fn))
        precision, recall, square = tp / (tp + fp + EPSILON), tp / (tp + fn + EPSILON), float(self.beta) ** 2
        score = (1.0 + square) * (precision * recall) / (square * precision + recall + EPSILON)
        if self.average == "weighted":
            return ops.sum(score * (actual / (ops.sum(actual) + EPSILON)))
        return score if self.average in (None, "micro") else ops.mean(score)


def _threshold(owner: object, field: Any, value: Any) -> None:
    if value is not None and not 0 < value <= 1:
        raise ValueError(f"{type(owner).__name__}: threshold must be greater than 0 and at most 1; got {value!r}.")


def _positive(owner: object, field: Any, value: Any) -> None:
    if not value > 0:
        raise ValueError(f"{type(owner).__name__}: beta must be greater than 0; got {value!r}.")


@register("metrics", "fbeta_score", aliases=["f_beta_score"])
class FBetaScore(_FScore):
    """(1 + beta^2) precision recall / (beta^2 precision + recall): van Rijsbergen, Information Retrieval, 1979.

    Args:
        average: None tells the score of each label, "macro" their mean, "weighted" that by how often each occurs, and
            "micro" the score of all labels counted together.
        beta: how much more recall counts than precision.
        threshold: above which a prediction counts as 1; only the largest of a row does if None.

    Call arguments:
        y_true: zeros and ones, shape (batch, labels).
        y_pred: the same shape.
    """

    average: str | None = attrs.field(default=None, validator=one_of(None, "micro", "macro", "weighted"))
    beta: float = attrs.field(default=1.0, validator=_positive)
    threshold: float | None = attrs.field(default=None, validator=_threshold)
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()

    @property
    def label(self) -> str:
        """Its name, or "fbeta_score"."""
        return self.name or "fbeta_score"


@register("metrics", "f1_score")
class F1Score(_FScore):
    """2 precision recall / (precision + recall), as `FBetaScore` with beta 1.

    Args:
        average: None tells the score of each label, "macro" their mean, "weighted" that by how often each occurs, and
            "micro" the score of all labels counted together.
        threshold: above which a prediction counts as 1; only the largest of a row does if None.

    Call arguments:
        y_true: zeros and ones, shape (batch, labels).
        y_pred: the same shape.
    """

    average: str | None = attrs.field(default=None, validator=one_of(None, "micro", "macro", "weighted"))
    threshold: float | None = attrs.field(default=None, validator=_threshold)
    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()
