"""compile, fit, evaluate, predict and the methods on batches: what they compute and what they return."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.interfaces import Callback
from kcore.layers import Dense, Flatten, Lambda
from kcore.losses import MeanSquaredError
from kcore.metrics import CategoricalAccuracy
from kcore.models import Sequential
from kcore.optimizers import SGD
from kcore.testing.tolerances import assert_close


def crossentropy(y, p):
    return float(np.mean(-np.sum(y * np.log(p), -1)))


def accuracy(y, p):
    return float(np.mean(y.argmax(-1) == p.argmax(-1)))


def test_fit_learns(backend, make, x, y):
    model = make(width=32)
    history = model.fit(x, y, epochs=40, batch_size=10, verbose=0)
    assert model.history is history
    assert history.epoch == list(range(40)) and list(history.history) == ["loss", "accuracy"]
    assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
    assert model.evaluate(x, y, verbose=0)[1] > 0.9


def test_evaluate_measures_what_predict_gives(backend, make, x, y):
    model = make()
    p = model.predict(x)
    assert type(p) is np.ndarray and (p.shape, p.dtype) == ((70, 3), "float32")
    for batch_size in (1, 32, 70, 100):
        loss, hits = model.evaluate(x, y, batch_size=batch_size, verbose=0)
        assert loss == pytest.approx(crossentropy(y, p), rel=1e-5) and hits == pytest.approx(accuracy(y, p))
    assert model.evaluate(x, y, verbose=0, return_dict=True) == pytest.approx({"loss": loss, "accuracy": hits})


def test_evaluate_without_metrics_returns_the_loss_alone(make, x, y):
    model = make(metrics=None)
    assert model.evaluate(x, y, verbose=0) == pytest.approx(crossentropy(y, model.predict(x)), rel=1e-5)


def test_validation_data_are_measured_after_each_epoch(backend, make, x, y):
    model = make()
    history = model.fit(x, y, epochs=2, validation_data=(x[:40], y[:40]), verbose=0).history
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    measured = model.evaluate(x[:40], y[:40], verbose=0, return_dict=True)
    assert (history["val_loss"][-1], history["val_accuracy"][-1]) == (measured["loss"], measured["accuracy"])


def test_train_on_batch_measures_before_it_moves(backend, make, x, y):
    model = make(optimizer=SGD(0.5))
    model.layers[1].rate = 0.0
    before, loss = model.test_on_batch(x, y), model.train_on_batch(x, y)
    assert loss == pytest.approx(before, rel=1e-5)
    after = model.test_on_batch(x, y, return_dict=True)
    assert list(after) == ["loss", "accuracy"] and after["loss"] < loss[0]
    assert list(model.train_on_batch(x, y, return_dict=True)) == ["loss", "accuracy"]
    np.testing.assert_allclose(model.predict_on_batch(x), model.predict(x), rtol=1e-5)


def test_a_step_follows_the_gradient_of_the_loss(backend, make, x, y):
    """SGD(1) moves each weight by minus its gradient: here that of differences, in float64."""
    model = make("float64", optimizer=SGD(1.0))
    model.layers[1].rate = 0.0
    weights = model.get_weights()
    model.train_on_batch(x, y)
    moved = model.get_weights()
    rng = np.random.default_rng(0)
    for i, (before, after) in enumerate(zip(weights, moved, strict=True)):
        direction, losses = rng.normal(size=before.shape), []
        for sign in (1, -1):
            model.set_weights([w + sign * 1e-6 * direction if i == j else w for j, w in enumerate(weights)])
            losses.append(model.test_on_batch(x, y)[0])
        slope = (losses[0] - losses[1]) / 2e-6
        assert np.sum((before - after) * direction) == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_float64_model_computes_in_float64_throughout(backend, make, x, y):
    """From x to the loss: a float32 anywhere would cost half of the digits."""
    model = make("float64")
    (kernel, bias), (kernel_2, bias_2) = (layer.get_weights() for layer in model.layers[::2])
    logits = np.maximum(x @ kernel + bias, 0) @ kernel_2 + bias_2
    wanted = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    assert_close("product", model.predict(x), wanted)
    y = y * 0.9 + 0.1 / 3  # no float32 either
    assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(crossentropy(y, wanted), rel=1e-13)
    assert {array.dtype.name for array in model.program("train").arrays.values()} == {"float64"}


@pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 63, 64, 70])
def test_predict_of_some_rows_is_that_of_all(backend, make, x, count):
    model = make()
    np.testing.assert_allclose(model.predict(x[:count]), model.predict(x, batch_size=70)[:count], rtol=1e-5)


def test_predict_sees_the_samples_that_it_is_given_and_no_others(backend, x, traces):
    mixing = Sequential([Lambda(lambda x: x - ops.mean(x, axis=0), input_shape=(6,))])
    mixing.predict(100 * x[:4])
    for count in (3, 4, 3):
        wanted = x[:count] - x[:count].mean(0)
        assert mixing.predict(x[:count]) == pytest.approx(wanted, abs=1e-5)
    traces.clear()
    assert len(mixing.predict(x)) == len(mixing.predict(-x)) == 70
    assert traces == ["predict"] * 2  # of 32 rows and of 6


def test_what_predict_returns_is_the_caller_s(backend, make, x):
    model = make()
    first = model.predict(x)
    kept = first.copy()
    model.predict(-x)
    assert np.array_equal(first, kept)
    first[:] = 0
    assert np.array_equal(model.predict(x), kept)


# data of many kinds ---------------------------------------------------------------------------------------


def test_lists_and_integers_are_data(backend, make, x, y):
    whole = np.round(x * 5)
    wanted = make(seed=2).fit(whole, y, verbose=0).history
    for x_, y_ in (
        (whole.tolist(), y.tolist()),
        (whole.astype("int16"), y.astype(bool)),
        (whole.astype("float32"), y),
    ):
        assert make(seed=2).fit(x_, y_, verbose=0).history == wanted


def test_images_in_bytes(backend):
    model = Sequential([Flatten(input_shape=(4, 4)), Dense(1)])
    model.compile("sgd", "mean_squared_error")
    images = np.full((3, 4, 4), 200, "uint8")
    assert model.predict(images).dtype == "float32"
    assert np.array_equal(model.predict(images), model.predict(images.astype("float32")))


def test_neither_x_nor_y_is_changed(make, x, y):
    copies = x.copy(), y.copy()
    make().fit(x, y, validation_data=(x, y), verbose=0)
    assert np.array_equal(x, copies[0]) and np.array_equal(y, copies[1])


# a model that changes -------------------------------------------------------------------------------------


def test_frozen_weights_stay(backend, make, x, y):
    model = make()
    model.layers[0].trainable = False
    before = model.get_weights()
    model.fit(x, y, verbose=0)
    same = [np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert same == [True, True, False, False]
    model.layers[0].trainable = True
    model.fit(x, y, verbose=0)
    assert not np.array_equal(model.get_weights()[0], before[0])


def test_a_model_of_frozen_weights_only_is_measured(backend, make, x, y):
    model = make()
    model.trainable = False
    before = model.get_weights()
    with pytest.warns(UserWarning, match=r"^Model 'sequential' has no weights that may be trained"):
        assert np.isfinite(model.fit(x, y, verbose=0).history["loss"][0])
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_layer_added_or_taken_away_after_training_counts(backend, make, x, y):
    model = make()
    model.fit(x, y, verbose=0)
    first = model.get_weights()[0]
    model.add(Dense(3, activation="softmax"))
    assert np.array_equal(model.get_weights()[0], first)
    model.fit(x, y, verbose=0)
    assert len(model.get_weights()) == 6 and not np.array_equal(model.get_weights()[0], first)
    model.pop()
    model.pop()
    model.compile("sgd", MeanSquaredError())
    model.fit(x, np.zeros((70, 8)), verbose=0)
    assert model.predict(x).shape == (70, 8)


def test_compiling_anew_changes_loss_and_metrics_and_keeps_weights(backend, make, x, y):
    model = make()
    model.fit(x, y, verbose=0)
    weights = model.get_weights()
    model.compile(SGD(0.0), "mse", ["acc", CategoricalAccuracy(name="hits")])
    history = model.fit(x, y, verbose=0).history
    assert list(history) == ["loss", "acc", "hits"] and history["acc"] == history["hits"]
    assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))


def test_two_models_share_a_layer(backend, x, y):
    shared = Dense(4, input_shape=(6,))
    models = [Sequential([shared, Dense(3)]) for _ in range(2)]
    for model in models:
        model.compile(SGD(0.1), "mean_squared_error")
    for _ in range(2):
        for model, other in (models, models[::-1]):
            kernel, before = shared.kernel.numpy(), other.predict(x)
            model.train_on_batch(x, y)
            assert not np.array_equal(shared.kernel.numpy(), kernel)
            assert not np.array_equal(other.predict(x), before)
    by_hand = (x.astype("float32") @ shared.kernel.numpy() + shared.bias.numpy()) @ models[0].layers[1].kernel.numpy()
    np.testing.assert_allclose(models[0].predict(x), by_hand + models[0].layers[1].bias.numpy(), rtol=1e-3, atol=1e-5)


# fit's other arguments ------------------------------------------------------------------------------------


class Spy(Callback):
    """Notes what it is told, and stops training where it is asked to."""

    def __init__(self, stop_at=None):
        self.told, self.stop_at = [], stop_at

    def on_train_begin(self, logs=None):
        self.told.append("train")

    def on_epoch_begin(self, epoch, logs=None):
        self.told.append(f"epoch {epoch}")

    def on_train_batch_begin(self, batch, logs=None):
        self.told.append(batch)
        if [*[e for e in self.told if isinstance(e, str)][-1:], batch] == self.stop_at:
            self.model.stop_training = True

    def on_train_batch_end(self, batch, logs=None):
        assert list(logs) == ["loss", "accuracy"] and logs["loss"] > 0

    def on_epoch_end(self, epoch, logs=None):
        self.told.append(f"end {epoch}: {', '.join(logs)}")

    def on_train_end(self, logs=None):
        self.told.append("trained")


def test_callbacks_are_told_of_every_moment_in_order(backend, make, x, y):
    spy = Spy()
    model = make()
    model.fit(x, y, epochs=3, initial_epoch=1, callbacks=[spy], validation_data=(x, y), verbose=0)
    logs = "loss, accuracy, val_loss, val_accuracy"
    assert spy.told == [
        "train",
        "epoch 1", 0, 1, 2, f"end 1: {logs}",
        "epoch 2", 0, 1, 2, f"end 2: {logs}",
        "trained",
    ]  # fmt: skip
    assert spy.model is model and model.history.epoch == [1, 2]
    assert spy.params == {
        "epochs": 3, "steps": 3, "samples": 70, "verbose": 0, "validation_samples": 70, "batch_size": 32,
    }  # fmt: skip


def test_stop_training_ends_after_the_step(make, x, y):
    spy, model = Spy(stop_at=["epoch 1", 1]), make()
    model.fit(x, y, epochs=5, callbacks=[spy], verbose=0)
    assert spy.told[-4:] == [0, 1, "end 1: loss, accuracy", "trained"]
    assert model.optimizer.iterations == 5


def test_samples_are_shuffled_anew_in_each_epoch_unless_told_not_to(make, x, y):
    def losses(**options):
        spy = Spy()
        seen = []
        spy.on_train_batch_end = lambda batch, logs=None: seen.append(logs["loss"])
        model = make(optimizer=SGD(0.0), seed=3)
        model.layers[1].rate = 0.0
        model.fit(x, y, epochs=2, callbacks=[spy], verbose=0, **options)
        return seen[:3], seen[3:]

    first, second = losses()
    assert first[0] != second[0] and first[2] == pytest.approx(second[2])  # all 70 were seen in both
    first, second = losses(shuffle=False)
    assert first == second


def test_no_epochs_train_nothing(make, x, y):
    model = make()
    before = model.get_weights()
    assert model.fit(x, y, epochs=0, verbose=0).history == {}
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
