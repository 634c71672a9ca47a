"""check_activation, check_initializer, check_schedule: each passes what is right and finds what it promises to find."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kcore import ops
from kcore.backend import current_backend
from kcore.initializers import Initializer
from kcore.ops import Op, call, define
from kcore.plugin import entry, register
from kcore.schedules import LearningRateSchedule
from kcore.testing import check_activation, check_initializer, check_schedule
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

# activations ----------------------------------------------------------------------------------------------


def bent(x):
    """Right in every way."""
    return ops.where(x > 0, x, 0.1 * x)


def _flat(x):
    return ops.sum(x, -1)


def _always_float32(x):
    return ops.cast(ops.tanh(x), "float32")


def _narrow(x):
    return ops.tanh(narrow(x))


def _overflowing(x):
    return ops.exp(ops.square(x))


STEEP = define(
    Op(
        "planted/overflowing_slope",
        "compound",
        lambda x: (x.shape, x.dtype),
        gradients=(lambda g, out, x: g * (ops.exp(2 * x) * ops.exp(-2 * x)),),  # 1, as long as exp is finite
        lowering=lambda x: x * 1.0,
    )
)


def _slope_not_finite(x):
    return call(STEEP, x)


def _wrong_gradient(x):
    return steep(x)


def _on_numpy_alone(x):
    return on_numpy(x)


def _other_numbers_elsewhere(x):
    return elsewhere(x)


def _other_slope_elsewhere(x):
    return slope_elsewhere(x)


def _over_samples(x):
    return ops.softmax(x, 0)


def _random_in_traces(x):
    return x * (1.0 + UNSEEDED.uniform(0.1, 1))


def _of_lists(x):
    return [x, x]


def _by_math(x):
    return math.exp(x)


def _not_a_number(x):
    return x * np.nan


def _without_a_gradient(x):
    return no_slope(x)


@each(
    Fault(_flat, r"Activation '_flat' of float32 \(3, 4\) on .*: expected a result of shape \(3, 4\); got \(3,\)"),
    Fault(_always_float32, "in float64; got float32", {"differentiable": False}),
    Fault(_narrow, "change of 1e-8 of the input"),
    Fault(_overflowing, "finite numbers as the result; got inf", {"differentiable": False}),
    Fault(_slope_not_finite, "finite numbers as the gradient; got nan"),
    Fault(_wrong_gradient, "the gradient for the input along a direction"),
    Fault(_on_numpy_alone, "on backend strict: expected a result and its gradient; got NameError"),
    Fault(_other_numbers_elsewhere, "on backend strict: expected numpy's result"),
    Fault(_other_slope_elsewhere, "on backend strict: expected numpy's gradient"),
    Fault(_over_samples, "of samples alone what they give together.* Reduce over the last axis only"),
    Fault(_random_in_traces, "in a program what it gives at once", {"differentiable": False}),
    Fault(_of_lists, "an array; got list. Return one, made in kcore.ops"),
    Fault(_by_math, r"a result for float64 \(3, 4\); got TypeError: .* The error says what is wrong"),
    Fault(_not_a_number, r"finite numbers as the result; got nan at \[0, 0\]. Bound what exp and the like are given"),
    Fault(_without_a_gradient, "gradients; got TypeError: .* has no gradient rule.* or say differentiable=False"),
    Fault("unheard_of", "Unknown activation 'unheard_of'"),
    Fault("rleu", r"Did you mean 'relu'\?$"),
)  # fmt: skip
def test_a_fault_of_an_activation_is_found(fault):
    check_says(check_activation, fault)


@pytest.mark.parametrize("function", [bent, "relu", "softmax", ops.silu])
def test_right_activations_pass(function):
    check_activation(function)


def test_an_activation_that_is_saved_under_another_s_name(monkeypatch):
    monkeypatch.setattr(entry, "_table", {kind: dict(known) for kind, known in entry._table.items()})

    @register("activations", "planted_relu")
    def relu(x):
        return x

    with pytest.raises(AssertionError, match="its saved name 'relu' to find it; got <function relu"):
        check_activation("planted_relu")


def test_an_activation_whose_name_another_has(monkeypatch):
    monkeypatch.setattr(entry, "_table", {kind: dict(known) for kind, known in entry._table.items()})
    register("activations", "planted_one")(lambda x: x)
    register("activations", "planted_two")(lambda x: 2 * x)
    with pytest.raises(AssertionError, match="to be found by the name that it is saved under; got NameClashError"):
        check_activation("planted_two")


# initializers ---------------------------------------------------------------------------------------------


class Even(Initializer):
    """Right in every way."""

    scale: float = 1.0
    seed: int | None = None

    def draw(self, shape, rng):
        rng = rng if self.seed is None else np.random.default_rng(self.seed)
        return rng.uniform(-self.scale, self.scale, shape)


class _LosesAField(Even):
    def get_config(self):
        return {"seed": self.seed}


class _LosesAValue(Even):
    def get_config(self):
        return super().get_config() | {"scale": 1.0}


class _Unseeded(Initializer):
    def draw(self, shape, rng):
        return UNSEEDED.normal(size=shape)


class _IgnoresItsSeed(Even):
    def draw(self, shape, rng):
        return rng.normal(size=shape)


class _Turned(Initializer):
    def draw(self, shape, rng):
        return rng.normal(size=shape[::-1])


class _Lists(Initializer):
    def draw(self, shape, rng):
        return rng.normal(size=shape).tolist()


class _Counts(Initializer):
    def draw(self, shape, rng):
        self.__dict__["drawn"] = self.__dict__.get("drawn", 0) + 1
        return np.full(shape, float(self.drawn))


class _OneForAll(Initializer):
    def __call__(self, shape, dtype="float32", rng=None):
        kept = self.__dict__.setdefault("kept", {})
        return kept.setdefault((tuple(shape), dtype), np.ones(shape, dtype))


class _AlwaysFloat32(Initializer):
    def __call__(self, shape, dtype="float32", rng=None):
        return np.ones(shape, "float32")


class _NotFinite(Initializer):
    def draw(self, shape, rng):
        with np.errstate(all="ignore"):
            return np.ones(shape) / np.zeros(())


class _OtherWeightsElsewhere(Initializer):
    def draw(self, shape, rng):
        return elsewhere(np.ones(shape))


class _FailsElsewhere(Initializer):
    def draw(self, shape, rng):
        return current_backend().xp.ones(shape).astype("float64")


class _Refuses(Initializer):
    def draw(self, shape, rng):
        raise ValueError("vectors only")


@each(
    Fault(_LosesAField, "Initializer '_LosesAField': expected get_config to tell every argument, 'scale' among them"),
    Fault(_LosesAValue, "of the same configuration the same values", {"options": {"scale": 0.5}}),
    Fault(_Unseeded, "the same values from a generator of the same seed.* and from nothing else"),
    Fault(_IgnoresItsSeed, "seed=11 to give the same values each time"),
    Fault(_Turned, r"a NumPy array float32 \(6, 4\); got float32 \(4, 6\)"),
    Fault(_Lists, "values of shape .* got AttributeError"),
    Fault(_Counts, "the same values from a generator of the same seed"),
    Fault(_OneForAll, "an array of its own for each weight; got the same one twice"),
    Fault(_AlwaysFloat32, r"a NumPy array float64 \(6, 4\); got float32"),
    Fault(_NotFinite, "finite numbers as values of shape"),
    Fault(_OtherWeightsElsewhere, "on backend strict: expected numpy's weight"),
    Fault(_FailsElsewhere, "a weight on backend strict; got"),
    Fault(_Refuses, r"values of shape \(6, 4\); got ValueError: vectors only. Say in `shapes`"),
    Fault("dense", "Unknown initializer 'dense'"),
)  # fmt: skip
def test_a_fault_of_an_initializer_is_found(fault):
    check_says(check_initializer, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [(Even, {"options": {"scale": 0.5}}), (lambda: Even(0.1), {}), ("zeros", {}), ("identity", {"shapes": [(3, 3)]})],
)
def test_right_initializers_pass(make, how):
    check_initializer(make, **how)


# schedules ------------------------------------------------------------------------------------------------


class Halving(LearningRateSchedule):
    """Right in every way."""

    start: float = 0.1

    def __call__(self, step):
        return self.start * 0.5 ** float(step)


class _LosesAFieldOfRates(Halving):
    def get_config(self):
        return {"name": self.name}


class _LosesAValueOfRates(Halving):
    def get_config(self):
        return super().get_config() | {"start": 0.1}


class _BelowZero(LearningRateSchedule):
    def __call__(self, step):
        return 0.1 - 0.001 * int(step)


class _Arrays(LearningRateSchedule):
    def __call__(self, step):
        return np.full(1, 0.1)


class _PythonsIntegersOnly(LearningRateSchedule):
    def __call__(self, step):
        return 0.1 * (1 + step) ** -1 if type(step) is int else 0.1


class _Remembers(LearningRateSchedule):
    def __call__(self, step):
        self.__dict__["rate"] = self.__dict__.get("rate", 0.2) * 0.5
        return self.rate


class _OtherRatesElsewhere(LearningRateSchedule):
    def __call__(self, step):
        return elsewhere(0.1)


class _RatesFailElsewhere(LearningRateSchedule):
    def __call__(self, step):
        return float(current_backend().xp.full(1, 0.1).item())


class _Random(LearningRateSchedule):
    def __call__(self, step):
        return float(UNSEEDED.uniform())


class _Nothing(LearningRateSchedule):
    pass


@each(
    Fault(_LosesAFieldOfRates, "Schedule '_LosesAFieldOfRates': expected get_config to tell .* 'start' among them"),
    Fault(_LosesAValueOfRates, "of the same configuration the rate of step 0", {"options": {"start": 0.5}}),
    Fault(_BelowZero, "a number of at least 0 as the rate of step 1000; got -0.9"),
    Fault(_Arrays, r"a number of at least 0 as the rate of step 0; got array\(\[0.1\]\)"),
    Fault(_PythonsIntegersOnly, r"the rate of NumPy's 1000000 .* Call int\(step\) first"),
    Fault(_Remembers, "asked again, the rate of step 1000000"),
    Fault(_OtherRatesElsewhere, "on backend strict: expected 12 steps along a gradient of 1 to end"),
    Fault(_RatesFailElsewhere, "on backend strict: expected an optimizer to take steps by it; got"),
    Fault(_Random, "asked again, the rate of step"),
    Fault(_Nothing, "a rate for step 0; got NotImplementedError"),
)  # fmt: skip
def test_a_fault_of_a_schedule_is_found(fault):
    check_says(check_schedule, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (Halving, {"options": {"start": 0.5}}),
        (lambda: Halving(0.3), {}),
        ("piecewise_constant_decay", {"options": {"boundaries": [3], "values": [1.0, 0.1]}}),
    ],
)
def test_right_schedules_pass(make, how):
    check_schedule(make, **how)
