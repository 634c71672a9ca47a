"""EarlyStopping and ModelCheckpoint, told logs by hand, and in fit()."""

from __future__ import annotations

import math
import pathlib
from typing import Any

import numpy as np
import pytest

from kcore.callbacks import EarlyStopping, LambdaCallback, ModelCheckpoint
from kcore.layers import Dense
from kcore.models import Sequential

X, Y = np.random.default_rng(0).normal(size=(6, 3)), np.ones((6, 1))


class Told:
    """Stands for a model: its weights are the number of the epoch."""

    def __init__(self) -> None:
        self.stop_training = False
        self.weights = -1
        self.saved: list[str] = []

    def get_weights(self) -> list[int]:
        return [self.weights]

    def set_weights(self, weights: list[int]) -> None:
        (self.weights,) = weights

    def save_weights(self, path: str, overwrite: bool) -> None:
        assert overwrite
        self.saved.append(pathlib.Path(path).name)


def train(callback: Any, values: list[float], name: str = "val_loss", first: int = 0) -> Told:
    """Tell epochs with these values, until the callback stops."""
    model = Told()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values, first):
        model.weights = epoch
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {"loss": 0.0, name: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return model


@pytest.mark.parametrize(
    ("options", "values", "last", "best"),
    [
        ({}, [3, 2, 2, 1], 2, 1),  # no better is not better
        ({"patience": 2}, [3, 2, 4, 1, 1, 1, 0], 5, 3),
        ({"patience": 1}, [3, 2, 4, 1], 2, 1),
        ({"min_delta": 0.5}, [3, 2.6, 2.4], 1, 0),
        ({"min_delta": -0.5}, [3, 2.4, 2.0], 2, 1),  # its size counts
        ({"mode": "max"}, [1, 2, 2], 2, 1),
        ({"mode": "max", "min_delta": 0.5}, [1, 1.4, 1.6], 1, 0),
        ({"baseline": 2.0, "patience": 2}, [3, 2.9, 2.8, 2.7, 2.6], 4, 4),  # better, but never than the baseline
        ({"baseline": 2.0, "patience": 2}, [3, 1, 2, 2], 3, 1),
        ({"start_from_epoch": 3}, [1, 2, 3, 5, 4, 4], 5, 4),
        ({}, [1], 0, 0),  # never after the first epoch
        ({"patience": 1}, [math.nan, 2, 1, 1], 3, 2),  # any number is better than none
        ({}, [2, math.nan], 1, 0),
        ({"patience": 2}, [math.nan] * 5, 2, 0),  # but NaN is no better than NaN
    ],
)
def test_early_stopping_stops_when_keras_does(
    options: dict[str, Any], values: list[float], last: int, best: int
) -> None:
    stopping = EarlyStopping(**options)
    model = train(stopping, values)
    assert (model.weights, stopping.best_epoch) == (last, best)
    assert model.stop_training == (last > 0) or last == len(values) - 1
    assert train(EarlyStopping(**options, restore_best_weights=True), values).weights == best


def test_early_stopping_serves_several_trainings() -> None:
    stopping = EarlyStopping(patience=1)
    assert train(stopping, [1, 2, 3]).weights == train(stopping, [5, 6, 7]).weights == 1
    assert stopping.stopped_epoch == 1


def test_early_stopping_says_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    train(EarlyStopping(restore_best_weights=True), [1, 2])
    assert capsys.readouterr().out == ""
    train(EarlyStopping(verbose=1, restore_best_weights=True), [1, 2])
    assert capsys.readouterr().out == (
        "Stopped early after epoch 2: val_loss was best in epoch 1.\nThe weights are those of epoch 1, the best one.\n"
    )


def test_names_that_do_not_tell_what_is_better_are_refused_before_training() -> None:
    text = r"cannot tell from the name 'score' whether .*: give mode=\"min\" or mode=\"max\""
    with pytest.raises(ValueError, match="EarlyStopping " + text):
        train(EarlyStopping("score"), [1.0], "score")
    with pytest.raises(ValueError, match="ModelCheckpoint " + text):
        train(ModelCheckpoint("x.safetensors", "score", save_best_only=True), [1.0], "score")
    assert train(EarlyStopping("score", mode="max"), [1, 2, 2], "score").weights == 2
    assert train(EarlyStopping("accuracy"), [1, 2, 2], "accuracy").weights == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"mode": "sideways"}, "EarlyStopping: mode must be 'auto' or 'min' or 'max'; got 'sideways'"),
        ({"patience": -1}, "EarlyStopping: patience must be a whole number of at least 0; got -1"),
        ({"start_from_epoch": 1.5}, "start_from_epoch must be a whole number"),
    ],
)
def test_wrong_arguments(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        EarlyStopping(**options)


def test_a_log_that_is_missing_is_told() -> None:
    says = (
        r"EarlyStopping watches 'val_loss', which is not among the logs: loss, accuracy\. Give fit\(\) validation_data"
    )
    with pytest.warns(UserWarning, match=says):
        assert not train(EarlyStopping(), [1.0], "accuracy").stop_training
    says = r"EarlyStopping watches 'val_auc', which is not among the logs: loss, val_loss\.$"
    with pytest.warns(UserWarning, match=says):
        train(EarlyStopping("val_auc"), [1.0])
    with pytest.warns(UserWarning, match="ModelCheckpoint watches 'val_loss'"):  # and saves, as Keras does
        assert train(ModelCheckpoint("x.safetensors", save_best_only=True), [1.0], "accuracy").saved


@pytest.mark.parametrize(
    ("options", "values", "saved"),
    [
        ({}, [3, 2, 2], [1, 2, 3]),
        ({"save_best_only": True}, [3, 2, 2, 1], [1, 2, 4]),
        ({"save_best_only": True, "mode": "max"}, [3, 2, 4], [1, 3]),
        ({"save_best_only": True, "initial_value_threshold": 2.5}, [3, 2, 2], [2]),
        ({"save_best_only": True, "monitor": "loss"}, [3, 2, 2], [1]),
        ({"save_freq": 2}, [3, 2, 2], []),
    ],
)
def test_checkpoints_are_saved_when_keras_saves(
    options: dict[str, Any], values: list[float], saved: list[int], tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "made" / "{epoch:02d}.safetensors"
    assert train(ModelCheckpoint(path, **options), values).saved == [f"{epoch:02d}.safetensors" for epoch in saved]


def test_the_best_is_kept_over_several_trainings() -> None:
    keeping = ModelCheckpoint("{epoch}.safetensors", save_best_only=True)
    assert train(keeping, [2, 1]).saved == ["1.safetensors", "2.safetensors"]
    assert train(keeping, [2, 0.5]).saved == ["2.safetensors"]


def test_checkpoints_say_what_they_do(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "best.safetensors")
    train(ModelCheckpoint(path, verbose=1, save_best_only=True), [2.0, 2.5])
    train(ModelCheckpoint(path, verbose=1), [2.0])
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch 1: weights with val_loss 2.00000 saved to {path}.",
        "Epoch 2: val_loss is 2.50000, no better than 2.00000.",
        f"Epoch 1: weights saved to {path}.",
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            {"filepath": "m.keras"},
            r"\(whole models, as .* are not saved\); got filepath='m\.keras'\. Give for instance .*'m\.safetensors'",
        ),
        ({"filepath": "m.h5"}, r"whole models, .*'m\.safetensors'"),
        (
            {"filepath": "m"},
            r"file ending in \.safetensors or \.weights\.h5; got filepath='m'\. Give .*'m\.safetensors'",
        ),
        (
            {"filepath": "m.safetensors", "save_weights_only": False},
            "saves weights, no whole models: leave save_weights_only=False out",
        ),
        (
            {"filepath": "m.safetensors", "save_freq": "batch"},
            'save_freq must be "epoch" or a whole number of at least 1; got .batch',
        ),
        (
            {"filepath": "m.safetensors", "save_freq": 0},
            'save_freq must be "epoch" or a whole number of at least 1; got 0',
        ),
    ],
)
def test_checkpoints_of_another_kind_are_refused(arguments: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        ModelCheckpoint(**arguments)


def test_a_path_that_cannot_be_filled_is_told() -> None:
    with pytest.raises(ValueError, match=r"cannot fill filepath='\{mape\}.*It knows: epoch, loss, val_loss\."):
        train(ModelCheckpoint("{mape}.safetensors"), [1.0])


@pytest.fixture
def model() -> Sequential:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mean_squared_error")
    return model


@pytest.mark.parametrize("suffix", [".safetensors", ".weights.h5"])
def test_in_fit_the_files_hold_the_weights_of_their_epochs(
    model: Sequential, tmp_path: pathlib.Path, suffix: str
) -> None:
    pytest.importorskip("h5py")
    seen: list[Any] = []
    keep = ModelCheckpoint(str(tmp_path / ("{epoch:02d}-{val_loss:.2f}" + suffix)))
    note = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((logs["val_loss"], model.get_weights())))
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[keep, note], validation_data=(X, Y))
    assert len(list(tmp_path.iterdir())) == 3
    for i, (value, weights) in enumerate(seen):
        model.load_weights(tmp_path / f"{i + 1:02d}-{value:.2f}{suffix}")
        assert all(map(np.array_equal, model.get_weights(), weights))


