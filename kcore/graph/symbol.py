"""Symbol, what a traced function holds in place of an array, and the refusals that keep a trace honest."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from .node import Node
from .operators import MIRRORED, OPERATORS, Operators
from .types import DType, Shape
from .where import users_line


class Symbol(Operators):
    """A user's handle on a Node: it has a shape and a dtype, but its numbers exist only when the program runs."""

    __slots__ = ("node",)

    def __init__(self, node: Node) -> None:
        self.node = node

    @property
    def shape(self) -> Shape:
        """The length of each axis."""
        return self.node.shape

    @property
    def dtype(self) -> DType:
        """The name of the dtype, as "float32"."""
        return self.node.dtype

    def __repr__(self) -> str:
        return f"<Symbol {self.node.name or self.node.op} {self.dtype}{list(self.shape)}>"

    def _refuse(self, what: str, instead: str) -> NoReturn:
        raise TypeError(
            f"{users_line()}{what} needs numbers, but {self!r} stands for an array that exists only when the "
            f"program runs. {instead}"
        )

    def __bool__(self) -> NoReturn:  # noqa: PLE0304
        self._refuse("`if`, `while`, `and`, `not`", "Choose with kcore.ops.where(condition, a, b).")

    def __float__(self) -> NoReturn:
        self._refuse("float()", "Keep it an array and use kcore.ops; convert what the traced function returns.")

    def __int__(self) -> NoReturn:
        self._refuse("int()", 'Use kcore.ops.cast(x, "int64").')

    __index__ = __int__

    def __iter__(self) -> NoReturn:
        self._refuse("Iterating", "Work on the whole array with kcore.ops, or loop over range(x.shape[0]).")

    def __len__(self) -> NoReturn:  # noqa: PLE0303
        self._refuse("len()", "Use x.shape[0].")

    def __setitem__(self, key: object, value: object) -> NoReturn:
        self._refuse("Assigning to elements", "Make a new array with kcore.ops instead.")

    def __array__(self, *_: object, **__: object) -> NoReturn:
        self._refuse("Converting to a NumPy array", "Use the function of that name in kcore.ops.")

    def __contains__(self, value: object) -> NoReturn:
        self._refuse("`in`", "Compare by kcore.ops.equal.")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return reflected(self, ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return refuse_numpy(function.__name__, self)


def reflected(what: Operators, ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """`array + symbol` comes here and is recorded; any other function of NumPy's is refused."""
    name = ufunc.__name__
    if method == "__call__" and not options and name in MIRRORED:
        return what._apply(MIRRORED[name], *inputs[::-1])
    if method == "__call__" and not options and name in OPERATORS:
        return what._apply(name, *inputs)
    return refuse_numpy(name, what)


def refuse_numpy(name: str, what: object) -> NoReturn:
    """Say which function of kcore.ops to use instead of one of NumPy's."""
    ours = hasattr(sys.modules.get("kcore.ops"), name)
    cure = f"Use kcore.ops.{name}." if ours else "Write it in functions of kcore.ops, which has none of this name."
    raise TypeError(
        f"{users_line()}numpy.{name} was applied to {what!r}, which has no numbers until the program runs. {cure}"
    )
