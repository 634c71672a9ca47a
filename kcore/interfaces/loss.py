"""Loss: how far predictions are from the truth, one number for each position, reduced to one."""

from __future__ import annotations

import inspect
from functools import cached_property
from numbers import Real
from typing import Any, ClassVar

import attrs
import numpy as np

from .. import ops
from ..graph import Symbol, Variable, current_trace, running_trace, symbol_of
from ..graph.types import DEFAULT_FLOAT, DType, Shape, dtype_name, is_float, size_of
from ..program import Traced
from .checks import one_of
from .configurable import Configurable, snake_case
from .of_function import OfFunction
from .samplewise import same_rank
from .targets import HostArray, OutputShape, check_fit


def _float_name(dtype: Any) -> DType | None:
    name = None if dtype is None else dtype_name(dtype)
    if name is not None and not is_float(name):
        raise ValueError(f"A loss is computed in floats; got dtype={name!r}.")
    return name


class Loss(Configurable):
    """A function of (y_true, y_pred) that training makes small.

    y_true takes the dtype of y_pred, and a vector beside a column becomes a column too; else its shape is free.

    Args:
        name: what histories call it.
        reduction: "sum_over_batch_size" or "mean", the mean over all positions; "mean_with_sample_weight", the sum over
            that of the weights; "sum"; "none" or None, all numbers.
        dtype: what it is computed in; that of y_pred, if it is None.
    """

    kind: ClassVar[str] = "losses"
    programs: ClassVar[frozenset[str]] = frozenset({"_run"})
    target_dtype: ClassVar[DType | None] = None
    """What y_true is cast to; None means the dtype of y_pred."""

    name: str | None = attrs.field(default=None, kw_only=True)
    reduction: str | None = attrs.field(
        default="sum_over_batch_size",
        kw_only=True,
        validator=one_of("sum_over_batch_size", "sum", "none", "mean", "mean_with_sample_weight", None),
    )
    dtype: str | None = attrs.field(default=None, kw_only=True, converter=_float_name)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        own = vars(cls).get("__call__")
        try:
            inspect.signature(own or Loss.__call__).bind(None, None, None, None)
        except TypeError:
            raise TypeError(
                f"{cls.__name__}.__call__ must take (self, y_true, y_pred, sample_weight=None), as models call it; it "
                f"takes {inspect.signature(own)}. Write call(self, y_true, y_pred) instead, which gives one number for "  # type: ignore[arg-type]
                "each position, and leave __call__, which weights and averages them, as it is."
            ) from None
        super().__init_subclass__(**kwargs)

    # what a subclass says ---------------------------------------------------------------------------------

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss at each position: for y of shape (batch, ..., width), shape (batch, ...)."""
        raise NotImplementedError(
            f"{type(self).__name__} has no `call`. Write call(self, y_true, y_pred) in kcore.ops."
        )

    def target_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """The shape of y_true for predictions of this one; None, if any will do."""
        return None

    def mask(self, y_true: Any, y_pred: Any) -> Any:
        """Which positions count in means; None, if all do."""
        return None

    def check_output(self, shape: OutputShape) -> None:
        """Raise ValueError if the loss means nothing for a model's output of this shape."""

    def check_targets(self, y: HostArray, shape: OutputShape, name: str = "y") -> None:
        """Raise ValueError if targets do not fit a model's output, or hold what the loss cannot take.

        Args:
            y: (samples, ...), on the host.
            shape: the output's, (None, ...).
            name: what to call them, as "validation y".
        """
        wanted = self.target_shape(shape)
        if wanted is not None:
            check_fit(y, wanted, shape, name)

    # what callers see -------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """Its name, or its class's in snake case."""
        return self.name or snake_case(type(self).__name__)

    def target_spec(self, shape: Shape, dtype: DType) -> tuple[Shape, DType]:
        """The shape and dtype in which a model feeds y_true."""
        return self.target_shape(shape) or shape, self.target_dtype or dtype

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """The loss at each position, recorded.

        Raises:
            ValueError: y_true is not of the shape that `target_shape` says.
            TypeError: `call` gives no array.
        """
        y_true, y_pred = self._fitted(y_true, y_pred)
        result = self.call(y_true, y_pred)
        if not isinstance(result, Symbol | Variable | Real | np.ndarray):
            raise TypeError(
                f"Loss '{self.label}' returned {type(result).__name__}: {result!r:.80}. A loss returns one number for "
                "each position, or one for all, made in kcore.ops, as "
                "`return ops.mean(ops.square(y_pred - y_true), axis=-1)`."
            )
        return ops.cast(symbol_of(result), y_pred.dtype)

    def reduce(self, values: Any, sample_weight: Any = None, mask: Any = None) -> Any:
        """One number from those of all positions, as `reduction` says.

        Args:
            values: of shape (batch, ...).
            sample_weight: factors of any shape that broadcasts, or (batch,), (batch, steps), ... for the first axes.
            mask: which values count; a mean is that of those alone.

        Raises:
            ValueError: the weights' shape does not fit.
        """
        weight = sample_weight
        if mask is not None:
            kept = ops.cast(mask, values.dtype)
            if self.reduction in ("mean", "sum_over_batch_size"):
                kept = kept * ops.divide_no_nan(float(size_of(mask.shape)), ops.sum(kept))
            weight = kept if weight is None else ops.multiply(*self._beside(kept, ops.cast(weight, values.dtype)))
        if weight is not None:
            values, weight = self._beside(values, ops.cast(weight, values.dtype))
            values = values * weight
        if self.reduction in (None, "none") or values.shape == ():
            return values
        total = ops.sum(values)
        if self.reduction == "sum":
            return total
        if self.reduction == "mean_with_sample_weight" and weight is not None:
            return ops.divide_no_nan(total, ops.sum(weight))
        return total / float(max(size_of(values.shape), 1))

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The loss of arrays, numbers or symbols, each position times its weight."""
        data = [y_true, y_pred, *([] if sample_weight is None else [sample_weight])]
        if current_trace() is not None:
            return self._recorded(*map(symbol_of, data))[0]
        return self._run(*map(ops.convert_to_tensor, data))[0]

    def _recorded(self, y_true: Symbol, y_pred: Symbol, sample_weight: Symbol | None = None) -> list[Any]:
        values = self.values(y_true, y_pred)
        return [self.reduce(values, sample_weight, self.mask(*self._fitted(y_true, y_pred)))]

    @cached_property
    def _run(self) -> Traced:
        def record(*data: Symbol) -> list[Any]:
            with running_trace().scope("loss"):
                return self._recorded(*data)

        return Traced(record, f"Loss '{self.label}'", lambda: self.version)

    # shapes -----------------------------------------------------------------------------------------------

    def _fitted(self, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
        """The two with as many axes, in their dtypes."""
        dtype = self.dtype or (y_pred.dtype if is_float(y_pred.dtype) else DEFAULT_FLOAT)
        given, wanted = y_true.shape, self.target_shape(y_pred.shape)
        if wanted is None or wanted == y_pred.shape:
            y_true, y_pred = same_rank(y_true, y_pred)
            wanted = wanted and y_pred.shape
        elif given == (*wanted, 1):
            y_true = ops.reshape(y_true, wanted)
        if wanted is not None and y_true.shape != wanted:
            raise ValueError(
                f"Loss '{self.label}': for predictions of shape {y_pred.shape} y_true has shape {wanted}; got {given}."
            )
        return ops.cast(y_true, self.target_dtype or dtype), ops.cast(y_pred, dtype)

    def _beside(self, values: Any, weight: Any) -> tuple[Any, Any]:
        """Values and weights that broadcast."""
        given = weight.shape
        values, weight = same_rank(values, weight)
        rank, other = len(values.shape), len(weight.shape)
        if 0 < other < rank and weight.shape == values.shape[:other]:
            weight = ops.reshape(weight, (*weight.shape, *[1] * (rank - other)))
        try:
            np.broadcast_shapes(values.shape, weight.shape)
        except ValueError:
            raise ValueError(
                f"Loss '{self.label}': sample_weight has shape {given}, but there are losses of shape {values.shape}. "
                f"Give a weight for each sample, shape {values.shape[:1]}, or for each loss."
            ) from None
        return values, weight


class ElementLoss(Loss):
    """A loss that compares y_true and y_pred element by element: they have one shape."""

    def target_shape(self, shape: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """The same."""
        return shape


class FunctionLoss(OfFunction, Loss):
    """A loss made of a plain function of (y_true, y_pred).

    Raises:
        TypeError: the function does not take two arrays.
    """

    function: Any

    def __attrs_post_init__(self) -> None:
        try:
            signature = inspect.signature(self.function)
        except ValueError:  # of a builtin
            return
        try:
            signature.bind(None, None)
        except TypeError:
            raise TypeError(
                f"Loss '{self.label}' is called with (y_true, y_pred), but the function takes {signature}. "
                "Write it as `def loss(y_true, y_pred): return ops.mean(ops.square(y_pred - y_true), axis=-1)`; "
                "if it makes such a function, call it and give what it returns."
            ) from None
