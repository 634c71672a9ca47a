"""Schedules of learning rates: `kcore.schedules.CosineDecay` and the others that are registered, and their base."""

from . import door as _door
from .interfaces import LearningRateSchedule as LearningRateSchedule

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
