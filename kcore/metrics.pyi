# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.metric import Metric as Metric
from kcore_standard.metrics.accuracy import Accuracy as Accuracy
from kcore_standard.metrics.mean import Mean as Mean

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""

def accuracy(y_true: Any, y_pred: Any) -> Any:
    """The share of positions where the predicted class is the true one."""

acc = accuracy
