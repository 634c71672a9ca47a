# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.callback import Callback as Callback
from kcore.interfaces.configurable import serialize as serialize
from kcore_callbacks.checkpoint import ModelCheckpoint as ModelCheckpoint
from kcore_callbacks.csv_logger import CSVLogger as CSVLogger
from kcore_callbacks.early_stopping import EarlyStopping as EarlyStopping
from kcore_callbacks.lambda_callback import LambdaCallback as LambdaCallback
from kcore_callbacks.learning_rate_scheduler import LearningRateScheduler as LearningRateScheduler
from kcore_callbacks.progress import Progress as Progress
from kcore_callbacks.reduce_lr_on_plateau import ReduceLROnPlateau as ReduceLROnPlateau
from kcore_callbacks.terminate_on_nan import TerminateOnNaN as TerminateOnNaN

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
