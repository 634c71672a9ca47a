"""Monitor: what callbacks have in common that look whether one of the logs has become better."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

import attrs

from kcore.interfaces import Callback, direction, one_of


@attrs.define(slots=False, eq=False, kw_only=True)
class Monitor(Callback):
    """Watches one of the logs.

    Args:
        monitor: the log's name, as "val_loss".
        mode: whether it should become small ("min") or large ("max"), or whatever its name tells ("auto").
    """

    monitor: str = "val_loss"
    mode: str = attrs.field(default="auto", validator=one_of("auto", "min", "max"))

    def becomes_small(self) -> bool:
        """Whether smaller values are better.

        Raises:
            ValueError: the name of the log does not tell.
        """
        mode = direction(self.monitor) if self.mode == "auto" else self.mode
        if mode is None:
            raise ValueError(
                f"{type(self).__name__} cannot tell from the name '{self.monitor}' whether that should become small or "
                'large: give mode="min" or mode="max".'
            )
        return mode == "min"

    def is_better(self, value: float, reference: float | None, min_delta: float = 0.0) -> bool:
        """Whether a value is better than another by more than `min_delta`; anything than None, any number than NaN."""
        if reference is None or math.isnan(reference):
            return reference is None or not math.isnan(value)
        return value + min_delta < reference if self.becomes_small() else value - min_delta > reference

    def watched(self, logs: Mapping[str, float]) -> float | None:
        """The log's value; None, and a warning, if there is none of that name."""
        value = logs.get(self.monitor)
        if value is None:
            cure = " Give fit() validation_data or validation_split." if self.monitor.startswith("val_") else ""
            warnings.warn(
                f"{type(self).__name__} watches '{self.monitor}', which is not among the logs: {', '.join(logs)}."
                + cure * (not any(name.startswith("val_") for name in logs)),
                stacklevel=3,
            )
        return value
