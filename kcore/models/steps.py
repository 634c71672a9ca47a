"""Steps: what is recorded for training, testing and predicting."""

from __future__ import annotations

from .. import ops
from ..graph import Graph, Symbol, Trace, finish, recording
from ..graph.types import DType, Shape
from ..interfaces import Layer
from ..program import gradients
from .objective import Objective


def predict_step(trace: Trace, model: Layer, shape: Shape, dtype: DType) -> Graph:
    """From x to the model's output."""
    with recording(trace):
        return finish(trace, "predict", [model(trace.input("x", shape, dtype), training=False)])


def test_step(trace: Trace, model: Layer, shape: Shape, dtype: DType, objective: Objective) -> Graph:
    """From x and y to the states of the loss's mean and the metrics."""
    with recording(trace):
        _measured(trace, model, trace.input("x", shape, dtype), objective, training=False)
    return finish(trace, "test", [])


def train_step(trace: Trace, model: Layer, shape: Shape, dtype: DType, objective: Objective) -> Graph:
    """The same in training, and on to gradients and new weights."""
    optimizer = objective.optimizer
    if not optimizer.fits(model.trainable_weights):
        optimizer.build(model.trainable_weights)
    with recording(trace):
        loss = _measured(trace, model, trace.input("x", shape, dtype), objective, training=True)
        optimizer.apply(gradients(loss, [v.value for v in optimizer.trained]))
    return finish(trace, "train", [])


def _measured(trace: Trace, model: Layer, x: Symbol, objective: Objective, training: bool) -> Symbol:
    """The loss as one number, after its mean and the metrics have gathered the batch."""
    loss = objective.loss
    y_pred = model(x, training=training)
    y = trace.input("y", *loss.target_spec(y_pred.shape, y_pred.dtype))
    values = loss.values(y, y_pred)
    with trace.scope("loss"):
        total: Symbol = loss.reduce(values)
        objective.mean.update_state(ops.broadcast_to(total, (x.shape[0],)) if loss.reduction == "sum" else values)
    for metric in objective.metrics:
        with trace.scope(metric.label):
            metric.update_state(y, y_pred)
    return total
