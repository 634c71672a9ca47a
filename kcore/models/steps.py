"""Steps: what is traced for training, testing and predicting."""

from __future__ import annotations

from collections.abc import Sequence

from .. import ops
from ..graph import Graph, Symbol, Trace, finish, recording
from ..graph.types import DType, Shape
from ..interfaces import Layer, Loss, Metric, Optimizer
from ..program import gradients


def predict_step(model: Layer, shape: Shape, dtype: DType) -> Graph:
    """From x to the model's output."""
    trace = Trace()
    with recording(trace):
        return finish(trace, "predict", [model(trace.input("x", shape, dtype), training=False)])


def test_step(model: Layer, shape: Shape, dtype: DType, loss: Loss, mean: Metric, metrics: Sequence[Metric]) -> Graph:
    """From x and y to the states of the loss's mean and the metrics."""
    trace = Trace()
    with recording(trace):
        _measured(trace, model, trace.input("x", shape, dtype), loss, mean, metrics, training=False)
    return finish(trace, "test", [])


def train_step(
    model: Layer,
    shape: Shape,
    dtype: DType,
    loss: Loss,
    mean: Metric,
    metrics: Sequence[Metric],
    optimizer: Optimizer,
) -> Graph:
    """The same in training, and on to gradients and new weights."""
    trace = Trace()
    with recording(trace):
        total = _measured(trace, model, trace.input("x", shape, dtype), loss, mean, metrics, training=True)
        optimizer.apply(gradients(total, [v.value for v in optimizer.trained]))
    return finish(trace, "train", [])


def _measured(
    trace: Trace, model: Layer, x: Symbol, loss: Loss, mean: Metric, metrics: Sequence[Metric], training: bool
) -> Symbol:
    """The loss as one number, after its mean and the metrics have gathered the batch."""
    y_pred = model(x, training=training)
    y = trace.input("y", *loss.target_spec(y_pred.shape, y_pred.dtype))
    values = loss.values(y, y_pred)
    with trace.scope("loss"):
        total: Symbol = loss.reduce(values)
        mean.update_state(ops.broadcast_to(total, (x.shape[0],)) if loss.reduction == "sum" else values)
    for metric in metrics:
        with trace.scope(metric.label):
            metric.update_state(y, y_pred)
    return total
