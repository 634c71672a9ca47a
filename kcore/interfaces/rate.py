"""Rate: the numbers that an optimizer holds between steps, and what says how far a step goes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from numbers import Real
from typing import Any

import attrs
import numpy as np

from ..graph.types import DType, Shape
from .checks import number
from .configurable import get


class Kept:
    """What a number that an optimizer holds answers as a variable does; assigning it sets the optimizer's."""

    shape: Shape = ()
    dtype: DType
    owner: Any
    name: str

    def held_by(self, owner: object, name: str) -> Any:
        """Itself, as the attribute of this name."""
        self.owner, self.name = owner, name
        return self

    @property
    def path(self) -> str:
        """Its name, with that of its optimizer before it."""
        return f"{self.owner.label}/{self.name}"

    def numpy(self) -> np.ndarray[Any, Any]:
        """It as a NumPy array."""
        return np.array(self, self.dtype)

    value = property(numpy)

    def assign(self, value: Any) -> None:
        """Let the optimizer hold another number from now on."""
        setattr(self.owner, self.name, value)


class Rate(Kept, float):
    """A learning rate."""

    dtype = "float64"


class Count(Kept, int):
    """How many steps were taken."""

    dtype = "int64"


def rate_field(default: float) -> Any:
    """The field `learning_rate`: a number, a callable of nothing or of the step, or a configuration of a schedule."""
    return attrs.field(default=default, converter=_converted, validator=_check)


def takes_step(given: Any) -> bool:
    """Whether a callable wants to know the step: whether it has an argument that must be given."""
    arguments = inspect.signature(given).parameters.values()
    return any(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in arguments)


def _converted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return get("schedules", value)
    if callable(value):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return value  # for the check to refuse


def _check(owner: object, field: Any, value: Any) -> None:
    if isinstance(value, Real):
        number()(owner, field, value)
    elif not callable(value):
        raise ValueError(
            f"{type(owner).__name__}: {field.name} must be a number of at least 0, a function of the step, or a "
            f"schedule, as kcore.optimizers.schedules.ExponentialDecay; got {value!r}."
        )
