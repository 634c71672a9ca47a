"""Metrics: classes such as `Accuracy`, and each as a function of (y_true, y_pred) where it has one."""

from . import door as _door
from .interfaces import Metric as Metric

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
