"""check_loss passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from kcore import ops
from kcore.graph import current_trace
from kcore.losses import Loss
from kcore.testing import check_loss
from tests.testing.faults import (
    UNSEEDED,
    Fault,
    check_says,
    each,
    elsewhere,
    narrow,
    no_slope,
    on_numpy,
    slope_elsewhere,
    steep,
)


class Power(Loss):
    """Right in every way."""

    factor: float = 1.0

    def call(self, y_true, y_pred):
        return self.factor * ops.mean(ops.square(y_pred - y_true), -1)


class _LosesAField(Power):
    def get_config(self):
        return {k: v for k, v in super().get_config().items() if k != "factor"}


class _LosesAValue(Power):
    def get_config(self):
        return super().get_config() | {"factor": 1.0}


class _TakesNoReduction(Loss):
    def __init__(self):
        super().__init__()


class _ForgetsItsName(Power):
    def __init__(self, name=None, reduction="sum_over_batch_size"):
        super().__init__(reduction=reduction)


class _ReducesItself(Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_pred - y_true))


class _LooksAtTheBatch(Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_pred - ops.mean(y_true, 0)), -1)


class _ReducesWrongly(Power):
    def reduce(self, values, sample_weight=None, mask=None):
        result = super().reduce(values, sample_weight, mask)
        return result * 2.0 if self.reduction == "sum" else result


class _IgnoresWeights(Power):
    def reduce(self, values, sample_weight=None, mask=None):
        return super().reduce(values, None, mask)


class _Narrow(Power):
    def call(self, y_true, y_pred):
        return super().call(y_true, narrow(y_pred))


class _WrongGradient(Loss):
    def call(self, y_true, y_pred):
        return ops.mean(steep(y_pred - y_true), -1)


class _NotANumber(Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.log(y_pred), -1)


class _SlopeNotANumber(Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.sqrt(ops.square(y_pred - y_true) * 0.0), -1)


class _OnNumPyAlone(Loss):
    def call(self, y_true, y_pred):
        return ops.mean(on_numpy(y_pred - y_true), -1)


class _OtherNumbersElsewhere(Power):
    def call(self, y_true, y_pred):
        return elsewhere(super().call(y_true, y_pred))


class _Random(Power):
    def call(self, y_true, y_pred):
        noise = ops.cast(ops.random_bits((2,), stream=0), "float32")
        return super().call(y_true, y_pred) + ops.cast(ops.mean(noise), y_pred.dtype)


class _RandomOnceATrace(Power):
    def call(self, y_true, y_pred):
        return super().call(y_true, y_pred) + float(UNSEEDED.normal())


class _AlwaysFloat64(Power):
    dtype: str = attrs.field(default="float64", kw_only=True)


class _NoGradient(Power):
    def call(self, y_true, y_pred):
        return super().call(y_true, no_slope(y_pred))


class _OtherGradientElsewhere(Power):
    def call(self, y_true, y_pred):
        return super().call(y_true, slope_elsewhere(y_pred))


class _ReturnsNothing(Loss):
    def call(self, y_true, y_pred):
        ops.mean(y_pred, -1)


class _WantsOtherTargets(Power):
    def target_shape(self, shape):
        return (*shape, 2)


class _RefusesOutputs(Power):
    def check_output(self, shape):
        raise ValueError("no output will do")


class _TellsModelsOther(Power):
    def __call__(self, y_true, y_pred, sample_weight=None):
        value = super().__call__(y_true, y_pred, sample_weight)
        return value if current_trace() is None else value * 2.0


@each(
    Fault(_LosesAField, r"Loss '_loses_a_field' of predictions \(4, 3\): expected get_config to tell .* 'factor'"),
    Fault(_LosesAValue, "of the same configuration the same loss", {"options": {"factor": 0.5}}),
    Fault(_TakesNoReduction, r"a loss made by calling it with \(reduction='none'\)"),
    Fault(_ForgetsItsName, "to have|the name that it was given, 'other'; got '_forgets_its_name'"),
    Fault(_ReducesItself, r"a number for each of 4 samples; got an array of shape \(\)"),
    Fault(_LooksAtTheBatch, "of sample 0 alone what it gives in a batch.* or say samplewise=False"),
    Fault(_ReducesWrongly, "reduction='sum' to be"),
    Fault(_IgnoresWeights, "with weights for samples the sum to be"),
    Fault(_Narrow, "change of 1e-8 of y_pred"),
    Fault(_WrongGradient, "the gradient for y_pred along a direction"),
    Fault(_NotANumber, r"Loss '_not_a_number' of .*: expected finite numbers as the loss; got nan at \[.*`data`"),
    Fault(_SlopeNotANumber, "finite numbers as the gradient for y_pred; got nan"),
    Fault(_NotANumber, "finite numbers as the loss; got nan", {"differentiable": False}),
    Fault(_SlopeNotANumber, "finite numbers as the gradient; got nan", {"differentiable": False}),
    Fault(_OnNumPyAlone, "on backend strict: expected a loss; got NameError"),
    Fault(_OtherNumbersElsewhere, "on backend strict: expected numpy's numbers: the loss"),
    Fault(_Random, "the same each time: the loss.* Draw no random numbers"),
    Fault(_RandomOnceATrace, "the same each time: the loss"),
    Fault(_AlwaysFloat64, "in float32 on backend numpy: expected the loss in float32; got float64"),
    Fault(_NoGradient, "a gradient; got TypeError: .* has no gradient rule", {"differentiable": False}),
    Fault(_OtherGradientElsewhere, "on backend strict: expected numpy's numbers: the gradient"),
    Fault(_NoGradient, "gradients; got TypeError: .* has no gradient rule.* or say differentiable=False"),
    Fault(_ReturnsNothing, "a loss; got TypeError: Loss '_returns_nothing' returned NoneType"),
    Fault(_WantsOtherTargets, "a loss; got ValueError: .* y_true has shape"),
    Fault(_RefusesOutputs, "in a model on backend numpy: expected evaluate to take it; got ValueError: no output"),
    Fault(_TellsModelsOther, "on backend numpy: expected of evaluate what a call gives", {"differentiable": False}),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_loss, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (Power, {"options": {"factor": 0.5}}),
        (lambda **options: Power(0.5, **options), {}),
        (_ReducesItself, {"samplewise": False}),
        ("huber", {"shapes": [(5, 2)]}),
        ("poisson", {"data": lambda rng, shape: (rng.uniform(0.1, 1, shape), rng.uniform(0.1, 1, shape))}),
    ],
)
def test_what_is_right_passes(make, how):
    check_loss(make, **how)


def test_each_shape_is_told():
    with pytest.raises(AssertionError, match=r"of predictions \(2, 7\): "):
        check_loss(
            _NotANumber,
            data=lambda rng, s: (np.ones(s), np.full(s, -1.0 if s == (2, 7) else 1.0)),
            shapes=[(3, 2), (2, 7)],
        )
