"""What is made of a user's function by its derivatives: `grad`, `value_and_grad`, `vjp`, `jvp`.

Each takes a function of arrays, nested in tuples, lists and dicts or not, and gives another. Called on arrays that one
runs a program, traced anew for new shapes and dtypes; called inside a trace it is recorded, so that they nest.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph import CAST, Symbol, Trace, Variable, current_trace, running_trace, symbol_of
from ..graph.types import DEFAULT_FLOAT
from ..graph.where import users_line
from ..ops.nesting import leaves, rebuilt, structure
from .differentiate import check_floats, gradients, pullback
from .function import Traced, numbers_seen


class _Nested:
    """A function of nested symbols that is called on nested arrays.

    A Variable among the arguments stands for what it holds, so that it may be read through the argument or directly, as
    the layers of a model read theirs: either way the derivative is for it.

    Args:
        record: the function.
        what: whose programs these are.
        function: the user's, whose numbers from outside are frozen into them.
    """

    def __init__(self, record: Callable[..., Any], what: str, function: Callable[..., Any]) -> None:
        self._record, self._what, self._function = record, what, function
        self._by_nesting: dict[Any, tuple[Traced, list[Any]]] = {}

    def __call__(self, *args: Any) -> Any:
        args = tuple(map(_array_of_numbers, args))
        trace = current_trace()
        if trace is not None:
            return self._record(*rebuilt(args, [_alias(trace, a) for a in leaves(args)]))
        variables = [a if isinstance(a, Variable) else None for a in leaves(args)]
        nesting = structure(args), *map(id, variables)
        if nesting not in self._by_nesting:
            self._by_nesting[nesting] = self._traced(args, variables)
        traced, out = self._by_nesting[nesting]
        values = traced(*(a for a in leaves(args) if not isinstance(a, Variable)))
        return rebuilt(out[0], values)

    def _traced(self, args: Any, variables: Sequence[Variable | None]) -> tuple[Traced, list[Any]]:
        nesting = rebuilt(args, [0.0] * len(variables))
        out: list[Any] = []

        def record(*symbols: Symbol) -> list[Symbol]:
            given = iter(symbols)
            result = self._record(*rebuilt(nesting, [next(given) if v is None else symbol_of(v) for v in variables]))
            out[:] = [result]
            return leaves(result)

        return Traced(record, self._what, lambda: numbers_seen(self._function)), out


def _array_of_numbers(value: Any) -> Any:
    """A list of numbers alone is an array, not a nesting."""
    if not isinstance(value, list) or not all(isinstance(n, int | float) for n in leaves(value)):
        return value
    array = np.asarray(value)
    return array.astype(DEFAULT_FLOAT) if array.dtype == np.float64 else array


def _apart(args: Any) -> Any:
    """The same symbols in containers of their own, since a function may change those that it is given."""
    return rebuilt(args, leaves(args))


def _alias(trace: Trace, value: Any) -> Symbol:
    """A node of its own for an argument, so that the gradient is for this argument and not for what it came from."""
    if isinstance(value, Variable):
        return symbol_of(value)
    if isinstance(value, int | float):
        value = np.asarray(value, DEFAULT_FLOAT)
    node = symbol_of(value).node
    return Symbol(trace.add(CAST, [node], {"dtype": node.dtype}))


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "a function")


def value_and_grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """A function that gives the value of `function`, a scalar, and its gradient.

    Args:
        function: takes arrays and numbers, calls `kcore.ops` on them and returns a scalar.
        argnums: the position of the argument that the gradient is for, or several; counted from 0.

    Returns:
        A function of the same arguments. The gradient is nested as the argument is; of several a tuple.
    """

    def recorded(*args: Any) -> tuple[Symbol, Any]:
        chosen = args[argnums] if isinstance(argnums, int) else tuple(args[i] for i in argnums)
        value = function(*_apart(args))
        if not isinstance(value, Symbol):
            raise TypeError(
                f"{_name(function)} must return a scalar that is computed from its arguments, not {value!r}."
            )
        return value, rebuilt(chosen, gradients(value, leaves(chosen)))

    run = _Nested(recorded, f"The gradient of {_name(function)}", function)

    @functools.wraps(function)
    def call(*args: Any) -> tuple[Any, Any]:
        value, gradient = run(*args)
        return value, gradient

    return call


def grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that gives the gradient of `function`, a scalar; see `value_and_grad`.

    >>> import kcore
    >>> float(kcore.grad(lambda x: x * x)(3.0))
    6.0
    """
    both = value_and_grad(function, argnums)

    @functools.wraps(function)
    def gradient(*args: Any) -> Any:
        return both(*args)[1]

    return gradient


