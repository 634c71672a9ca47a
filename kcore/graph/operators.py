"""Python's operators on symbols and variables, each the op of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .types import Shape


OPERATORS = {"add", "subtract", "multiply", "divide", "matmul", "negative", "equal", "greater", "greater_equal"}
MIRRORED = {"less": "greater", "less_equal": "greater_equal"}
"""Comparisons by the name of the one that they are with their operands exchanged."""


class Operators:
    """`a + b` is `ops.add(a, b)`: the mixin of Symbol and Variable."""

    __slots__ = ()
    __hash__ = object.__hash__
    _apply: ClassVar[Callable[..., Any]]  # calls a function of kcore.ops by name; installed by record.py

    if TYPE_CHECKING:

        @property
        def shape(self) -> Shape:  # noqa: D102
            ...

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __add__(self, other: object) -> Any:
        return self._apply("add", self, other)

    def __radd__(self, other: object) -> Any:
        return self._apply("add", other, self)

    def __sub__(self, other: object) -> Any:
        return self._apply("subtract", self, other)

    def __rsub__(self, other: object) -> Any:
        return self._apply("subtract", other, self)

    def __mul__(self, other: object) -> Any:
        return self._apply("multiply", self, other)

    def __rmul__(self, other: object) -> Any:
        return self._apply("multiply", other, self)

    def __truediv__(self, other: object) -> Any:
        return self._apply("divide", self, other)

    def __rtruediv__(self, other: object) -> Any:
        return self._apply("divide", other, self)

    def __matmul__(self, other: object) -> Any:
        return self._apply("matmul", self, other)

    def __rmatmul__(self, other: object) -> Any:
        return self._apply("matmul", other, self)

    def __neg__(self) -> Any:
        return self._apply("negative", self)

    def __getitem__(self, key: Any) -> Any:
        return self._apply("getitem", self, key)

    def __eq__(self, other: object) -> Any:
        return self._apply("equal", self, other)

    def __gt__(self, other: object) -> Any:
        return self._apply("greater", self, other)

    def __ge__(self, other: object) -> Any:
        return self._apply("greater_equal", self, other)

    def __lt__(self, other: object) -> Any:
        return self._apply("greater", other, self)

    def __le__(self, other: object) -> Any:
        return self._apply("greater_equal", other, self)
