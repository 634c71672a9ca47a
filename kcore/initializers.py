"""Initializers: `kcore.initializers.Zeros` and the others that are registered, and the base of your own."""

from . import door as _door
from .interfaces import Initializer as Initializer

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
