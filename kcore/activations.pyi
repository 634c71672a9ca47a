# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore_standard.activations import linear as linear
from kcore_standard.activations import relu as relu
from kcore_standard.activations import sigmoid as sigmoid
from kcore_standard.activations import softmax as softmax
from kcore_standard.activations import tanh as tanh

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
