"""Fresh metrics of the same configuration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kcore.interfaces import Metric
from kcore.plugin import register


@register("metrics", "clone_metric")
def clone_metric(metric: Any) -> Any:
    """A fresh metric of the same configuration; what is no Metric, as a function, is given back.

    >>> from kcore import metrics
    >>> metrics.clone_metric(metrics.BinaryAccuracy(threshold=0.8))
    BinaryAccuracy(threshold=0.8)
    """
    return metric.clone() if isinstance(metric, Metric) else metric


@register("metrics", "clone_metrics")
def clone_metrics(metrics: Iterable[Any]) -> list[Any]:
    """A list of what `clone_metric` gives for each."""
    return [clone_metric(metric) for metric in metrics]


clone_metric.__dict__["refused"] = (
    "clone_metric is no metric: clone_metric(metric) gives a fresh metric of the same configuration. "
    'Name what is to be measured, as metrics=["accuracy"] or metrics=[clone_metric(metric)].'
)
clone_metrics.__dict__["refused"] = (
    "clone_metrics is no metric: clone_metrics(metrics) gives a list of fresh metrics of the same configuration. "
    'Name what is to be measured, as metrics=["accuracy"] or metrics=clone_metrics(metrics).'
)
