"""Symbol, what a traced function holds in place of an array, and the refusals that keep a trace honest."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from ..backend import current_backend
from .node import Node
from .operators import OPERATORS, Operators
from .types import DType, Shape
from .where import users_line

METHODS = {"T": "transpose", "mT": "matrix_transpose", "astype": "cast", "dot": "matmul", "flatten": "ravel"}
"""Functions of kcore.ops for methods of arrays that are called otherwise."""


class UnseenError(TypeError):
    """`x.numpy()` was called while ops do not compute: whoever only wants to know shapes can do with other numbers."""


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
        value = "" if self.node.value is None else f" = {self.numpy()}"
        return f"<Symbol {self.node.name or self.node.op} {self.dtype}{list(self.shape)}{value}>"

    def numpy(self) -> Any:
        """Its numbers as a NumPy array, where ops compute while they are recorded: by `compile(run_eagerly=True)`."""
        cure = "Return it from the traced function, or see it by compile(run_eagerly=True)."
        return self._numbers("numpy()", cure, UnseenError)

    def _numbers(self, what: str, instead: str, error: type[TypeError] = TypeError) -> Any:
        if self.node.value is None:
            self._refuse(what, instead, error)
        return current_backend().to_host(self.node.value)

    def _refuse(self, what: str, instead: str, error: type[TypeError] = TypeError) -> NoReturn:
        raise error(
            f"{users_line()}{what} needs numbers, but {self!r} stands for an array that exists only when the "
            f"program runs. {instead}"
        )

    def __bool__(self) -> bool:
        return bool(self._numbers("`if`, `while`, `and`, `not`", "Choose with kcore.ops.where(condition, a, b)."))

    def __float__(self) -> float:
        cure = "Keep it an array and use kcore.ops; convert what the traced function returns."
        return float(self._numbers("float()", cure))

    def __int__(self) -> int:
        return int(self._numbers("int()", 'Use kcore.ops.cast(x, "int64").'))

    __index__ = __int__

    def __iter__(self) -> NoReturn:
        self._refuse(
            "Iterating",
            "Work on the whole array with kcore.ops, split it by kcore.ops.unstack(x), or loop by kcore.ops.scan.",
        )

    def __len__(self) -> NoReturn:  # noqa: PLE0303
        self._refuse("len()", "Use x.shape[0].")

    def __setitem__(self, key: object, value: object) -> NoReturn:
        self._refuse("Assigning to elements", "Make a new array by kcore.ops.where or kcore.ops.slice_update.")

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        return format(self._numbers("Formatting", "Print what the traced function returns.").item(), spec)

    def __getattr__(self, name: str) -> NoReturn:
        """Arrays have methods; symbols have functions."""
        function = METHODS.get(name, name)
        known = hasattr(sys.modules.get("kcore.ops"), function) and not name.startswith("_")
        cure = f" Use kcore.ops.{function}(x)." if known else ""
        raise AttributeError(f"{users_line() if known else ''}{self!r} has no attribute '{name}'.{cure}")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        numbers = self._numbers("Converting to a NumPy array", "Use the function of that name in kcore.ops.")
        return numbers.astype(dtype or numbers.dtype, copy=False)

    def __contains__(self, value: object) -> NoReturn:
        self._refuse("`in`", "Compare by kcore.ops.equal.")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return reflected(self, ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return refuse_numpy(function.__name__, self)


def reflected(what: Operators, ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """`array + symbol` comes here and is recorded; any other function of NumPy's is refused."""
    name = ufunc.__name__
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
