"""Callbacks: what is done while a model trains, and the base of your own."""

from . import door as _door
from .interfaces import Callback as Callback

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
