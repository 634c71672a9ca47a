"""TerminateOnNaN, LearningRateScheduler, ReduceLROnPlateau and CSVLogger."""

from __future__ import annotations

import csv
import math
import pathlib
from typing import Any

import numpy as np
import pytest

from kcore.callbacks import CSVLogger, LambdaCallback, LearningRateScheduler, ReduceLROnPlateau, TerminateOnNaN
from kcore.layers import Dense
from kcore.models import Sequential

X, Y = np.random.default_rng(0).normal(size=(6, 3)), np.ones((6, 1))


@pytest.fixture
def model() -> Sequential:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mean_squared_error")
    return model


def rates(model: Sequential, callback: Any, values: list[float]) -> list[float]:
    """The rates in the history, where the loss of validation is told to be these."""

    def tell(epoch: int, logs: Any) -> None:
        logs["val_loss"] = values[epoch]

    told = [LambdaCallback(on_epoch_end=tell), callback]
    return model.fit(X, Y, epochs=len(values), verbose=0, callbacks=told).history["learning_rate"]


def test_a_training_that_is_lost_ends(model: Sequential, capsys: pytest.CaptureFixture[str]) -> None:
    y = Y.copy()
    y[3] = math.inf
    history = model.fit(X, y, batch_size=2, epochs=3, verbose=0, shuffle=False, callbacks=[TerminateOnNaN()])
    assert history.epoch == [0]
    assert capsys.readouterr().out == "The loss is inf at batch 2 of the epoch: training ends here.\n"
    with pytest.raises(RuntimeError, match=r"The loss is .* at batch 1 of the epoch: try a tenth of the learning rate"):
        model.fit(X, y, verbose=0, callbacks=[TerminateOnNaN(raise_error=True)])


def test_a_training_that_is_not_lost_goes_on(model: Sequential) -> None:
    assert model.fit(X, Y, epochs=2, verbose=0, callbacks=[TerminateOnNaN()]).epoch == [0, 1]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (lambda epoch: 0.5 / 2**epoch, [0.5, 0.25, 0.125]),
        (lambda epoch, rate: rate / 2, [0.005, 0.0025, 0.00125]),
        (lambda *given: np.float32(0.25 * len(given)), [0.5] * 3),
    ],
)
def test_each_epoch_has_the_rate_of_the_function(
    model: Sequential, schedule: Any, expected: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    callback = LearningRateScheduler(schedule, verbose=1)
    assert rates(model, callback, [1.0] * 3) == pytest.approx(expected, rel=1e-12)
    assert capsys.readouterr().out.startswith(f"Epoch 1: the learning rate is {expected[0]:g}.\n")


def test_a_rate_that_moves_nothing(model: Sequential) -> None:
    before = model.get_weights()
    rates(model, LearningRateScheduler(lambda epoch: 0.0), [1.0])
    assert all(map(np.array_equal, model.get_weights(), before))


def test_what_is_no_schedule(model: Sequential) -> None:
    with pytest.raises(TypeError, match=r"takes a function of \(epoch, learning_rate\); got 0\.1"):
        LearningRateScheduler(0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="the function must return a number; for epoch 0 got None"):
        rates(model, LearningRateScheduler(lambda epoch: None), [1.0])  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize(
    ("options", "values", "expected"),
    [
        ({"patience": 1}, [3, 2, 2, 2], [1, 1, 1, 0.1]),
        ({"patience": 2}, [3, 3, 3, 3, 3], [1, 1, 1, 0.1, 0.1]),
        ({"patience": 1, "cooldown": 2}, [3, 3, 3, 3, 3], [1, 1, 0.1, 0.1, 0.01]),
        ({"patience": 1, "min_lr": 0.5}, [3, 3, 3, 3], [1, 1, 0.5, 0.5]),
        ({"patience": 1, "min_delta": 1}, [3, 2.5, 1], [1, 1, 0.1]),
        ({"patience": 1, "mode": "max", "factor": 0.5}, [3, 2, 4], [1, 1, 0.5]),
    ],
)
def test_the_rate_is_reduced_when_keras_reduces_it(
    model: Sequential, options: dict[str, Any], values: list[float], expected: list[float]
) -> None:
    model.optimizer.learning_rate = 1.0
    assert rates(model, ReduceLROnPlateau(**options), values) == pytest.approx(expected, rel=1e-12)


def test_a_reduction_is_said_and_wrong_arguments_are_refused(
    model: Sequential, capsys: pytest.CaptureFixture[str]
) -> None:
    rates(model, ReduceLROnPlateau(patience=1, verbose=1), [1.0, 1.0])
    assert capsys.readouterr().out == "Epoch 2: the learning rate is reduced from 0.01 to 0.001.\n"
    with pytest.raises(ValueError, match="factor must be a number of at least 0 and below 1; got 1"):
        ReduceLROnPlateau(factor=1.0)


def test_a_file_of_logs(model: Sequential, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "log.csv"
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=[CSVLogger(path)], validation_data=(X, Y))
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert list(rows[0]) == ["epoch", "loss", "val_loss"] and [row["epoch"] for row in rows] == ["0", "1"]
    assert [float(row["val_loss"]) for row in rows] == history.history["val_loss"]
    more = {"epochs": 4, "initial_epoch": 2, "verbose": 0, "validation_data": (X, Y)}
    model.fit(X, Y, callbacks=[CSVLogger(path, append=True)], **more)
    assert [row["epoch"] for row in csv.DictReader(path.read_text().splitlines())] == ["0", "1", "2", "3"]
    model.fit(X, Y, verbose=0, callbacks=[CSVLogger(path, separator=";")])
    assert path.read_text().splitlines()[0] == "epoch;loss;val_loss"
    assert path.read_text().splitlines()[1].endswith(";NA")
