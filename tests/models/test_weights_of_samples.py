"""Weights of samples, classes and steps; validation by a share; steps by number: what fit and evaluate make of them."""

from __future__ import annotations

import numpy as np
import pytest

from kcore.callbacks import LambdaCallback
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.optimizers import SGD

rng = np.random.default_rng(4)
N = 20
X, Y = rng.normal(size=(N, 4)).astype("float32"), np.eye(3)[rng.integers(0, 3, N)]
W = rng.uniform(0, 2, N)


def network(mode=None, shape=(4,), **compiled):
    model = Sequential([Dense(3, activation="softmax", input_shape=shape)])
    model.compile(SGD(0.0), "categorical_crossentropy", sample_weight_mode=mode, **compiled)
    return model


def losses(model, x=X, y=Y):
    return -np.sum(y * np.log(model.predict(x)), -1)


def test_each_sample_counts_as_its_weight_says_and_the_mean_is_over_samples(backend):
    model = network()
    wanted = pytest.approx((losses(model) * W).mean(), rel=1e-5)
    for weight in (W, W[:, None], list(W), {"dense": W}, [W]):
        assert model.evaluate(X, Y, batch_size=8, sample_weight=weight, verbose=0) == wanted
    assert model.fit(X, Y, batch_size=8, sample_weight=W, verbose=0).history["loss"] == [wanted]
    assert model.train_on_batch(X, Y, W) == model.test_on_batch(X, Y, W) == wanted
    held_out = model.fit(X, Y, verbose=0, validation_data=(X, Y, W)).history
    assert held_out["val_loss"] == [wanted] and held_out["loss"] == pytest.approx([losses(model).mean()], rel=1e-5)


