"""The hooks of callbacks: which are called when, how a list of callbacks is read, and what an idle one costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kcore.callbacks import Callback, EarlyStopping, LambdaCallback
from kcore.interfaces import MOMENTS, Callbacks, direction
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.plugin import UnknownNameError

X, Y = np.random.default_rng(0).normal(size=(5, 3)), np.ones((5, 1))


@pytest.fixture
def model() -> Sequential:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mean_squared_error")
    return model


class Noting(Callback):
    """Notes what it is told, as (moment, number); overrides every hook."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.logs: dict[str, Any] = {}


def _noting(moment: str) -> Any:
    def note(self: Noting, *args: Any) -> None:
        self.told.append((moment, *args[:-1]))
        self.logs[moment] = dict(args[-1])

    return note


for _moment in MOMENTS:
    if not _moment.startswith("on_batch"):
        setattr(Noting, _moment, _noting(_moment))


def around(what: str, *inside: Any) -> list[Any]:
    return [(f"on_{what}_begin",), *inside, (f"on_{what}_end",)]


def batches(what: str, count: int) -> list[Any]:
    return [(f"on_{what}_batch_{when}", i) for i in range(count) for when in ("begin", "end")]


def test_all_hooks_of_keras_are_called_in_its_order(model: Sequential) -> None:
    noting = Noting()
    model.fit(X, Y, batch_size=2, epochs=2, verbose=0, callbacks=[noting], validation_data=(X[:2], Y[:2]))
    epochs = [
        [("on_epoch_begin", e), *batches("train", 3), *around("test", *batches("test", 1)), ("on_epoch_end", e)]
        for e in range(2)
    ]
    assert noting.told == around("train", *epochs[0], *epochs[1])
    assert set(noting.logs["on_epoch_end"]) == {"loss", "val_loss"}
    assert set(noting.logs["on_test_end"]) == set(noting.logs["on_train_batch_end"]) == {"loss"}
    assert noting.logs["on_train_begin"] == noting.logs["on_epoch_begin"] == {}
    assert noting.model is model and noting.params["epochs"] == 2 and noting.params["steps"] == 3


def test_evaluate_and_predict_have_theirs(model: Sequential) -> None:
    noting = Noting()
    model.evaluate(X, Y, batch_size=2, verbose=0, callbacks=[noting])
    assert noting.told == around("test", *batches("test", 3))
    noting.told.clear()
    model.predict(X, batch_size=2, callbacks=[noting])
    assert noting.told == around("predict", *batches("predict", 3))


def test_the_older_names_of_the_batch_hooks_are_called(model: Sequential) -> None:
    class Older(Callback):
        told: list[Any] = []

        def on_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.told.append(("begin", batch))

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.told.append(("end", batch, *logs))

    model.fit(X, Y, batch_size=3, verbose=0, callbacks=[Older()])
    assert Older.told == [("begin", 0), ("end", 0, "loss"), ("begin", 1), ("end", 1, "loss")]


def test_what_a_callback_adds_to_the_logs_comes_into_the_history(model: Sequential) -> None:
    def add(epoch: int, logs: Any) -> None:
        logs["number"] = 10.0 * epoch

    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=[LambdaCallback(on_epoch_end=add)])
    assert history.history["number"] == [0.0, 10.0]


