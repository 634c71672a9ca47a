"""Accuracies: the share of right predictions, for each way of writing classes."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.interfaces import same_rank
from kcore.plugin import register

from .named import NamedMetric
from .shapes import alike, classes_of, classes_to, kind_of_target


@register("metrics", "Accuracy")
class Accuracy(NamedMetric):
    """The share of positions where y_pred equals y_true: for predictions that are classes already.

    In compile() the name "accuracy" chooses another by the shapes of labels and predictions: see `AutoAccuracy`.

    Call arguments:
        y_true: any shape.
        y_pred: the same, or one of the two with a last axis of length 1 more.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 where they are equal, else 0."""
        y_true, y_pred = alike(self, *same_rank(y_true, y_pred))
        return ops.cast(ops.equal(ops.cast(y_true, y_pred.dtype), y_pred), "float32")


@register("metrics", "binary_accuracy")
class BinaryAccuracy(NamedMetric):
    """The share of positions where y_pred lies on that side of the threshold which y_true, 0 or 1, says.

    Args:
        threshold: what y_pred must exceed to count as 1.

    Call arguments:
        y_true: zeros and ones, of any shape.
        y_pred: numbers of the same shape, or one of the two with a last axis of length 1 more.
    """

    threshold: float = 0.5

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 where the prediction is right, else 0."""
        y_true, y_pred = alike(self, *same_rank(y_true, y_pred))
        chosen = ops.cast(ops.greater(y_pred, self.threshold), y_true.dtype)
        return ops.cast(ops.equal(y_true, chosen), "float32")


@register("metrics", "categorical_accuracy")
class CategoricalAccuracy(NamedMetric):
    """The share of positions where the largest prediction stands where the one of the label is; of equals the first.

    Call arguments:
        y_true: one-hot labels or probabilities, shape (batch, ..., classes).
        y_pred: the same shape; logits will do.
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 where the prediction is right, else 0."""
        return ops.cast(ops.equal(classes_of(self, y_true, y_pred), ops.argmax(y_pred, -1)), "float32")


@register("metrics", "sparse_categorical_accuracy")
class SparseCategoricalAccuracy(NamedMetric):
    """The share of positions where the largest prediction stands at the index that the label says.

    Call arguments:
        y_true: indices of classes, shape (batch, ...) or (batch, ..., 1).
        y_pred: shape (batch, ..., classes).
    """

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 where the prediction is right, else 0."""
        y_true = classes_to(self, y_true, y_pred)
        right = ops.cast(ops.equal(y_true, ops.cast(ops.argmax(y_pred, -1), y_true.dtype)), "float32")
        return ops.squeeze(right, -1) if len(right.shape) > 1 and right.shape[-1] == 1 else right


@register("metrics", "accuracy", aliases=["acc"])
class AutoAccuracy(NamedMetric):
    """The accuracy that the shapes call for, as the name "accuracy" in compile() means it.

    One prediction a position: `BinaryAccuracy`. Labels with fewer axes or a last axis of length 1:
    `SparseCategoricalAccuracy`. Else `CategoricalAccuracy`.

    Call arguments:
        y_true: one-hot (batch, ..., classes), or indices (batch, ...) or (batch, ..., 1).
        y_pred: shape (batch, ..., classes), or (batch, ..., 1) for two classes.
    """

    @property
    def label(self) -> str:
        """Its name, or "accuracy"."""
        return self.name or "accuracy"

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """1 where the prediction is right, else 0."""
        kind = kind_of_target(y_true, y_pred)
        return _BY_KIND[kind](name=self.label).call(y_true, y_pred)


_BY_KIND: dict[str, Any] = {
    "binary": BinaryAccuracy,
    "sparse": SparseCategoricalAccuracy,
    "categorical": CategoricalAccuracy,
}
