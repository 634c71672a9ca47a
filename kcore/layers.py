"""Layers: `kcore.layers.Dense` and the others that are registered, and the base of your own."""

from . import door as _door
from .interfaces import Input as Input
from .interfaces import Layer as Layer

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
