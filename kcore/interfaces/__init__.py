"""What layers, losses, optimizers, metrics, initializers and callbacks are: the classes that plugins extend."""

from .callback import Callback, Callbacks
from .configurable import Configurable, get
from .initializer import Initializer, fans
from .layer import Layer, Seeds
from .loss import FunctionLoss, Loss
from .metric import FunctionMetric, Mean, Metric
from .optimizer import Optimizer

__all__ = [
    "Callback", "Callbacks", "Configurable", "FunctionLoss", "FunctionMetric", "Initializer", "Layer", "Loss", "Mean",
    "Metric", "Optimizer", "Seeds", "fans", "get",
]