def test_the_gradient_is_that_of_the_weighted_loss(backend):
    model = network()
    model.optimizer.learning_rate = 1.0
    bias, p = model.get_weights()[1], model.predict(X)
    model.train_on_batch(X, Y, sample_weight=W)
    wanted = bias - ((p - Y) * W[:, None]).mean(0)
    assert model.get_weights()[1] == pytest.approx(wanted, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_classes_count_as_their_weights_say(backend, loss):
    model = network()
    model.compile(SGD(0.0), loss)
    numbers = Y.argmax(-1)
    weights = np.array([1.0, 5.0, 0.5])[numbers]
    targets = [Y] if loss == "categorical_crossentropy" else [numbers, numbers[:, None], numbers.astype("float32")]
    for y in targets:
        history = model.fit(X, y, class_weight={1: 5.0, 2: 0.5}, verbose=0).history
        assert history["loss"] == pytest.approx([(losses(model) * weights).mean()], rel=1e-5)
        both = model.fit(X, y, class_weight={1: 5.0, 2: 0.5}, sample_weight=W, verbose=0).history
        assert both["loss"] == pytest.approx([(losses(model) * weights * W).mean()], rel=1e-5)
    assert model.train_on_batch(X, targets[0], class_weight={1: 5.0, 2: 0.5}) == pytest.approx(history["loss"][0])


def test_each_step_counts_as_its_weight_says(backend):
    x, y, w = rng.normal(size=(N, 5, 4)), np.eye(3)[rng.integers(0, 3, (N, 5))], rng.uniform(0, 2, (N, 5))
    model = network("temporal", shape=(5, 4))
    wanted = pytest.approx((losses(model, x, y) * w).mean(), rel=1e-5)
    assert model.evaluate(x, y, sample_weight=w, verbose=0) == wanted
    assert network_like(model).evaluate(x, y, sample_weight=w, verbose=0) == wanted  # the mode is a check, no need
    with pytest.raises(ValueError, match=r'^sample_weight has shape \(20,\), but sample_weight_mode="temporal" wants'):
        model.fit(x, y, sample_weight=W, verbose=0)


def network_like(model):
    other = network(shape=(5, 4))
    other.set_weights(model.get_weights())
    return other


def test_a_share_is_held_out_from_the_end_and_its_weights_with_it(backend):
    model = network()
    history = model.fit(X, Y, validation_split=0.25, sample_weight=W, verbose=0).history
    each = losses(model) * W
    assert history["loss"] == pytest.approx([each[:15].mean()], rel=1e-5)
    assert history["val_loss"] == pytest.approx([each[15:].mean()], rel=1e-5)


def test_steps_go_on_where_the_last_epoch_ended(backend):
    model, seen = network(), []
    each = losses(model)
    tell = LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
    history = model.fit(X, Y, batch_size=8, steps_per_epoch=2, epochs=3, shuffle=False, verbose=0, callbacks=[tell])
    assert seen == [0, 1] * 3 and history.params["steps"] == 2
    wanted = [each[:16].mean(), np.r_[each[16:], each[:8]].mean(), each[8:].mean()]
    assert history.history["loss"] == pytest.approx(wanted, rel=1e-5)
    assert model.evaluate(X, Y, batch_size=8, steps=1, verbose=0) == pytest.approx(each[:8].mean(), rel=1e-5)
    assert model.predict(X, batch_size=8, steps=2).shape == (16, 3)
    assert model.fit(X, Y, steps_per_epoch=4, verbose=0).params["batch_size"] == 32


def test_validation_has_batches_steps_and_epochs_of_its_own(backend):
    model, sizes = network(), []
    tell = LambdaCallback(on_test_batch_end=lambda batch, logs: sizes.append(batch))
    fit = {"epochs": 4, "verbose": 0, "callbacks": [tell], "validation_data": (X, Y)}
    history = model.fit(X, Y, validation_freq=2, validation_batch_size=10, **fit).history
    assert sizes == [0, 1] * 2 and len(history["val_loss"]) == 2
    sizes.clear()
    history = model.fit(X, Y, validation_freq=[1, 4], validation_batch_size=4, validation_steps=3, **fit).history
    assert sizes == [0, 1, 2] * 2
    assert history["val_loss"] == pytest.approx([losses(model)[:12].mean()] * 2, rel=1e-5)


def test_all_moments_are_told_in_order(backend):
    told = []
    tell = LambdaCallback()
    for what in ("train", "train_batch", "test", "test_batch", "predict", "predict_batch", "epoch"):
        for end in ("begin", "end"):
            setattr(tell, f"on_{what}_{end}", lambda *_, moment=f"{what}_{end}": told.append(moment))
    model = network()
    model.fit(X, Y, batch_size=10, verbose=0, validation_data=(X, Y), callbacks=[tell])
    train, test = (
        ["train_batch_begin", "train_batch_end"] * 2,
        ["test_begin", "test_batch_begin", "test_batch_end", "test_end"],
    )
    assert told == [
        "train_begin",
        "epoch_begin",
        *train,
        *test[:1],
        *test[1:3] * 2,
        "test_end",
        "epoch_end",
        "train_end",
    ]
    told.clear()
    model.evaluate(X, Y, verbose=0, callbacks=[tell])
    assert told == test
    told.clear()
    model.predict(X, callbacks=[tell])
    assert told == ["predict_begin", "predict_batch_begin", "predict_batch_end", "predict_end"]


@pytest.mark.parametrize(
    "given, message",
    [
        ({"sample_weight": W[:5]}, r"x has 20 samples and sample_weight has 5"),
        ({"sample_weight": "heavy"}, r"sample_weight must hold numbers"),
        ({"sample_weight": np.ones((20, 4))}, r"Loss 'categorical_crossentropy': sample_weight has shape"),
        (
            {"class_weight": [1, 2, 3]},
            r"class_weight is a dictionary from class to weight, as \{0: 1\.0, 1: 5\.0\}; got",
        ),
        ({"class_weight": {"cat": 2}}, r"class_weight is a dictionary from class to weight"),
        ({"validation_split": 1.5}, r"validation_split is a share of the samples, above 0 and below 1; got 1\.5\."),
        (
            {"validation_split": 0.97},
            r"validation_split=0\.97 leaves 0 of 20 samples for training and 20 for validation",
        ),
        ({"steps_per_epoch": 0}, r"steps(_per_epoch)? must be a whole number of at least 1; got 0\."),
        (
            {"validation_freq": 0, "validation_data": (X, Y)},
            r"validation_freq must be a whole number of at least 1; got 0\.",
        ),
    ],
)
def test_what_fit_refuses(given, message):
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        network().fit(X, Y, verbose=0, **given)


def test_weights_of_classes_are_for_training_alone(backend):
    model = network()
    history = model.fit(X, Y, validation_split=0.25, class_weight={0: 10.0, 1: 10.0, 2: 10.0}, verbose=0).history
    each = losses(model)
    assert history["loss"] == pytest.approx([10 * each[:15].mean()], rel=1e-5)
    assert history["val_loss"] == pytest.approx([each[15:].mean()], rel=1e-5)


def test_compiling_in_a_callback_counts_at_the_next_run(backend):
    model = network()
    again = LambdaCallback(on_epoch_begin=lambda epoch, logs: model.compile(SGD(0.0), "mse") if epoch == 1 else None)
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[again]).history
    assert history["loss"] == pytest.approx([losses(model).mean()] * 3, rel=1e-5)


def test_logs_of_a_batch_are_its_own(backend):
    kept, copied = [], []
    keep = LambdaCallback(on_train_batch_end=lambda batch, logs: (kept.append(logs), copied.append(logs.copy())))
    late = LambdaCallback(on_test_batch_end=lambda batch, logs: kept.append(logs))
    network().fit(X, Y, batch_size=10, verbose=0, callbacks=[keep, late], validation_data=(X, Y))
    assert [logs["loss"] for logs in kept[:2]] == [logs["loss"] for logs in copied] and copied[0] != copied[1]
    with pytest.raises(RuntimeError, match=r"^These logs are of a batch that is over"):
        kept[2]["loss"]
