"""check_schedule passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import numpy as np
import pytest

from kcore.backend import current_backend
from kcore.schedules import LearningRateSchedule
from kcore.testing import check_schedule
from tests.testing.faults import UNSEEDED, Fault, check_says, each, elsewhere


class Halving(LearningRateSchedule):
    """Right in every way."""

    start: float = 0.1

    def __call__(self, step):
        return self.start * 0.5 ** float(step)


class _LosesAField(Halving):
    def get_config(self):
        return {"name": self.name}


class _LosesAValue(Halving):
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


class _FailsElsewhere(LearningRateSchedule):
    def __call__(self, step):
        return float(current_backend().xp.full(1, 0.1).item())


class _Random(LearningRateSchedule):
    def __call__(self, step):
        return float(UNSEEDED.uniform())


class _Nothing(LearningRateSchedule):
    pass


@each(
    Fault(_LosesAField, "Schedule '_LosesAField': expected get_config to tell .* 'start' among them"),
    Fault(_LosesAValue, "of the same configuration the rate of step 0", {"options": {"start": 0.5}}),
    Fault(_BelowZero, "a number of at least 0 as the rate of step 1000; got -0.9"),
    Fault(_Arrays, r"a number of at least 0 as the rate of step 0; got array\(\[0.1\]\)"),
    Fault(_PythonsIntegersOnly, r"the rate of NumPy's 1000000 .* Call int\(step\) first"),
    Fault(_Remembers, "asked again, the rate of step 1000000"),
    Fault(_OtherRatesElsewhere, "on backend strict: expected 12 steps along a gradient of 1 to end"),
    Fault(_FailsElsewhere, "on backend strict: expected an optimizer to take steps by it; got"),
    Fault(_Random, "asked again, the rate of step"),
    Fault(_Nothing, "a rate for step 0; got NotImplementedError"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_schedule, fault)


@pytest.mark.parametrize(
    ("make", "how"),
    [
        (Halving, {"options": {"start": 0.5}}),
        (lambda: Halving(0.3), {}),
        ("piecewise_constant_decay", {"options": {"boundaries": [3], "values": [1.0, 0.1]}}),
    ],
)
def test_what_is_right_passes(make, how):
    check_schedule(make, **how)