def test_in_fit_weights_are_saved_every_so_many_steps(model: Sequential, tmp_path: pathlib.Path) -> None:
    keep = ModelCheckpoint(tmp_path / "{epoch}-{batch}.safetensors", save_freq=4)
    model.fit(X, Y, batch_size=2, epochs=3, verbose=0, callbacks=[keep])  # 9 steps
    assert sorted(p.name for p in tmp_path.iterdir()) == ["2-1.safetensors", "3-2.safetensors"]


def test_in_fit_training_ends_and_goes_back_to_the_best_weights(model: Sequential) -> None:
    weights: list[Any] = []
    rates = [0.1, 0.1, 50.0, 50.0]  # the last two are too large

    def begin(epoch: int, logs: Any) -> None:
        model.optimizer.learning_rate = rates[epoch]

    def end(epoch: int, logs: Any) -> None:
        weights.append(model.get_weights())

    stopping = EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    steps = LambdaCallback(on_epoch_begin=begin, on_epoch_end=end)
    history = model.fit(X, Y, epochs=9, verbose=0, callbacks=[stopping, steps], validation_data=(X, Y))
    assert history.epoch == [0, 1, 2, 3] and stopping.best_epoch == 1
    assert all(map(np.array_equal, model.get_weights(), weights[1]))
