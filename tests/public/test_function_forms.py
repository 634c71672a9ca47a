"""Losses and metrics as functions."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pytest

import kcore
from kcore import losses, metrics, ops
from kcore.interfaces.functional import functional

TRUE = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
PREDICTED = np.array([[0.25, 0.75], [0.4, 0.6], [0.1, 0.9]])


def test_a_loss_gives_its_number_at_each_position(backend):
    found = losses.mean_squared_error(TRUE, PREDICTED)
    assert backend.owns(found)
    np.testing.assert_allclose(ops.convert_to_numpy(found), ((TRUE - PREDICTED) ** 2).mean(-1))
    cce = ops.convert_to_numpy(losses.categorical_crossentropy(TRUE.tolist(), PREDICTED))
    np.testing.assert_allclose(cce, -np.log([0.75, 0.4, 0.9]))


def test_options_are_those_of_the_class(backend):
    found = ops.convert_to_numpy(losses.cce(TRUE, PREDICTED, from_logits=True))
    exp = np.exp(PREDICTED)
    np.testing.assert_allclose(found, -np.log((TRUE * exp / exp.sum(-1, keepdims=True)).sum(-1)))


def test_options_go_by_position_too(backend):
    wide = ops.convert_to_numpy(losses.huber(TRUE, PREDICTED, 0.1))
    np.testing.assert_allclose(wide, ops.convert_to_numpy(losses.huber_loss(TRUE, PREDICTED, delta=0.1)))
    with pytest.raises(TypeError, match=r"^huber\(\) takes 1 options after y_true and y_pred; got 2\.$"):
        losses.huber(TRUE, PREDICTED, 0.1, 0.2)
    with pytest.raises(TypeError, match=r"^huber\(\) got 'delta' twice, by position and by keyword\.$"):
        losses.huber(TRUE, PREDICTED, 0.1, delta=0.2)


def test_a_metric_gives_its_number_at_each_position(backend):
    found = metrics.accuracy(TRUE, PREDICTED)
    assert backend.owns(found)
    assert ops.convert_to_numpy(found).tolist() == [True, False, True]


def test_inside_a_trace_it_is_recorded(backend):
    def total(y):
        return ops.sum(losses.mse(TRUE, y) * 3.0)

    found = kcore.grad(total)(ops.convert_to_tensor(PREDICTED))
    np.testing.assert_allclose(ops.convert_to_numpy(found), 3 * (PREDICTED - TRUE))


@pytest.mark.parametrize("loss", [losses.mse, lambda y, p: losses.mse(y, p), "mse", losses.MeanSquaredError])
def test_a_model_trains_with_it(backend, loss):
    model = kcore.Sequential([kcore.layers.Dense(2, input_shape=(2,))])
    model.set_weights([np.eye(2), np.zeros(2)])
    model.compile("sgd", loss, metrics=[metrics.accuracy])
    logs = model.train_on_batch(TRUE, PREDICTED, return_dict=True)
    expected = ((PREDICTED - TRUE) ** 2).mean()
    assert logs == {"loss": pytest.approx(expected), "accuracy": pytest.approx(2 / 3)}


def test_it_is_one_object_under_all_names():
    mse = losses.mse
    assert mse is losses.MSE is losses.mean_squared_error
    assert mse.of_class is losses.MeanSquaredError
    assert pickle.loads(pickle.dumps(mse)) is mse
    assert losses.get(losses.serialize(mse)).get_config() == losses.MeanSquaredError().get_config()


def test_it_has_a_name_a_docstring_and_a_signature():
    cce = losses.cce
    assert (cce.__name__, cce.__module__) == ("categorical_crossentropy", "kcore.losses")
    assert cce.__doc__.startswith("-sum(y_true * log(y_pred))")
    options = "from_logits: 'bool' = False, label_smoothing: 'float' = 0.0, axis: 'int' = -1"
    assert str(inspect.signature(cce)) == f"(y_true, y_pred, {options})"
    assert str(inspect.signature(losses.mse)) == "(y_true, y_pred)"


def test_a_wrong_option_is_named():
    with pytest.raises(TypeError) as error:
        losses.cce(TRUE, PREDICTED, from_logit=True)
    assert str(error.value) == (
        "categorical_crossentropy() takes the options from_logits, label_smoothing, axis; got 'from_logit'. "
        "Did you mean 'from_logits'?"
    )
    with pytest.raises(TypeError, match=r"^mean_squared_error\(\) takes no options; got 'reduction'\.$"):
        losses.mse(TRUE, PREDICTED, reduction="sum")


def test_a_metric_that_only_has_update_has_none():
    assert not hasattr(metrics, "mean")
    with pytest.raises(AttributeError, match="Mean has no function form"):
        functional(metrics.Mean)
    with pytest.raises(AttributeError, match="Dense has no function form"):
        functional(kcore.layers.Dense)


def test_a_keras_style_class_and_options_that_cannot_be_hashed(backend, notebook):
    cell = """
from kcore import ops
from kcore.losses import Loss
from kcore.plugin import register

@register("losses", "weighted", aliases=["w"])
class WeightedError(Loss):
    def __init__(self, weights=(1.0, 1.0), name=None, **kwargs):
        super().__init__(name=name)
        self.weights = weights

    def call(self, y_true, y_pred):
        return ops.sum((y_pred - y_true) * ops.convert_to_numpy(self.weights), -1)
"""
    exec(cell, notebook)
    assert losses.w is losses.weighted
    assert str(inspect.signature(losses.w)) == "(y_true, y_pred, weights=(1.0, 1.0))"
    for weights in ([1.0, 2.0], (1.0, 2.0)):
        found = ops.convert_to_numpy(losses.w([[0.0, 0.0]], [[1.0, 1.0]], weights=weights))
        np.testing.assert_allclose(found, [3.0])
