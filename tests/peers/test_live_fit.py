"""`fit` from equal weights gives Keras's history, epoch for epoch, and ends at its weights: `tox -e peers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import kcore
from kcore.testing.tolerances import TOLERANCES
from tests.peers import answers  # noqa: F401 - sets Keras up
from tests.peers.cases import LOSSES
from tests.peers.cases_over_time import OPTIMIZERS
from tests.peers.draws import stream

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's
SAMPLES = 70  # two batches of 32 and a short one
EPOCHS = 3
RATES = {"adagrad": 0.01, "adadelta": 1.0, "adamax": 0.002, "nadam": 0.002}
"""Learning rates that are the documents', not Keras's."""


@pytest.fixture
def x() -> np.ndarray:
    return stream("x").normal(size=(SAMPLES, 6)).astype("float32")


@pytest.fixture
def y(x) -> np.ndarray:
    return np.eye(3, dtype="float32")[x[:, :3].argmax(1)]


@pytest.fixture
def weights() -> np.ndarray:
    return stream("weights").uniform(0.2, 2, SAMPLES).astype("float32")


def mlp(k: Any, units: int = 3, activation: str = "softmax") -> Any:
    layers = [k.layers.Dense(8, activation="tanh"), k.layers.Dense(units, activation=activation)]
    return k.models.Sequential([k.layers.Input((6,)), *layers])


def two_outputs(k: Any) -> Any:
    x = k.layers.Input((6,))
    shared = k.layers.Dense(8, activation="tanh")(x)
    kind = k.layers.Dense(3, activation="softmax", name="kind")(shared)
    return k.models.Model(x, [kind, k.layers.Dense(1, name="size")(shared)])


def compare(
    build: Callable[[Any], Any], compiled: Callable[[Any], dict[str, Any]], *data: Any, apart: Any = None, **fit: Any
) -> None:
    """Train in both; names of the history are equal, kcore's with the loss first; numbers and weights are close."""
    models = {k: build(k) for k in (keras, kcore)}
    rng, start = stream("start"), models[keras].get_weights()
    start = [rng.normal(size=w.shape).astype(w.dtype) * 0.5 for w in start]
    given: dict[str, Any] = {"epochs": EPOCHS, "batch_size": 32, "shuffle": False, "verbose": 0} | fit
    history = {}
    for k, model in models.items():
        model.set_weights(start)
        model.compile(**compiled(k))
        history[k] = model.fit(*data, **given, **(apart or {}).get(k, {})).history
    wanted, got = history[keras], history[kcore]
    assert sorted(got) == sorted(wanted) and next(iter(got)) == "loss"
    tolerance = TOLERANCES["history", "float32"]
    for name, values in wanted.items():
        np.testing.assert_allclose(got[name], values, rtol=tolerance, atol=tolerance * 0.1, err_msg=name)
    for before, ours, theirs in zip(start, models[kcore].get_weights(), models[keras].get_weights(), strict=True):
        assert np.max(np.abs(ours - theirs)) <= 10 * tolerance * np.max(np.abs(theirs - before))


def classify(k: Any) -> dict[str, Any]:
    return {
        "optimizer": "rmsprop",
        "loss": "categorical_crossentropy",
        "metrics": ["accuracy", "mse", "categorical_crossentropy", k.metrics.TopKCategoricalAccuracy(k=2, name="top")],
    }


def test_a_network(x, y):
    compare(mlp, classify, x, y, epochs=6)


def test_sample_weight(x, y, weights):
    compare(mlp, lambda k: {**classify(k), "weighted_metrics": ["accuracy", "mae"]}, x, y, sample_weight=weights)


def test_class_weight(x, y):
    for targets, loss in ((y, "categorical_crossentropy"), (y.argmax(1), "sparse_categorical_crossentropy")):
        compiled = {"optimizer": "sgd", "loss": loss, "metrics": ["acc"], "weighted_metrics": ["acc"]}
        compare(mlp, lambda k, c=compiled: c, x, targets, class_weight={0: 1.0, 1: 2.0, 2: 0.5})


def test_class_weight_and_sample_weight_multiply(x, y, weights):
    """Keras refuses both at once; it gets their product."""
    by_class = {0: 1.0, 1: 2.0, 2: 0.5}
    product = weights * np.array([by_class[c] for c in y.argmax(1)], "float32")
    given = {keras: {"sample_weight": product}, kcore: {"sample_weight": weights, "class_weight": by_class}}
    compare(mlp, classify, x, y, apart=given)


def test_validation(x, y, weights):
    compare(mlp, classify, x, y, validation_split=0.3)
    compare(mlp, classify, x, y, sample_weight=weights, validation_split=0.3)
    compare(mlp, classify, x, y, validation_data=(x[:41] * 2, y[:41]), validation_batch_size=7, validation_freq=2)
    weighted = (x[:41] * 2, y[:41], weights[:41])
    compare(mlp, lambda k: {**classify(k), "weighted_metrics": ["accuracy"]}, x, y, validation_data=weighted)


def test_epochs_and_steps(x, y):
    compare(mlp, classify, x, y, initial_epoch=2, epochs=4)
    compare(mlp, classify, x, y, batch_size=None)


