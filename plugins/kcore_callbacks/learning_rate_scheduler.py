"""LearningRateScheduler: a learning rate for each epoch, by a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from numbers import Real
from typing import Any

from kcore.interfaces import Callback
from kcore.plugin import register


@register("callbacks", "learning_rate_scheduler")
class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch; the logs tell it as `learning_rate`.

    Args:
        schedule: function of (epoch, learning_rate), or of (epoch), that returns the rate; epochs count from 0.
        verbose: 1 to say so.

    Raises:
        TypeError: `schedule` is no function, or returns no number.

    Example:
        >>> halving = LearningRateScheduler(lambda epoch, rate: rate if epoch < 10 else rate / 2)
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        if not callable(schedule):
            raise TypeError(f"LearningRateScheduler takes a function of (epoch, learning_rate); got {schedule!r:.80}.")
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate."""
        optimizer = self.model.optimizer
        rate = self.schedule(*(epoch, float(optimizer.rate()))[: _takes(self.schedule)])
        if not isinstance(rate, Real):
            raise TypeError(
                f"LearningRateScheduler: the function must return a number; for epoch {epoch} got {rate!r:.80}."
            )
        optimizer.learning_rate = float(rate)
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate is {float(rate):g}.", flush=True)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Tell the rate."""
        logs["learning_rate"] = float(self.model.optimizer.rate())


def _takes(function: Callable[..., Any]) -> int:
    """Of how many arguments it is, one or two; two if it does not tell."""
    try:
        inspect.signature(function).bind(0, 0.1)
    except TypeError:
        return 1
    except ValueError:  # a function in C
        return 2
    return 2
