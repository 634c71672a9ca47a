"""Activations: `kcore.activations.relu` and the others that are registered."""

from . import door as _door

__getattr__, __dir__, get, serialize, deserialize = _door.opened(__name__)
