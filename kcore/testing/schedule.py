"""check_schedule: what Keras's and kcore's users expect of any schedule of learning rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from ..backend import use_backend
from ..graph import Variable
from ..interfaces import Optimizer
from .at_hand import backends_at_hand, beginning_on_numpy
from .making import Make, check_configuration, is_registered, label, made, maker
from .report import NUMPY_ALONE, agree, refuse, trying

FEW = 12
LATE = (1_000, 10**6)


class _Plain(Optimizer):
    """A step along the gradient, with a name of its own."""

    def update(self, param: Any, grad: Any, slots: Any, learning_rate: Any) -> Any:
        return param - learning_rate * grad, {}


@beginning_on_numpy
def check_schedule(
    make: Make, *, options: Mapping[str, Any] | None = None, backends: Sequence[str] | None = None
) -> None:
    """Check a schedule of learning rates.

    Its configuration, in an optimizer too; that each rate is a number of at least 0, also late; that it depends on the
    number of the step alone, a Python int or a NumPy one; that an optimizer takes these steps on every backend.

    Args:
        make: its registered name, its class, or a function that makes one.
        options: its arguments.
        backends: those to take steps on beside numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_schedule
    >>> options = {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}
    >>> check_schedule("exponential_decay", options=options, backends=["numpy"])
    """
    make = maker("schedules", make, options)
    schedule = made("schedules", make)
    where = label("schedules", schedule)
    again = check_configuration(where, schedule)
    rates = [_rate(where, schedule, step) for step in (*range(FEW), *LATE)]
    cure = "Let the rate follow from `step` alone: it is asked for again when training goes on."
    for of, what in ((schedule, "asked again"), (made("schedules", make), "a fresh one")):
        for step, wanted in reversed(list(zip((*range(FEW), *LATE), rates, strict=True))):
            _same(where, f"{what}, the rate of step {step}", _rate(where, of, step), wanted, cure)
            _same(
                where, f"the rate of NumPy's {step}", _rate(where, of, np.int64(step)), wanted, "Call int(step) first."
            )
    cure = "Let get_config return every argument as it was given."
    for step in range(FEW):
        _same(where, f"of the same configuration the rate of step {step}", _rate(where, again, step), rates[step], cure)
    for name in backends_at_hand(backends):
        with use_backend(name):
            _check_steps(f"{where} on backend {name}", make, rates)
    if is_registered("schedules", type(schedule)):
        check_configuration(f"An optimizer with {where}", _Plain(made("schedules", make)))


def _rate(where: str, schedule: Any, step: Any) -> float:
    with trying(where, f"a rate for step {step}", "Steps are whole numbers from 0."):
        rate = schedule(step)
    if not isinstance(rate, Real) or not 0 <= float(rate) < np.inf:
        refuse(where, f"a number of at least 0 as the rate of step {step}", repr(rate), "Return float(...).")
    return float(rate)


def _same(where: str, what: str, got: float, wanted: float, cure: str) -> None:
    agree(where, what, np.asarray(got), np.asarray(wanted), "same order", cure)


def _check_steps(where: str, make: Any, rates: Sequence[float]) -> None:
    optimizer, weight = _Plain(made("schedules", make)), Variable(np.zeros(1))
    with trying(where, "an optimizer to take steps by it", NUMPY_ALONE):
        for _ in range(FEW):
            optimizer.apply([np.ones(1)], [weight])
    wanted = -np.sum(rates[:FEW], keepdims=True)
    agree(where, f"{FEW} steps along a gradient of 1 to end", weight.numpy(), wanted, "chain", "Count steps from 0.")