@pytest.mark.parametrize("reduction", ["sum", "mean_with_sample_weight"])
def test_reductions(x, y, weights, reduction):
    def compiled(k):
        return {"optimizer": "sgd", "loss": k.losses.CategoricalCrossentropy(label_smoothing=0.1, reduction=reduction)}

    compare(mlp, compiled, x, y, sample_weight=weights)


def targets_for(name: str, y: np.ndarray) -> tuple[np.ndarray, str]:
    """Targets and the activation of an output of three that suit a loss."""
    if name == "sparse_categorical_crossentropy" or "generalized" in name:
        return y.argmax(1), "softmax"
    if "categorical_cross" in name or "kullback" in name or "focal" in name:
        return y, "softmax"
    if name in ("binary_crossentropy", "dice", "tversky"):
        return y, "sigmoid"
    return (y + 0.5, "softplus") if name in ("poisson", "mean_squared_logarithmic_error") else (2 * y - 1, "linear")


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss(x, y, name):
    targets, activation = targets_for(name, y)

    def compiled(k):
        cls = getattr(k.losses, LOSSES[name].keras)
        return {"optimizer": k.optimizers.SGD(0.001), "loss": cls()}

    compare(lambda k: mlp(k, activation=activation), compiled, x, targets)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer(x, y, name):
    """By its name in kcore; in Keras with the documents' learning rate."""

    def compiled(k):
        rate = {"learning_rate": RATES[name]} if name in RATES and k is keras else {}
        optimizer = getattr(k.optimizers, OPTIMIZERS[name][0])(**rate) if k is keras else name
        return {"optimizer": optimizer, "loss": "categorical_crossentropy"}

    compare(mlp, compiled, x, y)


@pytest.mark.parametrize("metric", ["accuracy", "acc", "crossentropy", "ce"])
def test_metrics_are_chosen_by_shape_and_loss(x, y, metric):
    """Keras 3 has no "crossentropy" any more: there the one that is meant is given."""
    one, column = y[:, 0], y[:, :1]
    for units, activation, targets, loss, meant in (
        (3, "softmax", y, "categorical_crossentropy", "CategoricalCrossentropy"),
        (3, "softmax", y.argmax(1), "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        (3, "softmax", y.argmax(1)[:, None], "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        (1, "sigmoid", column, "binary_crossentropy", "BinaryCrossentropy"),
        (1, "sigmoid", one, "binary_crossentropy", "BinaryCrossentropy"),
        (3, "sigmoid", y, "binary_crossentropy", "CategoricalCrossentropy"),
        (1, "linear", column, "mse", "BinaryCrossentropy"),
    ):
        if "acc" not in metric and targets is one:  # which that metric of Keras's refuses
            continue

        def compiled(k, loss=loss, meant=meant):
            named = metric if k is kcore or "acc" in metric else getattr(k.metrics, meant)(name=metric)
            return {"optimizer": "sgd", "loss": loss, "metrics": [named]}

        compare(lambda k, u=units, a=activation: mlp(k, u, a), compiled, x, targets)


def test_two_outputs_by_list(x, y, weights):
    size = x[:, :1] * 2
    compiled: dict[str, Any] = {
        "optimizer": "sgd",
        "loss": ["categorical_crossentropy", "mse"],
        "loss_weights": [0.3, 2.0],
        "metrics": [["accuracy"], ["mae", "mse"]],
    }
    compare(two_outputs, lambda k: compiled, x, [y, size])
    compare(two_outputs, lambda k: compiled, x, [y, size], sample_weight=[weights, 1 / weights])
    compare(two_outputs, lambda k: compiled, x, [y, size], validation_split=0.3)
    compare(two_outputs, lambda k: {"optimizer": "sgd", "loss": "mse"}, x, [y, size])


def test_two_outputs_by_name(x, y, weights):
    targets = {"kind": y, "size": x[:, :1] * 2}
    compiled: dict[str, Any] = {
        "optimizer": "sgd",
        "loss": {"kind": "categorical_crossentropy", "size": "mae"},
        "loss_weights": {"kind": 0.3, "size": 2.0},
        "metrics": {"size": ["mse"], "kind": "accuracy"},
        "weighted_metrics": {"kind": ["accuracy"]},
    }
    compare(named_outputs, lambda k: compiled, x, targets)
    compare(named_outputs, lambda k: compiled, x, targets, sample_weight={"kind": weights, "size": 1 / weights})


def named_outputs(k: Any) -> Any:
    x = k.layers.Input((6,))
    shared = k.layers.Dense(8, activation="tanh")(x)
    kind = k.layers.Dense(3, activation="softmax", name="kind")(shared)
    return k.models.Model(x, {"kind": kind, "size": k.layers.Dense(1, name="size")(shared)})


@pytest.mark.parametrize("every_step", [False, True])
def test_the_two_cures_of_the_lstm_program(every_step):
    rng = stream("lstm")
    x = rng.uniform(size=(100, 4, 5)).astype("float32")
    y = rng.uniform(size=(100, 4, 10) if every_step else (100, 10)).astype("float32")

    def build(k):
        layers = [k.layers.LSTM(16, return_sequences=True), k.layers.LSTM(10, return_sequences=every_step)]
        return k.models.Sequential([k.layers.Input((4, 5)), *layers, k.layers.Activation("softmax")])

    compiled = {"optimizer": "rmsprop", "loss": "categorical_crossentropy", "metrics": ["accuracy"]}
    compare(build, lambda k: compiled, x, y, validation_data=(x[:50], y[:50]))
