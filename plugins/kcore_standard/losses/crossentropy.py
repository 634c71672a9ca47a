"""Crossentropies: of classes given one-hot or by number, and of labels 0 and 1."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.interfaces import ElementLoss, Loss, check_values, number
from kcore.plugin import register

CLOSE = 1e-7
"""How close to 0 and 1 probabilities come, as in Keras."""


class _OfClasses(Loss):
    """What crossentropies of several classes share: an output for each class."""

    axis = -1
    _labels = ""

    def check_output(self, shape: tuple[int | None, ...]) -> None:
        """One class has nothing to be told from."""
        if len(shape) < 2 or shape[self.axis] == 1:
            raise ValueError(
                f"{self.label} takes one output for each class, at least two; the model's output has shape {shape}. "
                f"For two classes give the last layer 2 units and {self._labels} labels; for a number use "
                "mean_squared_error; for one output of a sigmoid, binary_crossentropy."
            )


def smoothed(y_true: Any, smoothing: float, classes: int) -> Any:
    """Labels of which this part is shared out to all classes."""
    return y_true * (1.0 - smoothing) + smoothing / classes if smoothing else y_true


@register("losses", "categorical_crossentropy", aliases=["cce", "CCE"])
class CategoricalCrossentropy(_OfClasses, ElementLoss):
    """-sum(y_true * log(y_pred)) over the last axis, with y_pred scaled to sum 1.

    Predictions that come straight from a softmax are replaced by its logits, which loses no digits; others are held
    between 1e-7 and 1 - 1e-7, as in Keras.

    Args:
        from_logits: whether y_pred has not been through a softmax.
        label_smoothing: the part of each label that is shared out to all classes.
        axis: the axis of the classes.

    Call arguments:
        y_true: probabilities, mostly one-hot: shape (batch, ..., classes).
        y_pred: of the same shape.

    Returns:
        Shape (batch, ...) before it is reduced.
    """

    from_logits: bool = False
    label_smoothing: float = attrs.field(default=0.0, validator=number(0, 1))
    axis: int = -1
    _labels = "one-hot"

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The crossentropy at each position."""
        y_true = smoothed(y_true, self.label_smoothing, y_pred.shape[self.axis])
        return ops.categorical_crossentropy(y_true, y_pred, self.from_logits, self.axis)


class NumberedClasses(_OfClasses):
    """For targets that are numbers of classes; those of the class `ignore_class`, if it is one, do not count."""

    ignore_class: Any = attrs.field(default=None, init=False)
    target_dtype = "int64"
    _labels = "integer"

    def target_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...]:
        """That of predictions without the axis of classes."""
        axis = self.axis % len(shape)
        return (*shape[:axis], *shape[axis + 1 :])

    def mask(self, y_true: Any, y_pred: Any) -> Any:
        """Which positions are of a class that is not ignored."""
        return None if self.ignore_class is None else ops.not_equal(y_true, self.ignore_class)

    def check_targets(self, y: Any, shape: tuple[int | None, ...], name: str = "y") -> None:
        """They are numbers of classes that the model has an output for."""
        if y.shape[1:] == shape[1:]:
            looks = " and looks one-hot" if np.all((y == 0) | (y == 1)) else ""
            raise ValueError(
                f"{name} has shape {y.shape}, that of the model's outputs{looks}; {self.label} takes class numbers. "
                f"Compile with the loss categorical_crossentropy, or give {name}.argmax({self.axis})."
            )
        super().check_targets(y, shape, name)
        classes = shape[self.axis]
        counted = y != self.ignore_class if self.ignore_class is not None else np.ones(y.shape, bool)
        check_values(y, counted & (y % 1 != 0), name, lambda _: f"but {self.label} takes whole numbers of classes.")
        if classes is not None:
            check_values(y, counted & ((y < 0) | (y >= classes)), name, lambda value: self._beyond(y, value, classes))

    def _beyond(self, y: Any, value: Any, classes: int) -> str:
        if value < 0:
            cure = f"Number them from 0, or leave such positions out by ignore_class={int(value)}."
        elif y.min() == 1 and y.max() == classes:
            cure = "They seem to be numbered from 1: give y - 1."
        else:
            cure = f"Number them from 0, or give the last layer {int(y.max()) + 1} units."
        return f"but the model's outputs are for the classes 0..{classes - 1}. {cure}"


@register("losses", "sparse_categorical_crossentropy", aliases=["scce", "SCCE"])
class SparseCategoricalCrossentropy(NumberedClasses):
    """-log(y_pred) of the true class, with y_pred scaled to sum 1: for classes given by number.

    It is computed as categorical_crossentropy is.

    Args:
        from_logits: whether y_pred has not been through a softmax.
        ignore_class: the class of positions that give no loss and do not count in means, as -1 or 255.
        axis: the axis of the classes.

    Call arguments:
        y_true: numbers of classes from 0 up: shape (batch, ...) or (batch, ..., 1).
        y_pred: shape (batch, ..., classes).

    Returns:
        Shape (batch, ...) before it is reduced.
    """

    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The crossentropy at each position, 0 at those that are ignored."""
        counts = self.mask(y_true, y_pred)
        if counts is None:
            return ops.sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.axis)
        if not self.from_logits and ops.logits_of(y_pred, axis=self.axis) is None:  # rows of zeros cannot be scaled
            y_pred = ops.where(ops.expand_dims(counts, self.axis), y_pred, 1.0)
        return ops.where(counts, ops.sparse_categorical_crossentropy(y_true, y_pred, self.from_logits, self.axis), 0.0)


@register("losses", "binary_crossentropy", aliases=["bce", "BCE"])
class BinaryCrossentropy(ElementLoss):
    """-mean(y_true log(y_pred) + (1 - y_true) log(1 - y_pred)) over the last axis.

    Predictions that come straight from a sigmoid are replaced by its logits, which loses no digits; others are held
    between 1e-7 and 1 - 1e-7, as in Keras.

    Args:
        from_logits: whether y_pred has not been through a sigmoid.
        label_smoothing: how far labels are moved to 1/2: 0 and 1 become half of it and 1 minus that.
        axis: over which the mean is taken.

    Call arguments:
        y_true: 0 and 1, or probabilities: shape (batch, ..., width).
        y_pred: of the same shape.

    Returns:
        Shape (batch, ...) before it is reduced.
    """

    from_logits: bool = False
    label_smoothing: float = attrs.field(default=0.0, validator=number(0, 1))
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The mean crossentropy at each position."""
        y_true = smoothed(y_true, self.label_smoothing, 2)
        return ops.mean(ops.binary_crossentropy(y_true, y_pred, self.from_logits), self.axis)

    def check_targets(self, y: Any, shape: tuple[int | None, ...], name: str = "y") -> None:
        """They lie between 0 and 1."""
        super().check_targets(y, shape, name)
        says = f"but {self.label} takes 0 and 1, or shares between. "
        check_values(y, (y < 0) | (y > 1), name, lambda _: says + _cure(y))


def _cure(y: Any) -> str:
    if np.all((y == -1) | (y == 1)):
        return "For labels -1 and 1 give (y + 1) / 2, or use the loss hinge."
    if np.min(y) >= 0 and not np.any(y % 1):
        return (
            f"For {int(np.max(y)) + 1} classes give the last layer as many units and a softmax, and use the loss "
            "sparse_categorical_crossentropy."
        )
    return "Scale them, or use mean_squared_error."
