# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.loss import Loss as Loss
from kcore_standard.losses.categorical_crossentropy import CategoricalCrossentropy as CategoricalCrossentropy
from kcore_standard.losses.mean_squared_error import MeanSquaredError as MeanSquaredError

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""

def categorical_crossentropy(y_true: Any, y_pred: Any, *, from_logits: bool = False) -> Any:
    """-sum(y_true * log(y_pred)) over the last axis, with y_pred scaled to sum 1."""

cce = categorical_crossentropy

def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """mean((y_true - y_pred)^2) over the last axis."""

mse = mean_squared_error
MSE = mean_squared_error
