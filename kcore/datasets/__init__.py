"""Data sets, each a module: `from kcore.datasets import mnist`, or `import kcore.datasets.mnist`."""

import sys as _sys
from importlib import import_module as _import_module

from .. import door as _door
from .. import plugin as _plugin
from ..plugin.manager import provider as _provider

__getattr__, __dir__, *_ = _door.opened(__name__)

_errors = _import_module(_provider("datasets").package)
DatasetDamagedError, DatasetUnavailableError = _errors.DatasetDamagedError, _errors.DatasetUnavailableError


def get(name: str) -> object:
    """The data set of this name, an outsider's such as "acme/faces" too: a module with `load_data`."""
    return _plugin.find("datasets", name)


for _entry in _plugin.entries("datasets", outsiders=False):  # `import kcore.datasets.mnist` looks here
    _sys.modules[f"{__name__}.{_entry.name}"] = _entry.thing
