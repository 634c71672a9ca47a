"""Schedules of learning rates, functions of the count t of steps taken. All are plain Python and run on the host."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import attrs

from kcore.interfaces import LearningRateSchedule, number
from kcore.plugin import register

COUNT = number(0)


def _above_zero(owner: object, field: Any, value: Any) -> None:
    COUNT(owner, field, value)
    if value == 0:
        raise ValueError(f"{type(owner).__name__}: {field.name} must be above 0; got {value!r}.")


def _one_more(owner: Any, field: Any, values: Sequence[float]) -> None:
    count = len(owner.boundaries)
    if len(values) != count + 1:
        raise ValueError(f"{type(owner).__name__}: {count} boundaries part {count + 1} values; got {len(values)}.")


@register("schedules", "exponential_decay")
class ExponentialDecay(LearningRateSchedule):
    """initial * decay_rate^(t / decay_steps).

    Args:
        initial_learning_rate: where it begins.
        decay_steps: after how many steps the rate is `decay_rate` times what it was.
        decay_rate: that factor.
        staircase: whether it stays in between, t / decay_steps being rounded down.

    >>> ExponentialDecay(0.5, decay_steps=10, decay_rate=0.5)(20)
    0.125
    """

    initial_learning_rate: float
    decay_steps: float = attrs.field(validator=_above_zero)
    decay_rate: float
    staircase: bool = False

    def __call__(self, step: int) -> float:
        """The rate after so many steps."""
        return float(self.initial_learning_rate * self.decay_rate ** _periods(step, self.decay_steps, self.staircase))


@register("schedules", "inverse_time_decay")
class InverseTimeDecay(LearningRateSchedule):
    """initial / (1 + decay_rate * t / decay_steps).

    Args:
        initial_learning_rate: where it begins.
        decay_steps: how many steps count as 1.
        decay_rate: how much each of these adds to the denominator.
        staircase: whether it stays in between, t / decay_steps being rounded down.
    """

    initial_learning_rate: float
    decay_steps: float = attrs.field(validator=_above_zero)
    decay_rate: float
    staircase: bool = False

    def __call__(self, step: int) -> float:
        """The rate after so many steps."""
        return self.initial_learning_rate / (1 + self.decay_rate * _periods(step, self.decay_steps, self.staircase))


def _periods(step: int, length: float, whole: bool) -> float:
    return math.floor(step / length) if whole else step / length


@register("schedules", "piecewise_constant_decay")
class PiecewiseConstantDecay(LearningRateSchedule):
    """The first value up to and with the first boundary, the next up to and with the next, and the last after all.

    Args:
        boundaries: counts of steps, rising.
        values: the rates, one more than boundaries.

    Raises:
        ValueError: there are not as many values.

    >>> rate = PiecewiseConstantDecay([100, 200], [1.0, 0.5, 0.1])
    >>> rate(100), rate(101), rate(1000)
    (1.0, 0.5, 0.1)
    """

    boundaries: Sequence[float]
    values: Sequence[float] = attrs.field(validator=_one_more)

    def __call__(self, step: int) -> float:
        """The rate after so many steps."""
        return float(self.values[sum(step > b for b in self.boundaries)])


@register("schedules", "polynomial_decay")
class PolynomialDecay(LearningRateSchedule):
    """(initial - end) * (1 - t / decay_steps)^power + end, and end from then on.

    Args:
        initial_learning_rate: where it begins.
        decay_steps: after how many steps it ends.
        end_learning_rate: where it ends.
        power: 1 for a straight line.
        cycle: whether it rises again after each end, towards the next multiple of `decay_steps`.
    """

    initial_learning_rate: float
    decay_steps: float = attrs.field(validator=_above_zero)
    end_learning_rate: float = 0.0001
    power: float = 1.0
    cycle: bool = False

    def __call__(self, step: int) -> float:
        """The rate after so many steps."""
        length = self.decay_steps * (max(math.ceil(step / self.decay_steps), 1) if self.cycle else 1)
        left = 1 - min(step, length) / length
        return float((self.initial_learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate)


@register("schedules", "cosine_decay")
class CosineDecay(LearningRateSchedule):
    """From the top to alpha times the top along half a cosine, after a straight rise to the top if that is wanted.

    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017; the rise: Goyal et
    al., Accurate, Large Minibatch SGD, 2017.

    Args:
        initial_learning_rate: where it begins; the top, unless it rises.
        decay_steps: how many steps it falls.
        alpha: which part of the top remains.
        warmup_target: the top, if it rises to it.
        warmup_steps: how many steps it rises.
    """

    initial_learning_rate: float
    decay_steps: float = attrs.field(validator=_above_zero)
    alpha: float = 0.0
    warmup_target: float | None = attrs.field(default=None, kw_only=True)
    warmup_steps: float = attrs.field(default=0, kw_only=True, validator=COUNT)

    def __call__(self, step: int) -> float:
        """The rate after so many steps."""
        start, top = self.initial_learning_rate, self.warmup_target
        if top is None:
            return start * _fallen(step / self.decay_steps, self.alpha)
        if step < self.warmup_steps:
            return (top - start) * step / self.warmup_steps + start
        return top * _fallen((step - self.warmup_steps) / self.decay_steps, self.alpha)


@register("schedules", "cosine_decay_restarts")
class CosineDecayRestarts(LearningRateSchedule):
    """Cosine decays one after another, each `t_mul` times as long and `m_mul` times as high as the one before.

    Source: Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017.

    Args:
        initial_learning_rate: where the first begins.
        first_decay_steps: how many steps the first takes.
        t_mul: the factor between their lengths.
        m_mul: the factor between their heights.
        alpha: which part of the first height is never fallen below.
    """

    initial_learning_rate: float
    first_decay_steps: float = attrs.field(validator=_above_zero)
    t_mul: float = attrs.field(default=2.0, validator=number(1))
    m_mul: float = 1.0
    alpha: float = 0.0

    def __call__(self, step: int) -> float:
        """The rate after so many steps."""
        left, length, height = float(step), self.first_decay_steps, 1.0
        if self.t_mul == 1:
            count = left // length
            left, height = left - count * length, self.m_mul**count
        while left >= length:
            left, length, height = left - length, length * self.t_mul, height * self.m_mul
        return self.initial_learning_rate * ((1 - self.alpha) * height * _fallen(left / length, 0) + self.alpha)


def _fallen(part: float, alpha: float) -> float:
    """Half a cosine, from 1 to alpha."""
    return (1 - alpha) * 0.5 * (1 + math.cos(math.pi * min(part, 1))) + alpha