def test_moments_that_nobody_overrides_are_not_told() -> None:
    class Loud(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            """Something."""

    loud = Loud()
    assert {moment for moment, told in Callbacks([loud, Callback()], None, {})._told.items() if told} == {
        "on_epoch_end"
    }
    loud.on_train_batch_end = lambda batch, logs: None  # type: ignore[method-assign]
    assert Callbacks([loud], None, {})._told["on_train_batch_end"]


def test_lists_are_read_as_keras_reads_them(model: Sequential) -> None:
    each = [Callback() for _ in range(4)]
    nested = [each[0], (each[1], [each[2]]), None, Callbacks([each[3]], None, {})]
    assert Callbacks(nested, model, {}).each == each
    assert Callbacks(each[0], model, {}).each == each[:1]
    assert Callbacks(None, model, {}).each == []
    assert each[2].model is model


class OfKeras:
    """As a callback of Keras looks."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Something."""

    def __repr__(self) -> str:
        return "<OfKeras>"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (EarlyStopping, r"got the class EarlyStopping\. Make an object of it: EarlyStopping\(\.\.\.\)\."),
        ([EarlyStopping], "got the class EarlyStopping"),
        ([print], r"got builtin_function_or_method: .* Wrap it: LambdaCallback\(on_epoch_end=\.\.\.\)\."),
        ([OfKeras()], r"got <OfKeras>, which is no kcore\.callbacks\.Callback\. Make its class a subclass"),
        ([3], "got int: 3"),
        ({"a": Callback()}, "got dict"),
    ],
)
def test_what_is_no_callback_is_refused(model: Sequential, given: Any, says: str) -> None:
    with pytest.raises(TypeError, match=f"callbacks is a list of callbacks, as .*{says}"):
        model.fit(X, Y, verbose=0, callbacks=given)


@pytest.mark.parametrize("given", ["early_stopping", ["early_stopping"], ["EarlyStopping", Noting()]])
def test_names_are_resolved(model: Sequential, given: Any) -> None:
    (first, *_) = Callbacks([given], model, {}).each
    assert type(first) is EarlyStopping and first.model is model


def test_a_name_that_nothing_has(model: Sequential) -> None:
    with pytest.raises(UnknownNameError, match=r"^Unknown callback 'early_stoping'\. .* Did you mean 'early_stopping'"):
        model.fit(X, Y, verbose=0, callbacks=["early_stoping"])


class Patient(Callback):
    """Has settings."""

    def __init__(self, patience: int = 3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.patience = patience


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (
            lambda: Patient(patiense=2),
            "Patient has no argument 'patiense'. It takes: patience. Did you mean 'patience'?",
        ),
        (
            lambda: Callback(2),
            "Callback takes no arguments; got an argument. A callback's settings are those of its own __init__.",
        ),
        (
            lambda: type("Plain", (Callback,), {})(patience=2),
            "Plain takes no arguments; got 'patience'. A callback's settings are those of its own __init__.",
        ),
    ],
)
def test_an_argument_that_is_not_taken(make: Any, says: str) -> None:
    with pytest.raises(TypeError) as error:
        make()
    assert str(error.value) == says


def test_lambda_callback_calls_each_function(model: Sequential) -> None:
    told: list[Any] = []
    names = [m for m in MOMENTS if not m.startswith(("on_batch", "on_predict"))]
    functions = {name: (lambda *args, name=name: told.append(name)) for name in names}
    model.fit(X, Y, verbose=0, callbacks=[LambdaCallback(**functions)], validation_data=(X, Y))
    assert set(told) == set(names)
    told.clear()
    model.predict(X, callbacks=[LambdaCallback(on_predict_end=lambda logs: told.append(logs))])
    assert told == [{}]


def test_lambda_callback_refuses_other_names_and_what_is_no_function() -> None:
    with pytest.raises(TypeError, match=r"knows no moment 'on_epoch'\. It takes: on_train_begin, "):
        LambdaCallback(on_epoch=print)
    with pytest.raises(TypeError, match="on_epoch_end must be a function; got 3"):
        LambdaCallback(on_epoch_end=3)  # type: ignore[arg-type]
    LambdaCallback(on_epoch_end=None)


@pytest.mark.parametrize(
    ("log", "way"),
    [
        ("loss", "min"),
        ("val_loss", "min"),
        ("left_loss", "min"),
        ("val_left_mean_absolute_error", "min"),
        ("mse", "min"),
        ("kullback_leibler_divergence", "min"),
        ("logcosh", "min"),
        ("accuracy", "max"),
        ("val_acc", "max"),
        ("left_binary_accuracy", "max"),
        ("top_k_categorical_accuracy_1", "max"),
        ("cosine_proximity", "max"),
        ("val_cosine_similarity", "max"),
        ("learning_rate", None),
        ("glossy", None),
    ],
)
def test_which_way_is_better(log: str, way: str | None) -> None:
    assert direction(log) == way
