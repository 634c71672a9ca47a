"""What layers, losses, optimizers, metrics, initializers and callbacks are: the classes that plugins extend."""

from .callback import Callback, Callbacks
from .checks import number, one_of, whole_number
from .configurable import Configurable, get
from .initializer import Initializer, fans
from .layer import Layer, Seeds
from .loss import FunctionLoss, Loss
from .metric import FunctionMetric, Metric, mean_update
from .optimizer import Optimizer

__all__ = [
    "Callback",
    "Callbacks",
    "Configurable",
    "FunctionLoss",
    "FunctionMetric",
    "Initializer",
    "Layer",
    "Loss",
    "Metric",
    "Optimizer",
    "Seeds",
    "fans",
    "get",
    "mean_update",
    "number",
    "one_of",
    "whole_number",
]
