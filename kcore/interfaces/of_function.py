"""OfFunction: what losses and metrics share that are made of a plain function of (y_true, y_pred)."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from ..program import numbers_seen


class OfFunction:
    """Gives what its function gives, under its name; numbers that it reads from outside are part of the version."""

    function: Any
    name: str | None
    _version: int

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What the function gives."""
        return self.function(y_true, y_pred)

    @property
    def label(self) -> str:
        """The function's name, unless another was given."""
        function = getattr(self.function, "func", self.function)  # of a functools.partial
        return self.name or str(getattr(function, "__name__", type(function).__name__))

    @property
    def version(self) -> Hashable:
        """Changes also with those numbers, and with the settings of the object that the function is a method of."""
        owner = getattr(self.function, "__self__", None)
        return self._version, numbers_seen(self.function), getattr(owner, "version", None)
