# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.layer import Layer as Layer
from kcore_standard.layers.activation import Activation as Activation
from kcore_standard.layers.dense import Dense as Dense
from kcore_standard.layers.dropout import Dropout as Dropout
from kcore_standard.layers.flatten import Flatten as Flatten
from kcore_standard.layers.input import Input as Input

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
