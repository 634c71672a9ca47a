# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.metric import Metric as Metric
from kcore_standard.metrics.accuracy import Accuracy as Accuracy
from kcore_standard.metrics.accuracy import AutoAccuracy as AutoAccuracy
from kcore_standard.metrics.accuracy import BinaryAccuracy as BinaryAccuracy
from kcore_standard.metrics.accuracy import CategoricalAccuracy as CategoricalAccuracy
from kcore_standard.metrics.accuracy import SparseCategoricalAccuracy as SparseCategoricalAccuracy
from kcore_standard.metrics.auc import AUC as AUC
from kcore_standard.metrics.clone import clone_metric as clone_metric
from kcore_standard.metrics.clone import clone_metrics as clone_metrics
from kcore_standard.metrics.confusion import FalseNegatives as FalseNegatives
from kcore_standard.metrics.confusion import FalsePositives as FalsePositives
from kcore_standard.metrics.confusion import Precision as Precision
from kcore_standard.metrics.confusion import Recall as Recall
from kcore_standard.metrics.confusion import TrueNegatives as TrueNegatives
from kcore_standard.metrics.confusion import TruePositives as TruePositives
from kcore_standard.metrics.f_score import F1Score as F1Score
from kcore_standard.metrics.f_score import FBetaScore as FBetaScore
from kcore_standard.metrics.iou import MeanIoU as MeanIoU
from kcore_standard.metrics.mean import Mean as Mean
from kcore_standard.metrics.mean import MeanMetricWrapper as MeanMetricWrapper
from kcore_standard.metrics.mean import Sum as Sum
from kcore_standard.metrics.of_losses import AutoCrossentropy as AutoCrossentropy
from kcore_standard.metrics.of_losses import BinaryCrossentropy as BinaryCrossentropy
from kcore_standard.metrics.of_losses import CategoricalCrossentropy as CategoricalCrossentropy
from kcore_standard.metrics.of_losses import CategoricalHinge as CategoricalHinge
from kcore_standard.metrics.of_losses import CosineSimilarity as CosineSimilarity
from kcore_standard.metrics.of_losses import Hinge as Hinge
from kcore_standard.metrics.of_losses import Huber as Huber
from kcore_standard.metrics.of_losses import KLDivergence as KLDivergence
from kcore_standard.metrics.of_losses import LogCoshError as LogCoshError
from kcore_standard.metrics.of_losses import MeanAbsoluteError as MeanAbsoluteError
from kcore_standard.metrics.of_losses import MeanAbsolutePercentageError as MeanAbsolutePercentageError
from kcore_standard.metrics.of_losses import MeanSquaredError as MeanSquaredError
from kcore_standard.metrics.of_losses import MeanSquaredLogarithmicError as MeanSquaredLogarithmicError
from kcore_standard.metrics.of_losses import Poisson as Poisson
from kcore_standard.metrics.of_losses import RootMeanSquaredError as RootMeanSquaredError
from kcore_standard.metrics.of_losses import SparseCategoricalCrossentropy as SparseCategoricalCrossentropy
from kcore_standard.metrics.of_losses import SquaredHinge as SquaredHinge
from kcore_standard.metrics.r2 import R2Score as R2Score
from kcore_standard.metrics.top_k import SparseTopKCategoricalAccuracy as SparseTopKCategoricalAccuracy
from kcore_standard.metrics.top_k import TopKCategoricalAccuracy as TopKCategoricalAccuracy

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""

def accuracy(y_true: Any, y_pred: Any) -> Any:
    """The accuracy that the shapes call for, as the name "accuracy" in compile() means it."""

acc = accuracy

def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Any:
    """The share of positions where y_pred lies on that side of the threshold which y_true, 0 or 1, says."""

def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0) -> Any:
    """The mean of the loss `binary_crossentropy`, with its options."""

bce = binary_crossentropy
BCE = binary_crossentropy

def categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The share of positions where the largest prediction stands where the one of the label is; of equals the first."""

def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1) -> Any:
    """The mean of the loss `categorical_crossentropy`, with its options."""

cce = categorical_crossentropy
CCE = categorical_crossentropy

def categorical_hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `categorical_hinge`."""

def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Any:
    """The cosine of the angle between y_true and y_pred: 1 for one direction, 0 for a right angle or a zero vector."""

cosine_proximity = cosine_similarity
cosine = cosine_similarity

def crossentropy(y_true: Any, y_pred: Any) -> Any:
    """The crossentropy that the shapes call for, as the name "crossentropy" in compile() means it."""

ce = crossentropy

def hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `hinge`."""

def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """The mean of the loss `huber`, with its options."""

huber_loss = huber

def kl_divergence(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `kl_divergence`."""

kullback_leibler_divergence = kl_divergence
kld = kl_divergence
KLD = kl_divergence

def log_cosh(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `logcosh`."""

logcosh = log_cosh
log_cosh_error = log_cosh

def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `mean_absolute_error`."""

mae = mean_absolute_error
MAE = mean_absolute_error

def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `mean_absolute_percentage_error`."""

mape = mean_absolute_percentage_error
MAPE = mean_absolute_percentage_error

def mean_metric_wrapper(y_true: Any, y_pred: Any, fn: Any) -> Any:
    """The weighted mean of what a function gives for each position."""

def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `mean_squared_error`."""

mse = mean_squared_error
MSE = mean_squared_error

def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `mean_squared_logarithmic_error`."""

msle = mean_squared_logarithmic_error
MSLE = mean_squared_logarithmic_error

def poisson(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `poisson`."""

def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Any:
    """The share of positions where the largest prediction stands at the index that the label says."""

def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1) -> Any:
    """The mean of the loss `sparse_categorical_crossentropy`, with its options."""

scce = sparse_categorical_crossentropy
SCCE = sparse_categorical_crossentropy

def sparse_top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Any:
    """The share of positions where the class that the label says is among the k of the largest predictions."""

def squared_hinge(y_true: Any, y_pred: Any) -> Any:
    """The mean of the loss `squared_hinge`."""

def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Any:
    """The share of positions where fewer than k predictions are larger than that of the true class."""
