# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.optimizer import Optimizer as Optimizer
from kcore.optimizers import schedules as schedules
from kcore_standard.optimizers.adadelta import Adadelta as Adadelta
from kcore_standard.optimizers.adagrad import Adagrad as Adagrad
from kcore_standard.optimizers.adam import Adam as Adam
from kcore_standard.optimizers.adamax import Adamax as Adamax
from kcore_standard.optimizers.adamw import AdamW as AdamW
from kcore_standard.optimizers.lamb import Lamb as Lamb
from kcore_standard.optimizers.lion import Lion as Lion
from kcore_standard.optimizers.nadam import Nadam as Nadam
from kcore_standard.optimizers.rmsprop import RMSprop as RMSprop
from kcore_standard.optimizers.sgd import SGD as SGD

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
