"""Stateless: what a metric does to its variables as functions of their values, as in Keras."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .. import ops
from ..graph import Variable, current_trace


class Stateless:
    """The functions, made of the methods of those names; the variables themselves stay as they are."""

    if TYPE_CHECKING:

        @property
        def label(self) -> str: ...  # noqa: D102
        @property
        def variables(self) -> list[Variable]: ...  # noqa: D102
        def update_state(self, *args: Any, **kwargs: Any) -> Any: ...  # noqa: D102
        def result(self) -> Any: ...  # noqa: D102
        def reset_state(self) -> None: ...  # noqa: D102

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """What the variables would hold after one more batch if they held `metric_variables` now."""
        with self._holding(metric_variables):
            self.update_state(*args, **kwargs)
            return [_value(v) for v in self.variables]

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """The result if the variables held `metric_variables`."""
        with self._holding(metric_variables):
            result = self.result()
            return _value(result) if isinstance(result, Variable) else result

    def stateless_reset_state(self) -> list[Any]:
        """What the variables hold after a reset."""
        with self._holding([v.value for v in self.variables]):
            self.reset_state()
            return [_value(v) for v in self.variables]

    @contextlib.contextmanager
    def _holding(self, values: Sequence[Any]) -> Iterator[None]:
        variables, trace = self.variables, current_trace()
        if len(values) != len(variables):
            raise ValueError(
                f"Metric '{self.label}' has {len(variables)} variables; metric_variables has {len(values)} values."
            )
        with trace.aside() if trace is not None else _restored(variables):
            for variable, value in zip(variables, values, strict=True):
                variable.assign(value)
            yield


def _value(variable: Variable) -> Any:
    """What a variable holds now, which stays when it changes."""
    return variable.value if current_trace() is not None else ops.convert_to_tensor(variable.numpy())


@contextlib.contextmanager
def _restored(variables: Sequence[Variable]) -> Iterator[None]:
    """What the variables hold now they hold again afterwards."""
    before = [v.numpy() for v in variables]
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
