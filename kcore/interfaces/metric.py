"""Metric: a number that tells how well it goes, gathered over batches inside the traced step."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import attrs
import numpy as np

from .. import ops
from ..graph import Variable, current_trace
from ..graph.types import size_of
from ..program import Traced
from .configurable import Configurable, snake_case
from .of_function import OfFunction

State = Mapping[str, Any]


class Metric(Configurable):
    """Pure functions `init`, `update` and `compute` over a state of a few arrays; counts are int64 and sums float64.

    Args:
        name: what histories call it.
    """

    kind: ClassVar[str] = "metrics"

    name: str | None = attrs.field(default=None, kw_only=True)

    # what a subclass says ---------------------------------------------------------------------------------

    def init(self) -> dict[str, np.ndarray[Any, Any]]:
        """The state before any batch."""
        return {"total": np.zeros((), "float64"), "count": np.zeros((), "int64")}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What is to be averaged, one number for each position, in ops: all that a mean needs."""
        raise NotImplementedError(f"{type(self).__name__} has neither `call(self, y_true, y_pred)` nor `update`.")

    def update(self, state: State, y_true: Any, y_pred: Any) -> State:
        """The state after one more batch, in ops."""
        return mean_update(state, self.call(y_true, y_pred))

    def compute(self, state: State) -> Any:
        """The number that a state stands for; the mean, if the state is a total and a count."""
        return float(state["total"]) / max(int(state["count"]), 1)

    # what callers see -------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """Its name, or its class's in snake case."""
        return self.name or snake_case(type(self).__name__)

    @cached_property
    def state(self) -> dict[str, Variable]:
        """The variables that hold its state, by name."""
        return {k: Variable(v, trainable=False, name=f"{self.label}_{k}") for k, v in self.init().items()}

    @property
    def variables(self) -> list[Variable]:
        """The variables that hold its state."""
        return list(self.state.values())

    def update_state(self, *data: Any) -> None:
        """Gather one more batch: (y_true, y_pred), or (values,) for a mean. Recorded inside a trace."""
        if current_trace() is None:
            self._run(*map(ops.convert_to_tensor, data))
        else:
            self._recorded(*data)

    def _recorded(self, *data: Any) -> tuple[()]:
        new = self.update({k: v.value for k, v in self.state.items()}, *data)
        for key, variable in self.state.items():
            variable.assign(new[key])
        return ()

    def result(self) -> float:
        """The number so far."""
        return float(self.compute({k: v.numpy() for k, v in self.state.items()}))

    def reset_state(self) -> None:
        """Begin anew."""
        for key, value in self.init().items():
            self.state[key].assign(value)

    def __call__(self, *data: Any) -> float:
        """Gather one more batch and tell the number so far."""
        self.update_state(*data)
        return self.result()

    @cached_property
    def _run(self) -> Traced:
        return Traced(self._recorded, f"Metric '{self.label}'", lambda: self.version)


class FunctionMetric(OfFunction, Metric):
    """The mean over positions of a plain function of (y_true, y_pred)."""

    function: Any


def mean_update(state: State, values: Any) -> State:
    """A total and a count, after more values."""
    total = state["total"] + ops.sum(ops.cast(values, "float64"))
    return {"total": total, "count": state["count"] + size_of(values.shape)}
