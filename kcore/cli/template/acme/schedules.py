"""Schedules of learning rates."""

from kcore.interfaces import LearningRateSchedule
from kcore.plugin import register


@register("schedules", "halving")
class Halving(LearningRateSchedule):
    """Half the rate after so many steps, and again.

    Args:
        rate: where it begins.
        steps: how many it stays.
    """

    rate: float
    steps: int = 1000

    def __call__(self, step):
        """The rate after so many steps."""
        return self.rate * 0.5 ** (int(step) // self.steps)
