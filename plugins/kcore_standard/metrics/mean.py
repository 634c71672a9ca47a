"""Mean: of values, as every model takes it of its loss."""

from __future__ import annotations

from typing import Any

from kcore.interfaces import Metric, mean_update
from kcore.plugin import register


@register("metrics", "mean")
class Mean(Metric):
    """The mean of values over all batches.

    Call arguments:
        values: of any shape.

    >>> from kcore.metrics import Mean
    >>> mean = Mean()
    >>> mean.update_state([1.0, 2.0])
    >>> mean([6.0])
    3.0
    """

    def update(self, state: Any, values: Any, _: Any = None) -> Any:
        """Add the values up."""
        return mean_update(state, values)
