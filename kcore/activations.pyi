# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore_standard.activations import celu as celu
from kcore_standard.activations import elu as elu
from kcore_standard.activations import exponential as exponential
from kcore_standard.activations import gelu as gelu
from kcore_standard.activations import glu as glu
from kcore_standard.activations import hard_shrink as hard_shrink
from kcore_standard.activations import hard_sigmoid as hard_sigmoid
from kcore_standard.activations import hard_silu as hard_silu
from kcore_standard.activations import hard_tanh as hard_tanh
from kcore_standard.activations import leaky_relu as leaky_relu
from kcore_standard.activations import linear as linear
from kcore_standard.activations import log_sigmoid as log_sigmoid
from kcore_standard.activations import log_softmax as log_softmax
from kcore_standard.activations import mish as mish
from kcore_standard.activations import relu as relu
from kcore_standard.activations import relu6 as relu6
from kcore_standard.activations import selu as selu
from kcore_standard.activations import sigmoid as sigmoid
from kcore_standard.activations import silu as silu
from kcore_standard.activations import soft_shrink as soft_shrink
from kcore_standard.activations import softmax as softmax
from kcore_standard.activations import softplus as softplus
from kcore_standard.activations import softsign as softsign
from kcore_standard.activations import sparse_plus as sparse_plus
from kcore_standard.activations import sparse_sigmoid as sparse_sigmoid
from kcore_standard.activations import sparsemax as sparsemax
from kcore_standard.activations import squareplus as squareplus
from kcore_standard.activations import tanh as tanh
from kcore_standard.activations import tanh_shrink as tanh_shrink

hard_swish = hard_silu
swish = silu

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
