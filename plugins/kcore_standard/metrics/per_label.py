"""PerLabel: a metric whose state has a place for each label, so that it begins with the first batch."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from kcore.interfaces import Metric


class PerLabel(Metric):
    """`init` may use `self.width`, the length of the last axis of y_pred; before a batch there are no variables."""

    @cached_property
    def width(self) -> int | None:
        """How many labels there are; None before the first batch."""
        return None

    @cached_property
    def _made(self) -> dict[str, Any]:
        return super().state

    @property
    def state(self) -> dict[str, Any]:
        """The variables, by name; none before the first batch."""
        return {} if self.width is None else self._made

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Gather one more batch."""
        if self.width is None:
            y_pred = kwargs["y_pred"] if "y_pred" in kwargs else args[1]
            shape = tuple(getattr(y_pred, "shape", None) or np.shape(y_pred))
            self.__dict__["width"] = self.width_of(shape)
        super().update_state(*args, **kwargs)

    def width_of(self, shape: tuple[int, ...]) -> int:
        """The length of the last axis of predictions of this shape.

        Raises:
            ValueError: they have not the two axes that they need.
        """
        if len(shape) != 2:
            raise ValueError(f"Metric '{self.label}': y_pred has shape (batch, labels); got {shape}.")
        return shape[-1]

    def compute(self, state: Any) -> Any:
        """The number that a state stands for, 0 before any."""
        return self.told_of(state) if state else 0.0

    def told_of(self, state: Any) -> Any:
        """The number that a state stands for."""
        raise NotImplementedError
