"""Schedules give the rates of their formulas, as optimizers ask for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from kcore.interfaces import get
from kcore.optimizers import SGD, schedules
from kcore.schedules import CosineDecay, CosineDecayRestarts, ExponentialDecay, PiecewiseConstantDecay
from kcore.testing.tolerances import TOLERANCES
from tests.standard.rows import registered


@attrs.frozen
class Case:
    name: str
    options: dict[str, Any]
    formula: Callable[[int], float]


def restarts(step: int) -> float:
    """The decays 0 to 5, 5 to 15 and 15 to 35, each half as high as the one before."""
    start, length, height = next((s, n, h) for s, n, h in [(0, 5, 1), (5, 10, 0.5), (15, 20, 0.25)] if step < s + n)
    return 0.1 * (0.9 * height * (1 + math.cos(math.pi * (step - start) / length)) / 2 + 0.1)


SCHEDULES = [
    Case(
        "exponential_decay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5},
        lambda t: 0.1 * 0.5 ** (t / 7),
    ),
    Case(
        "exponential_decay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True},
        lambda t: 0.1 * 0.5 ** (t // 7),
    ),
    Case(
        "inverse_time_decay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5},
        lambda t: 0.1 / (1 + t / 14),
    ),
    Case(
        "inverse_time_decay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.5, "staircase": True},
        lambda t: 0.1 / (1 + (t // 7) / 2),
    ),
    Case(
        "piecewise_constant_decay",
        {"boundaries": [5, 10], "values": [1, 0.5, 0.25]},
        lambda t: 1 if t <= 5 else 0.5 if t <= 10 else 0.25,
    ),
    Case(
        "polynomial_decay",
        {"initial_learning_rate": 0.1, "decay_steps": 8, "end_learning_rate": 0.01, "power": 2},
        lambda t: 0.09 * (1 - min(t, 8) / 8) ** 2 + 0.01,
    ),
    Case(
        "polynomial_decay",
        {"initial_learning_rate": 0.1, "decay_steps": 8, "cycle": True},
        lambda t: 0.0999 * (1 - t / (8 * max(1, math.ceil(t / 8)))) + 0.0001,
    ),
    Case(
        "cosine_decay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "alpha": 0.1},
        lambda t: 0.1 * (0.9 * (1 + math.cos(math.pi * min(t, 20) / 20)) / 2 + 0.1),
    ),
    Case(
        "cosine_decay",
        {"initial_learning_rate": 0.01, "decay_steps": 20, "warmup_target": 0.1, "warmup_steps": 5},
        lambda t: 0.01 + 0.018 * t if t < 5 else 0.05 * (1 + math.cos(math.pi * min(t - 5, 20) / 20)),
    ),
    Case(
        "cosine_decay_restarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "m_mul": 0.5, "alpha": 0.1},
        restarts,
    ),
    Case(
        "cosine_decay_restarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0},
        lambda t: 0.05 * (1 + math.cos(math.pi * (t % 5) / 5)),
    ),
]
cases = pytest.mark.parametrize("case", [pytest.param(c, id=f"{c.name}-{c.options}") for c in SCHEDULES])


def test_every_schedule_has_a_case():
    assert registered("schedules") == {case.name for case in SCHEDULES}


@cases
def test_rates_are_those_of_the_formula(case):
    optimizer = SGD(get("schedules", case.name, **case.options))
    got = []
    for step in range(35):
        optimizer.iterations = step
        got.append(optimizer.rate())
    wanted = [case.formula(step) for step in range(35)]
    np.testing.assert_allclose(got, wanted, rtol=TOLERANCES["same order", "float64"])


@cases
def test_an_optimizer_s_configuration_has_the_schedule_s(case):
    optimizer = SGD(get("schedules", case.name, **case.options))
    again = SGD.from_config(optimizer.get_config())
    assert type(again.learning_rate) is type(optimizer.learning_rate) and again.get_config() == optimizer.get_config()


def test_keras_s_place_for_them_has_the_same():
    assert schedules.ExponentialDecay is ExponentialDecay
    assert set(schedules.__all__) >= {"CosineDecay", "LearningRateSchedule", "PolynomialDecay"}


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: CosineDecay(0.1, 0), r"^CosineDecay: decay_steps must be above 0; got 0\.$"),
        (
            lambda: CosineDecayRestarts(0.1, 5, 0.5),
            r"^CosineDecayRestarts: t_mul must be a number of at least 1; got 0",
        ),
        (
            lambda: PiecewiseConstantDecay([1], [0.1]),
            r"^PiecewiseConstantDecay: 1 boundaries part 2 values; got 1\.$",
        ),
        (lambda: schedules.LearningRateSchedule()(3), r"^LearningRateSchedule has no `__call__\(self, step\)`\.$"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises((ValueError, NotImplementedError), match=message):
        make()
