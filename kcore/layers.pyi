# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.layer import Layer as Layer
from kcore.interfaces.placeholder import Input as Input
from kcore_standard.layers.activation import Activation as Activation
from kcore_standard.layers.dense import Dense as Dense
from kcore_standard.layers.dropout import Dropout as Dropout
from kcore_standard.layers.flatten import Flatten as Flatten
from kcore_standard.layers.gru import GRU as GRU
from kcore_standard.layers.lambda_ import Lambda as Lambda
from kcore_standard.layers.lstm import LSTM as LSTM
from kcore_standard.layers.merging import Add as Add
from kcore_standard.layers.merging import Average as Average
from kcore_standard.layers.merging import Concatenate as Concatenate
from kcore_standard.layers.merging import Dot as Dot
from kcore_standard.layers.merging import Maximum as Maximum
from kcore_standard.layers.merging import Minimum as Minimum
from kcore_standard.layers.merging import Multiply as Multiply
from kcore_standard.layers.merging import Subtract as Subtract
from kcore_standard.layers.reshape import Permute as Permute
from kcore_standard.layers.reshape import RepeatVector as RepeatVector
from kcore_standard.layers.reshape import Reshape as Reshape
from kcore_standard.layers.simple_rnn import SimpleRNN as SimpleRNN

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""

def add(inputs: Any, *options: Any, **named: Any) -> Any:
    """The sum of several arrays."""

def average(inputs: Any, *options: Any, **named: Any) -> Any:
    """The mean of several arrays, element by element."""

def concatenate(inputs: Any, *options: Any, **named: Any) -> Any:
    """Arrays joined along an axis."""

def dot(inputs: Any, *options: Any, **named: Any) -> Any:
    """The products of two arrays, sample by sample, summed over an axis of each."""

def maximum(inputs: Any, *options: Any, **named: Any) -> Any:
    """The largest of several arrays, element by element."""

def minimum(inputs: Any, *options: Any, **named: Any) -> Any:
    """The smallest of several arrays, element by element."""

def multiply(inputs: Any, *options: Any, **named: Any) -> Any:
    """The product of several arrays, element by element."""

def subtract(inputs: Any, *options: Any, **named: Any) -> Any:
    """The first of two arrays less the second."""
