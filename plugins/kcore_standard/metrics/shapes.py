"""What metrics of classes check and choose by the shapes of labels and predictions."""

from __future__ import annotations

from typing import Any

from kcore import ops
from kcore.interfaces import Metric


def kind_of_target(y_true: Any, y_pred: Any) -> str:
    """How the classes are written: "binary", "sparse" or "categorical", as Keras's compile() decides it."""
    if y_pred.shape[-1:] in ((), (1,)):
        return "binary"
    sparse = len(y_true.shape) < len(y_pred.shape) or y_true.shape[-1] == 1
    return "sparse" if sparse else "categorical"


def alike(metric: Metric, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Both, once their shapes are known to be equal.

    Raises:
        ValueError: they are not.
    """
    if y_true.shape != y_pred.shape:
        raise ValueError(
            f"Metric '{metric.label}': y_true has shape {y_true.shape}, y_pred {y_pred.shape}; they must be equal."
        )
    return y_true, y_pred


def classes_of(metric: Metric, y_true: Any, y_pred: Any) -> Any:
    """The indices of the classes of one-hot labels.

    Raises:
        ValueError: y_true has not the shape of y_pred.
    """
    if y_true.shape != y_pred.shape:
        raise ValueError(
            f"Metric '{metric.label}': one-hot labels for predictions of shape {y_pred.shape} have the same shape; got "
            f"{y_true.shape}. Labels that are indices of classes have metrics that begin with 'sparse_'."
        )
    return ops.argmax(y_true, -1)


def classes_to(metric: Metric, y_true: Any, y_pred: Any) -> Any:
    """Labels that are indices, one for each row of y_pred; a last axis of length 1 more is left out.

    Raises:
        ValueError: they are not that many.
    """
    wanted = y_pred.shape[:-1]
    if y_true.shape not in (wanted, (*wanted, 1)):
        raise ValueError(
            f"Metric '{metric.label}': indices of classes for predictions of shape {y_pred.shape} have shape {wanted} "
            f"or {(*wanted, 1)}; got {y_true.shape}. One-hot labels have metrics without 'sparse_' in their name."
        )
    return ops.reshape(y_true, wanted)
