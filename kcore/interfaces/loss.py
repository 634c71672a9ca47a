"""Loss: how far predictions are from the truth, one number for each position, reduced to one."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import attrs

from .. import ops
from ..graph import Symbol, current_trace, running_trace, symbol_of
from ..graph.types import DType, Shape, size_of
from ..program import Traced
from .checks import one_of
from .configurable import Configurable, snake_case
from .of_function import OfFunction


class Loss(Configurable):
    """A function of (y_true, y_pred) that training makes small.

    Args:
        name: what histories call it.
        reduction: "sum_over_batch_size", the mean over all positions, "sum" or "none".
    """

    kind: ClassVar[str] = "losses"

    name: str | None = attrs.field(default=None, kw_only=True)
    reduction: str = attrs.field(
        default="sum_over_batch_size",
        kw_only=True,
        validator=one_of("sum_over_batch_size", "sum", "none"),
    )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The loss at each position: for y of shape (batch, ..., width), shape (batch, ...)."""
        raise NotImplementedError(
            f"{type(self).__name__} has no `call`. Write call(self, y_true, y_pred) in kcore.ops."
        )

    def target_spec(self, shape: Shape, dtype: DType) -> tuple[Shape, DType]:
        """The shape and dtype of y_true for predictions of these: the same, unless a subclass says more."""
        return shape, dtype

    def check_output(self, shape: tuple[int | None, ...]) -> None:
        """Raise ValueError if the loss means nothing for a model's output of this shape."""

    @property
    def label(self) -> str:
        """Its name, or its class's in snake case."""
        return self.name or snake_case(type(self).__name__)

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """The loss at each position, recorded; y_true takes the dtype of y_pred.

        Raises:
            ValueError: y_true is not of the shape that `target_spec` says.
        """
        shape, _ = self.target_spec(y_pred.shape, y_pred.dtype)
        if y_true.shape != shape:
            raise ValueError(
                f"Loss '{self.label}': for predictions of shape {y_pred.shape} y_true has shape {shape}; "
                f"got {y_true.shape}."
            )
        with running_trace().scope("loss"):
            return self.call(ops.cast(y_true, y_pred.dtype), y_pred)

    def reduce(self, values: Any) -> Any:
        """One number from those of all positions, as `reduction` says."""
        if self.reduction == "none":
            return values
        total = ops.sum(values)
        return total if self.reduction == "sum" else total / float(size_of(values.shape))

    def __call__(self, y_true: Any, y_pred: Any) -> Any:
        """The loss of arrays, numbers or symbols."""
        if current_trace() is not None:
            return self.reduce(self.values(symbol_of(y_true), symbol_of(y_pred)))
        return self._run(ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred))[0]

    @cached_property
    def _run(self) -> Traced:
        def record(y_true: Symbol, y_pred: Symbol) -> list[Symbol]:
            return [self.reduce(self.values(y_true, y_pred))]

        return Traced(record, f"Loss '{self.label}'", lambda: self.version)


class FunctionLoss(OfFunction, Loss):
    """A loss made of a plain function of (y_true, y_pred)."""

    function: Any