def vjp(function: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of a function, and the function that pulls cotangents of the value back to its arguments.

    Args:
        function: takes and returns arrays, nested or not.
        primals: its arguments.

    Returns:
        What `function` returns, and a function from cotangents, nested as that, to a tuple of cotangents, one for each
        argument: the vector-Jacobian product.

    Raises:
        TypeError: an argument is no float.
        ValueError: the cotangents are nested otherwise than the value, or have other shapes.
    """

    def valued(*args: Any) -> Any:
        check_floats("An argument", leaves(args))
        return _valued(function, args)

    def pulled(args: Any, cotangents: Any) -> Any:
        value = _valued(function, args)
        _same_shapes("cotangent", leaves(cotangents), "the value", leaves(value))
        return tuple(rebuilt(args, pullback(leaves(value), leaves(cotangents), leaves(args))))

    value = _Nested(valued, f"{_name(function)} in vjp", function)(*primals)
    pull = _Nested(pulled, f"The pullback of {_name(function)}", function)

    def pullback_of(cotangents: Any) -> tuple[Any, ...]:
        _alike("cotangents", cotangents, "the value of the function", value)
        back: tuple[Any, ...] = pull(primals, cotangents)
        return back

    return value, pullback_of


def jvp(function: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of a function, and how fast it changes where its arguments change by `tangents`.

    It is the pullback of the pullback, which is linear in its cotangents, so that no op needs a second rule.

    Args:
        function: takes and returns arrays, nested or not.
        primals: its arguments.
        tangents: their directions, nested as they are.

    Returns:
        What `function` returns, and the Jacobian-vector product, nested as that.

    Raises:
        TypeError: an argument is no float.
        ValueError: the tangents are nested otherwise than the arguments, or have other shapes.
    """
    primals, tangents = tuple(primals), tuple(tangents)
    _alike("tangents", tangents, "primals", primals)

    def pushed(args: Any, directions: Any) -> tuple[Any, Any]:
        trace = running_trace()
        check_floats("An argument", leaves(args))
        _same_shapes("tangent", leaves(directions), "the argument", leaves(args))
        value = _valued(function, args)
        free = [_alias(trace, Symbol(trace.constant(0.0, y.shape, y.dtype))) for y in leaves(value)]
        pulled = pullback(leaves(value), free, leaves(args))
        return value, rebuilt(value, pullback(pulled, leaves(directions), free))

    both: tuple[Any, Any] = _Nested(pushed, f"The tangent of {_name(function)}", function)(primals, tangents)
    return both


def _valued(function: Callable[..., Any], args: Any) -> Any:
    """What the function gives, with a symbol for each number."""
    value = function(*_apart(args))
    return rebuilt(value, map(symbol_of, leaves(value)))


def _same_shapes(what: str, given: Sequence[Symbol], of: str, like: Sequence[Symbol]) -> None:
    for i, (a, b) in enumerate(zip(given, like, strict=True)):
        if a.shape != b.shape:
            raise ValueError(
                f"{users_line()}{what} {i} has shape {a.shape}, but {of} that it belongs to has shape {b.shape}: "
                "they must be the same."
            )


def _alike(what: str, given: Any, of: str, like: Any) -> None:
    if structure(given) != structure(like):
        raise ValueError(
            f"{users_line()}the {what} are nested as {structure(given)}, but {of} as {structure(like)}: they must be "
            "alike."
        )
