# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.initializer import Initializer as Initializer
from kcore_standard.initializers.constant import Ones as Ones
from kcore_standard.initializers.constant import Zeros as Zeros
from kcore_standard.initializers.glorot import GlorotUniform as GlorotUniform

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
