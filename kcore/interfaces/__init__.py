"""What layers, losses, optimizers, metrics, initializers and callbacks are: the classes that plugins extend."""

from .arguments import Arguments, Spec
from .callback import MOMENTS, Callback, Callbacks, direction
from .checks import number, one_of, whole_number
from .configurable import Configurable, get
from .group import floored
from .initializer import Initializer, fans
from .layer import Layer
from .loss import ElementLoss, FunctionLoss, Loss
from .metric import FunctionMetric, Metric
from .optimizer import Optimizer
from .placeholder import Call, Input, Placeholder
from .rate import rate_field
from .samplewise import mean_update, same_rank, samplewise
from .schedule import LearningRateSchedule
from .seeds import Seeds
from .targets import check_values

__all__ = [
    "MOMENTS",
    "Arguments",
    "Call",
    "Callback",
    "Callbacks",
    "Configurable",
    "ElementLoss",
    "FunctionLoss",
    "FunctionMetric",
    "Initializer",
    "Input",
    "Layer",
    "LearningRateSchedule",
    "Loss",
    "Metric",
    "Optimizer",
    "Placeholder",
    "Seeds",
    "Spec",
    "check_values",
    "direction",
    "fans",
    "floored",
    "get",
    "mean_update",
    "number",
    "one_of",
    "rate_field",
    "same_rank",
    "samplewise",
    "whole_number",
]
