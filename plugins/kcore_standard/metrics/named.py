"""NamedMetric: a metric that may be given its name by position."""

from __future__ import annotations

import attrs

from kcore.interfaces import Metric


class NamedMetric(Metric):
    """As Keras's metrics, whose first arguments are `name` and `dtype`."""

    name: str | None = attrs.field(default=None)
    dtype: str = attrs.field(default="float32", converter=lambda dtype: str(dtype or "float32"))
