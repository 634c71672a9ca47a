"""Losses: classes such as `MeanSquaredError`, and each as a function of (y_true, y_pred) too."""

from . import door as _door
from .interfaces import Loss as Loss

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
