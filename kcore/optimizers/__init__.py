"""Optimizers: `kcore.optimizers.RMSprop` and the others that are registered, and the base of your own."""

from .. import door as _door
from ..interfaces import Optimizer as Optimizer
from . import schedules as schedules

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
