"""LearningRateSchedule: how far a step goes, by the number of steps before it."""

from __future__ import annotations

from typing import ClassVar

import attrs

from .configurable import Configurable


class LearningRateSchedule(Configurable):
    """A function of the count of steps taken, on the host, given to an optimizer as its learning rate.

    Args:
        name: what it is called.
    """

    kind: ClassVar[str] = "schedules"

    name: str | None = attrs.field(default=None, kw_only=True)

    def __call__(self, step: int) -> float:
        """The learning rate of the step before which so many were taken."""
        raise NotImplementedError(f"{type(self).__name__} has no `__call__(self, step)`.")
