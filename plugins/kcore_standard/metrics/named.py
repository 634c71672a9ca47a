"""NamedMetric: a metric that may be given its name by position."""

from __future__ import annotations

from typing import Any

import attrs

from kcore.interfaces import Metric


def dtype_field() -> Any:
    """The field `dtype`, for metrics that have a place for it among their arguments."""
    return attrs.field(default="float32", converter=attrs.fields(Metric).dtype.converter)


class NamedMetric(Metric):
    """As Keras's metrics, whose first arguments are `name` and `dtype`."""

    name: str | None = attrs.field(default=None)
    dtype: str = dtype_field()
