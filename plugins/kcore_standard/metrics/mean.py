"""Mean and Sum: of values, as every model takes the mean of its loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from kcore import ops
from kcore.interfaces import FunctionMetric, mean_update, samplewise
from kcore.interfaces.functional import functional
from kcore.plugin import find, register

from .named import NamedMetric


@register("metrics", "mean")
class Mean(NamedMetric):
    """The weighted mean of values over all batches: of what each sample has, its own mean.

    Call arguments:
        values: of any shape, samples along the first axis.
        sample_weight: one number, or one for each sample or position.

    >>> from kcore.metrics import Mean
    >>> mean = Mean()
    >>> mean.update_state([1.0, 2.0])
    >>> mean([6.0])
    3.0
    """

    def update(  # type: ignore[override]  # of values alone
        self, state: Any, values: Any, sample_weight: Any = None
    ) -> Any:
        """Add the values up."""
        return mean_update(state, values, sample_weight)

    @property
    def total(self) -> Any:
        """The variable that holds the weighted sum."""
        return self.state["total"]

    @property
    def count(self) -> Any:
        """The variable that holds the sum of the weights."""
        return self.state["count"]


@register("metrics", "sum")
class Sum(NamedMetric):
    """The weighted sum of values over all batches.

    Call arguments:
        values: of any shape.
        sample_weight: one number, or one for each sample or position.

    >>> from kcore.metrics import Sum
    >>> Sum()([1.0, 3.0, 5.0], sample_weight=[1.0, 1.0, 0.0])
    4.0
    """

    def init(self) -> Any:
        """A sum of nothing."""
        return {"total": np.zeros(())}

    def update(  # type: ignore[override]  # of values alone
        self, state: Any, values: Any, sample_weight: Any = None
    ) -> Any:
        """Add the values up."""
        return {"total": state["total"] + ops.sum(samplewise(values, sample_weight, ops.sum)[0])}

    def compute(self, state: Any) -> Any:
        """The sum."""
        return state["total"]


@register("metrics", "mean_metric_wrapper")
class MeanMetricWrapper(FunctionMetric):
    """The weighted mean of what a function gives for each position.

    Args:
        fn: a function of (y_true, y_pred) and options, in ops; or the name of a metric that has one.
        name: what histories call it; the name of the function if None.
        dtype: as every metric's.
        kwargs: options for the function.

    >>> from kcore import metrics
    >>> hits = metrics.MeanMetricWrapper(metrics.binary_accuracy, threshold=0.8)
    >>> hits([0, 1], [0.7, 0.9])
    1.0
    """

    def __init__(self, fn: Any, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(_function(fn) if isinstance(fn, str) else fn, name=name, dtype=dtype)
        self.options = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What the function gives."""
        return self.function(y_true, y_pred, **self.options)


def _function(name: str) -> Any:
    thing = find("metrics", name)
    return functional(thing) if isinstance(thing, type) else thing
