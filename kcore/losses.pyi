# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.loss import Loss as Loss
from kcore_standard.losses.circle import Circle as Circle
from kcore_standard.losses.crossentropy import BinaryCrossentropy as BinaryCrossentropy
from kcore_standard.losses.crossentropy import CategoricalCrossentropy as CategoricalCrossentropy
from kcore_standard.losses.crossentropy import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from kcore_standard.losses.divergence import KLDivergence as KLDivergence
from kcore_standard.losses.divergence import Poisson as Poisson
from kcore_standard.losses.focal import BinaryFocalCrossentropy as BinaryFocalCrossentropy
from kcore_standard.losses.focal import CategoricalFocalCrossentropy as CategoricalFocalCrossentropy
from kcore_standard.losses.focal import CategoricalGeneralizedCrossEntropy as CategoricalGeneralizedCrossEntropy
from kcore_standard.losses.hinge import CategoricalHinge as CategoricalHinge
from kcore_standard.losses.hinge import Hinge as Hinge
from kcore_standard.losses.hinge import SquaredHinge as SquaredHinge
from kcore_standard.losses.overlap import Dice as Dice
from kcore_standard.losses.overlap import Tversky as Tversky
from kcore_standard.losses.regression import CosineSimilarity as CosineSimilarity
from kcore_standard.losses.regression import Huber as Huber
from kcore_standard.losses.regression import LogCosh as LogCosh
from kcore_standard.losses.regression import MeanAbsoluteError as MeanAbsoluteError
from kcore_standard.losses.regression import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from kcore_standard.losses.regression import MeanSquaredError as MeanSquaredError
from kcore_standard.losses.regression import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""

def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """-mean(y_true log(y_pred) + (1 - y_true) log(1 - y_pred)) over the last axis."""

bce = binary_crossentropy
BCE = binary_crossentropy

def binary_focal_crossentropy(y_true: Any, y_pred: Any, apply_class_balancing: bool = False, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """binary_crossentropy times (1 - p)^gamma, p being the probability of the true label: Lin et al., 2017."""

def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """-sum(y_true * log(y_pred)) over the last axis, with y_pred scaled to sum 1."""

cce = categorical_crossentropy
CCE = categorical_crossentropy

def categorical_focal_crossentropy(y_true: Any, y_pred: Any, alpha: float = 0.25, gamma: float = 2.0, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """-sum(alpha (1 - y_pred)^gamma y_true log(y_pred)) over the last axis: Lin et al., 2017."""

def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float = 0.5) -> Any:
    """(1 - p^q) / q, p being the probability of the true class: Zhang and Sabuncu, 2018."""

def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """max(1 + neg - pos, 0): pos is the output of the true class, neg the largest of the others, over the last axis."""

def circle(y_true: Any, y_pred: Any, gamma: float = 80.0, margin: float = 0.4, remove_diagonal: bool = True) -> Any:
    """log(1 + sum(exp(gamma a s)) sum(exp(gamma b t))) over pairs of a batch: Sun et al., Circle loss, 2020."""

def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """Minus the cosine of the angle between y_true and y_pred, -1 where they point the same way."""

cosine_proximity = cosine_similarity

def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred)): Milletari et al., 2016, after Dice, 1945."""

def hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - y_true y_pred, 0)) over the last axis, y_true being -1 or 1; labels 0 and 1 are taken for those."""

def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """The mean of e^2 / 2, and of delta (|e| - delta / 2) where |e| > delta, e = y_pred - y_true: Huber, 1964."""

huber_loss = huber

def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """sum(y_true log(y_true / y_pred)) over the last axis, both held between 1e-7 and 1: Kullback and Leibler, 1951."""

kullback_leibler_divergence = kl_divergence
kld = kl_divergence
KLD = kl_divergence

def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """mean(log(cosh(y_pred - y_true))) over the last axis: a square near 0, |y_pred - y_true| - log(2) far off."""

logcosh = log_cosh

def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """mean(|y_true - y_pred|) over the last axis; where they are equal the gradient is 0."""

mae = mean_absolute_error
MAE = mean_absolute_error

def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """100 mean(|y_true - y_pred| / |y_true|) over the last axis; |y_true| counts as 1e-7 at least."""

mape = mean_absolute_percentage_error
MAPE = mean_absolute_percentage_error

def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """mean((y_true - y_pred)^2) over the last axis."""

mse = mean_squared_error
MSE = mean_squared_error

def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """mean((log(1 + y_true) - log(1 + y_pred))^2) over the last axis; what is below 1e-7 counts as 1e-7."""

msle = mean_squared_logarithmic_error
MSLE = mean_squared_logarithmic_error

def poisson(y_true: Any, y_pred: Any) -> Any:
    """mean(y_pred - y_true log(y_pred + 1e-7)) over the last axis: counts y_true of a mean y_pred, up to a constant."""

def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1) -> Any:
    """-log(y_pred) of the true class, with y_pred scaled to sum 1: for classes given by number."""

scce = sparse_categorical_crossentropy
SCCE = sparse_categorical_crossentropy

def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """mean(max(1 - y_true y_pred, 0)^2) over the last axis, the labels as those of `hinge`."""

def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """1 - both / (both + alpha missed + beta invented), sums of shares of areas: Salehi et al., 2017."""
