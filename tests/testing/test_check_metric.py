"""check_metric passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.graph import current_trace
from kcore.metrics import Metric
from kcore.testing import check_metric
from tests.testing.faults import UNSEEDED, Fault, check_says, each, elsewhere, on_numpy


class Distance(Metric):
    """Right in every way."""

    factor: float = 1.0

    def call(self, y_true, y_pred):
        return self.factor * ops.mean(ops.abs(y_pred - y_true), -1)


class Largest(Metric):
    """Right, in three pure functions."""

    def init(self):
        return {"largest": np.zeros(())}

    def update(self, state, y_true, y_pred):
        return {"largest": ops.maximum(state["largest"], ops.max(ops.abs(y_pred - y_true)))}

    def result(self, state):
        return state["largest"]


class InKerassWay(Metric):
    """Right, over variables."""

    def __init__(self, name=None):
        super().__init__(name=name)
        self.total = self.add_variable(name="total")

    def update_state(self, y_true, y_pred, sample_weight=None):
        errors = ops.sum(ops.abs(y_pred - y_true), tuple(range(1, len(y_pred.shape))))
        errors = errors if sample_weight is None else errors * ops.cast(sample_weight, errors.dtype)
        self.total.assign_add(ops.cast(ops.sum(errors), "float64"))

    def result(self):
        return self.total


class _LosesAField(Distance):
    def get_config(self):
        return {k: v for k, v in super().get_config().items() if k != "factor"}


class _LosesAValue(Distance):
    def get_config(self):
        return super().get_config() | {"factor": 1.0}


class _ForgetsItsName(Metric):
    def __init__(self, name=None):
        super().__init__()

    def call(self, y_true, y_pred):
        return ops.mean(y_pred, -1)


class _MeanOfMeans(Metric):
    def update(self, state, y_true, y_pred, sample_weight=None):
        return {"total": state["total"] + ops.mean(y_pred), "count": state["count"] + 1}


class _OnlyTheLastBatch(Metric):
    def update(self, state, y_true, y_pred, sample_weight=None):
        total = ops.cast(ops.sum(y_pred), "float64")
        return {"total": total, "count": ops.ones_like(total) * float(y_pred.shape[0])}


class _RemembersOnTheSide(Metric):
    def __init__(self, name=None):
        super().__init__(name=name)
        self.total = self.add_variable()
        self.kept = self.total.__class__(np.zeros(()), trainable=False)

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.kept.assign(self.kept + ops.cast(ops.sum(y_pred), "float64"))

    def result(self):
        return self.kept.numpy() + 0.0


SHARED = None


class _SharesItsState(Metric):
    def __init__(self, name=None):
        global SHARED
        super().__init__(name=name)
        SHARED = SHARED if SHARED is not None else self.add_variable()
        self.total = SHARED

    def update_state(self, y_true, y_pred, sample_weight=None):
        SHARED.assign(SHARED + ops.cast(ops.sum(y_pred), "float64"))

    def result(self):
        return SHARED


class _DividesByZero(Metric):
    def result(self, state):
        return state["total"] / state["count"]

    def call(self, y_true, y_pred):
        return ops.mean(y_pred, -1)


class _ResetsHalf(InKerassWay):
    def reset_state(self):
        self.total.assign(1.0)


class _ResetsTheTotalAlone(Metric):
    def update(self, state, y_true, y_pred):
        return {"total": state["total"] + ops.sum(y_pred), "count": state["count"] + float(y_pred.shape[0])}

    def reset_state(self):
        self.state["total"].assign(0.0)


class _FailsInReset(Distance):
    def reset_state(self):
        raise NotImplementedError("not yet")


class _FailsInResult(Distance):
    def result(self):
        raise ZeroDivisionError("no samples")


class _IgnoresWeights(Distance):
    def update(self, state, y_true, y_pred, sample_weight=None):
        return super().update(state, y_true, y_pred, None)


class _CountsWeightsOnlyAbove(Metric):
    def update(self, state, y_true, y_pred, sample_weight=None):
        errors = ops.mean(ops.abs(y_pred - y_true), tuple(range(1, len(y_pred.shape))))
        weighed = errors if sample_weight is None else errors * ops.cast(sample_weight, errors.dtype)
        return {"total": state["total"] + ops.sum(weighed), "count": state["count"] + float(y_pred.shape[0])}


class _DoublesWeights(Distance):
    def update(self, state, y_true, y_pred, sample_weight=None):
        new = super().update(state, y_true, y_pred, sample_weight)
        return new if sample_weight is None else {**new, "total": new["total"] * 2.0}


class _OneForAll(Metric):
    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_pred - y_true))


class _FailsInCall(Metric):
    def call(self, y_true, y_pred):
        raise NotImplementedError("not yet")


class _NotANumber(Metric):
    def call(self, y_true, y_pred):
        return ops.mean(ops.log(y_pred), -1)


class _OnNumPyAlone(Metric):
    def call(self, y_true, y_pred):
        return ops.mean(on_numpy(y_pred), -1)


class _OtherNumbersElsewhere(Distance):
    def call(self, y_true, y_pred):
        return elsewhere(super().call(y_true, y_pred))


class _Random(Distance):
    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) + float(UNSEEDED.normal())


class _TakesNoBatch(Metric):
    pass


class _TellsModelsOther(Distance):
    def update_state(self, *args, **kwargs):
        super().update_state(*args, **kwargs)
        if current_trace() is not None:
            self.state["total"].assign(self.state["total"] * 2.0)


@each(
    Fault(_LosesAField, r"Metric '_LosesAField' of predictions \(7, 3\): expected get_config to tell .* 'factor'"),
    Fault(_LosesAValue, "of the same configuration the same result", {"options": {"factor": 0.5}}),
    Fault(_ForgetsItsName, "to have name|the name that it was given"),
    Fault(_MeanOfMeans, "after three batches the result of one to be .* the mean of means is not the mean"),
    Fault(_OnlyTheLastBatch, "after three batches the result of one"),
    Fault(_RemembersOnTheSide, "after a reset the first result to be 0.0.*Keep the state in"),
    Fault(_SharesItsState, "the same each time: the result"),
    Fault(_DividesByZero, "finite numbers as the result before any batch; got nan.* ops.divide_no_nan"),
    Fault(_ResetsHalf, "after a reset the first result to be 0.0; got 1.0"),
    Fault(_ResetsTheTotalAlone, "after a reset the result of a fresh one"),
    Fault(_FailsInReset, "reset_state; got NotImplementedError"),
    Fault(_FailsInResult, "a result; got ZeroDivisionError: no samples"),
    Fault(_IgnoresWeights, "with weights of 0 for some the result without these"),
    Fault(_CountsWeightsOnlyAbove, "with weights of 0 for some the result without these"),
    Fault(_DoublesWeights, "with weights of 1 the result without any"),
    Fault(_OneForAll, r"a number for each of 7 samples; got float64 \(\)\. Reduce over the last axis only"),
    Fault(_FailsInCall, "update_state to take a batch; got NotImplementedError: not yet. The error says"),
    Fault(_NotANumber, "finite numbers as the result; got nan"),
    Fault(_OnNumPyAlone, "on backend strict: expected update_state to take a batch; got NameError"),
    Fault(_OtherNumbersElsewhere, "on backend strict: expected numpy's result"),
    Fault(_Random, "the same each time: the result"),
    Fault(_TellsModelsOther, "in a model on backend numpy: expected of evaluate what it tells by itself"),
    Fault(_TakesNoBatch, "update_state to take a batch; got NotImplementedError"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_metric, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (Distance, {"options": {"factor": 0.5}}),
        (lambda **options: Distance(0.5, **options), {}),
        (Largest, {}),
        (InKerassWay, {}),
        ("mean_squared_error", {}),
        ("mean", {"in_model": False}),
    ],
)
def test_what_is_right_passes(make, how):
    check_metric(make, **how)
