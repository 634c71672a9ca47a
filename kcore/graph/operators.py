"""Python's operators on symbols and variables, each the op of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from .types import size_of

if TYPE_CHECKING:
    from .types import Shape


OPERATORS = {
    "absolute", "add", "bitwise_and", "bitwise_or", "bitwise_xor", "divide", "equal", "floor_divide", "greater",
    "greater_equal", "invert", "left_shift", "less", "less_equal", "matmul", "multiply", "negative", "not_equal",
    "positive", "power", "remainder", "right_shift", "subtract",
}  # fmt: skip
"""What NumPy calls its functions behind Python's operators, which ops has under the same names."""


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

    @property
    def size(self) -> int:
        """The number of elements."""
        return size_of(self.shape)

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

    def __floordiv__(self, other: object) -> Any:
        return self._apply("floor_divide", self, other)

    def __rfloordiv__(self, other: object) -> Any:
        return self._apply("floor_divide", other, self)

    def __mod__(self, other: object) -> Any:
        return self._apply("remainder", self, other)

    def __rmod__(self, other: object) -> Any:
        return self._apply("remainder", other, self)

    def __pow__(self, other: object) -> Any:
        return self._apply("power", self, other)

    def __rpow__(self, other: object) -> Any:
        return self._apply("power", other, self)

    def __matmul__(self, other: object) -> Any:
        return self._apply("matmul", self, other)

    def __rmatmul__(self, other: object) -> Any:
        return self._apply("matmul", other, self)

    def __neg__(self) -> Any:
        return self._apply("negative", self)

    def __pos__(self) -> Any:
        return self._apply("positive", self)

    def __abs__(self) -> Any:
        return self._apply("absolute", self)

    def __invert__(self) -> Any:
        return self._apply("invert", self)

    def __and__(self, other: object) -> Any:
        return self._apply("bitwise_and", self, other)

    def __rand__(self, other: object) -> Any:
        return self._apply("bitwise_and", other, self)

    def __or__(self, other: object) -> Any:
        return self._apply("bitwise_or", self, other)

    def __ror__(self, other: object) -> Any:
        return self._apply("bitwise_or", other, self)

    def __xor__(self, other: object) -> Any:
        return self._apply("bitwise_xor", self, other)

    def __rxor__(self, other: object) -> Any:
        return self._apply("bitwise_xor", other, self)

    def __lshift__(self, other: object) -> Any:
        return self._apply("left_shift", self, other)

    def __rlshift__(self, other: object) -> Any:
        return self._apply("left_shift", other, self)

    def __rshift__(self, other: object) -> Any:
        return self._apply("right_shift", self, other)

    def __rrshift__(self, other: object) -> Any:
        return self._apply("right_shift", other, self)

    def __getitem__(self, key: Any) -> Any:
        return self._apply("getitem", self, key)

    def __eq__(self, other: object) -> Any:
        return self._apply("equal", self, other)

    def __ne__(self, other: object) -> Any:
        return self._apply("not_equal", self, other)

    def __gt__(self, other: object) -> Any:
        return self._apply("greater", self, other)

    def __ge__(self, other: object) -> Any:
        return self._apply("greater_equal", self, other)

    def __lt__(self, other: object) -> Any:
        return self._apply("less", self, other)

    def __le__(self, other: object) -> Any:
        return self._apply("less_equal", self, other)
