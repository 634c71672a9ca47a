"""The losses as metrics: the mean of each over all samples, not over batches."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs

from kcore import ops
from kcore.interfaces import get, mean_update, same_rank
from kcore.plugin import register

from .named import NamedMetric
from .shapes import alike, kind_of_target


class LossMetric(NamedMetric):
    """The weighted mean of what a loss gives for each position; the loss takes the fields that a subclass adds."""

    loss: ClassVar[str]

    @property
    def label(self) -> str:
        """Its name, or the loss's."""
        return self.name or self.loss

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What the loss gives."""
        return self._made.values(y_true, y_pred)

    def update(self, state: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Add the values up; positions that the loss ignores have no weight, where weights are given, as in Keras."""
        values = self.call(y_true, y_pred)
        mask = None if sample_weight is None else self._made.mask(y_true, y_pred)
        if mask is not None:
            kept = ops.reshape(ops.cast(mask, "float64"), values.shape)
            kept, weight = same_rank(kept, ops.cast(sample_weight, "float64"))
            axes = len(kept.shape) - len(weight.shape)
            sample_weight = kept * (ops.reshape(weight, (*weight.shape, *[1] * axes)) if weight.shape else weight)
        return mean_update(state, values, sample_weight)

    @property
    def _made(self) -> Any:
        options = {f.name: getattr(self, f.name) for f in attrs.fields(type(self)) if f.name not in ("name", "dtype")}
        return get("losses", self.loss, name=self.label, **options)


@register("metrics", "mean_squared_error", aliases=["mse", "MSE"])
class MeanSquaredError(LossMetric):
    """The mean of the loss `mean_squared_error`."""

    loss = "mean_squared_error"


@register("metrics", "mean_absolute_error", aliases=["mae", "MAE"])
class MeanAbsoluteError(LossMetric):
    """The mean of the loss `mean_absolute_error`."""

    loss = "mean_absolute_error"


@register("metrics", "mean_absolute_percentage_error", aliases=["mape", "MAPE"])
class MeanAbsolutePercentageError(LossMetric):
    """The mean of the loss `mean_absolute_percentage_error`."""

    loss = "mean_absolute_percentage_error"


@register("metrics", "mean_squared_logarithmic_error", aliases=["msle", "MSLE"])
class MeanSquaredLogarithmicError(LossMetric):
    """The mean of the loss `mean_squared_logarithmic_error`."""

    loss = "mean_squared_logarithmic_error"


@register("metrics", "hinge")
class Hinge(LossMetric):
    """The mean of the loss `hinge`."""

    loss = "hinge"


@register("metrics", "squared_hinge")
class SquaredHinge(LossMetric):
    """The mean of the loss `squared_hinge`."""

    loss = "squared_hinge"


@register("metrics", "categorical_hinge")
class CategoricalHinge(LossMetric):
    """The mean of the loss `categorical_hinge`."""

    loss = "categorical_hinge"


@register("metrics", "huber", aliases=["huber_loss"])
class Huber(LossMetric):
    """The mean of the loss `huber`, with its options."""

    loss = "huber"
    delta: float = 1.0


@register("metrics", "log_cosh", aliases=["logcosh", "log_cosh_error"])
class LogCoshError(LossMetric):
    """The mean of the loss `logcosh`."""

    loss = "logcosh"


@register("metrics", "kl_divergence", aliases=["kullback_leibler_divergence", "kld", "KLD"])
class KLDivergence(LossMetric):
    """The mean of the loss `kl_divergence`."""

    loss = "kl_divergence"


@register("metrics", "poisson")
class Poisson(LossMetric):
    """The mean of the loss `poisson`."""

    loss = "poisson"


@register("metrics", "binary_crossentropy", aliases=["bce", "BCE"])
class BinaryCrossentropy(LossMetric):
    """The mean of the loss `binary_crossentropy`, with its options."""

    loss = "binary_crossentropy"
    from_logits: bool = False
    label_smoothing: float = 0.0


@register("metrics", "categorical_crossentropy", aliases=["cce", "CCE"])
class CategoricalCrossentropy(LossMetric):
    """The mean of the loss `categorical_crossentropy`, with its options."""

    loss = "categorical_crossentropy"
    from_logits: bool = False
    label_smoothing: float = 0.0
    axis: int = -1


@register("metrics", "sparse_categorical_crossentropy", aliases=["scce", "SCCE"])
class SparseCategoricalCrossentropy(LossMetric):
    """The mean of the loss `sparse_categorical_crossentropy`, with its options."""

    loss = "sparse_categorical_crossentropy"
    from_logits: bool = False
    ignore_class: int | None = None
    axis: int = -1


@register("metrics", "crossentropy", aliases=["ce"])
class AutoCrossentropy(NamedMetric):
    """The crossentropy that the shapes call for, as the name "crossentropy" in compile() means it.

    One prediction a position: `BinaryCrossentropy`. Labels with fewer axes or a last axis of length 1:
    `SparseCategoricalCrossentropy`. Else `CategoricalCrossentropy`.
    """

    @property
    def label(self) -> str:
        """Its name, or "crossentropy"."""
        return self.name or "crossentropy"

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What the loss gives."""
        prefix = {"categorical": "categorical", "binary": "binary", "sparse": "sparse_categorical"}
        loss = f"{prefix[kind_of_target(y_true, y_pred)]}_crossentropy"
        return get("losses", loss, name=self.label).values(y_true, y_pred)


@register("metrics", "root_mean_squared_error", aliases=["rmse", "RMSE"])
class RootMeanSquaredError(NamedMetric):
    """The root of the mean of (y_true - y_pred)^2 over all samples."""

    def update(self, state: Any, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Add the squares up."""
        y_true, y_pred = alike(self, *same_rank(y_true, y_pred))
        return mean_update(state, ops.square(ops.cast(y_true, y_pred.dtype) - y_pred), sample_weight)

    def compute(self, state: Any) -> Any:
        """The root of the mean."""
        return super().compute(state) ** 0.5


@register("metrics", "cosine_similarity", aliases=["cosine_proximity", "cosine"])
class CosineSimilarity(NamedMetric):
    """The cosine of the angle between y_true and y_pred: 1 for one direction, 0 for a right angle or a zero vector.

    The loss of this name is minus it.

    Args:
        axis: along which a vector lies.
    """

    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The cosine at each position."""
        y_true, y_pred = alike(self, *same_rank(y_true, y_pred))
        unit = [ops.normalize(ops.cast(y, y_pred.dtype), self.axis) for y in (y_true, y_pred)]
        return ops.sum(unit[0] * unit[1], self.axis)
