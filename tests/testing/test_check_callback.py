"""check_callback passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from kcore.backend import current_backend
from kcore.callbacks import Callback, EarlyStopping
from kcore.testing import check_callback
from tests.testing.faults import UNSEEDED, Fault, check_says, each


class Noting(Callback):
    """Right in every way."""

    def __init__(self, log="loss"):
        self.log = log

    def on_train_begin(self, logs=None):
        self.noted = []

    def on_epoch_end(self, epoch, logs=None):
        self.noted.append((logs or {}).get(self.log))


class _Misspelt(Noting):
    def on_epochs_end(self, epoch, logs=None):
        pass


class _TakesNoLogs(Callback):
    def on_epoch_end(self, epoch):
        pass


class _TakesANumberTooMany(Callback):
    def on_train_begin(self, epoch, logs):
        pass


class _KeepsNoModel(Callback):
    def set_model(self, model):
        self.network = model


class _KeepsNoParams(Callback):
    def set_params(self, params):
        pass


class _SetsAnother(Callback):
    def set_model(self, model, name):
        self.model = model


class _WantsValidation(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.last = logs["val_loss"]


class _WantsTraining(Callback):
    def on_train_begin(self, logs=None):
        self.count = 0

    def on_test_end(self, logs=None):
        self.count += 1


class _WantsMetrics(Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.last = logs["mean_absolute_error"]


class _StopsOnce(Callback):
    """Counts epochs over all trainings."""

    def __init__(self):
        self.epochs = 0

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1
        self.model.stop_training = self.epochs >= 6


class _ChangesWeights(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.set_weights([w * 0.5 for w in self.model.get_weights()])


class _ChangesWeightsLater(Callback):
    seen = 0

    def on_train_end(self, logs=None):
        self.seen += 1
        self.model.set_weights([w * self.seen for w in self.model.get_weights()])


class _ChangesTheRate(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = 0.5


class _Explodes(Callback):
    def on_train_end(self, logs=None):
        self.model.set_weights([w * np.nan for w in self.model.get_weights()])


class _OtherwiseElsewhere(Callback):
    def on_epoch_end(self, epoch, logs=None):
        factor = 1.0 if current_backend().name == "numpy" else 1.5
        self.model.set_weights([w * factor for w in self.model.get_weights()])


class _Random(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = float(UNSEEDED.uniform(0.01, 0.1))


class _NoCallback:
    def on_epoch_end(self, epoch, logs=None):
        pass


ACTIVE = {"passive": False}


class _WantsToBegin(Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.epochs = self.epochs + 1


class _KeepsLogs(Callback):
    def on_train_begin(self, logs=None):
        self.kept = []

    def on_train_batch_end(self, batch, logs=None):
        self.kept.append(logs)

    def on_train_end(self, logs=None):
        self.losses = [kept["loss"] for kept in self.kept]


@each(
    Fault(_Misspelt, "Callback '_Misspelt': expected methods on_... to be moments; got on_epochs_end.* 'on_epoch_end'"),
    Fault(_TakesNoLogs, r"on_epoch_end to take a number and logs; got .* Write on_epoch_end\(self, epoch, logs=None\)"),
    Fault(_TakesANumberTooMany, r"on_train_begin to take logs; got .* Write on_train_begin\(self, logs=None\)"),
    Fault(_KeepsNoModel, r"its model to be what set_model was given; got None.* super\(\).set_model\(model\)"),
    Fault(_KeepsNoParams, "its params to be what set_params was given; got None"),
    Fault(_SetsAnother, "set_model and set_params; got TypeError"),
    Fault(_WantsValidation, r"got KeyError: 'val_loss'\. Where it is missing .* logs.get\('val_loss'\) is None"),
    Fault(_WantsTraining, "an evaluation and a prediction; got AttributeError: .*. Make in __init__"),
    Fault(_WantsMetrics, "a training without validation data to end; got KeyError: 'mean_absolute_error'"),
    Fault(_WantsToBegin, "with validation data to end; got AttributeError: .*. Make in on_train_begin what is read"),
    Fault(_KeepsLogs, r"got RuntimeError: .*keep logs.copy\(\) instead. The error says"),
    Fault(_StopsOnce, "a second training of 4 epochs as the first; got 2.* Begin anew in on_train_begin"),
    Fault(_ChangesWeights, "the weights of a training without it.* or say passive=False"),
    Fault(_ChangesWeightsLater, "after a second training the weights of the first"),
    Fault(_ChangesTheRate, "the weights of a training without it"),
    Fault(_Explodes, "finite numbers as the weights after training; got nan", ACTIVE),
    Fault(_OtherwiseElsewhere, "on backend strict: expected numpy's weights", ACTIVE),
    Fault(_Random, "after a second training the weights of the first", ACTIVE),
    Fault(_NoCallback, "one of kcore.callbacks; got <"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_callback, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (Noting, {"options": {"log": "val_loss"}}),
        (lambda: Noting("loss"), {}),
        (_ChangesWeights, ACTIVE),
        (EarlyStopping, {"options": {"patience": 1}}),
        ("terminate_on_nan", {"epochs": 2}),
    ],
)
def test_what_is_right_passes(make, how):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_callback(make, **how)
