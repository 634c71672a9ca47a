"""Functions of arrays that run as programs: a single op, and any function of symbols."""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Hashable, Mapping, Sequence
from types import CellType
from typing import Any

import numpy as np

from ..backend import Array, Backend, current_backend
from ..backend.memory import moved
from ..graph import Op, Symbol, Trace, Variable, computing, finish, recording, symbol_of
from ..graph.operators import Operators
from ..graph.types import DEFAULT_FLOAT, agreed, dtype_name, rounded
from ..graph.where import users_line
from ..randomness import next_seed
from .cache import Cache
from .run import Program

_single_ops = Cache("An op", limit=2048, many=None)


@computing
def compute(op: Op, operands: Sequence[Any], options: Mapping[str, Hashable]) -> Array:
    """Apply one op to arrays and numbers, by a program of that one op."""
    backend = current_backend()
    conditions, numbers = operands[: op.condition], operands[op.condition :]
    arrays = [*to_arrays(op.name, conditions, backend), *to_arrays(op.name, numbers, backend)]
    key = op.name, _specs(arrays), tuple(options.items()), backend

    def make() -> Program:
        trace = Trace()
        with recording(trace):
            out = trace.record(op, inputs_of(trace, arrays), options)
        return Program(finish(trace, "compute", [out]), backend, in_place=False)

    return _single_ops.get(key, make).run(_named(arrays))[0]


class Traced:
    """A function of symbols that is called on arrays: traced once for each kind of them, then run as a program.

    Args:
        record: takes symbols and returns a sequence of symbols.
        what: whose programs these are, for the warning about too many of them.
        key: what else makes another program, as seen at each call.
    """

    def __init__(self, record: Callable[..., Sequence[Symbol]], what: str, key: Callable[[], Hashable] = tuple) -> None:
        self._record, self._key = record, key
        self._cache = Cache(what, ("shapes and dtypes", "numbers that it reads from outside", "backend"))
        self._calls = itertools.count(1)

    @functools.cached_property
    def _seed(self) -> int:
        return next_seed()

    def __call__(self, *operands: Any, **numbers: int) -> list[Array]:
        """The outputs, as arrays of the current backend.

        Args:
            operands: arrays, variables and numbers, one for each symbol that is recorded.
            numbers: `seed` and `step` of random bits; its own if they are not given.
        """
        backend = current_backend()
        arrays = to_arrays("convert_to_tensor", [a.value if isinstance(a, Variable) else a for a in operands], backend)

        def make() -> Program:
            trace = Trace()
            with recording(trace):
                outputs = [symbol_of(y) for y in self._record(*inputs_of(trace, arrays))]
            return Program(finish(trace, "call", outputs), backend, in_place=False)

        program = self._cache.get((_specs(arrays), self._key(), backend), make)
        numbers = {"seed": self._seed, "step": next(self._calls)} | numbers if "seed" in program.graph.inputs else {}
        given = {name: backend.from_host(np.asarray(n, np.uint64)) for name, n in numbers.items()}
        return program.run(_named(arrays) | given)


def to_arrays(where: str, operands: Sequence[Any], backend: Backend) -> list[Array]:
    """The operands as the backend's arrays, Python numbers in the dtype that the arrays beside them have.

    Raises:
        TypeError: host arrays are mixed with those of a device, or an operand is a symbol or no array at all.
    """
    operands = [a.item() if isinstance(a, np.generic) else a for a in operands]
    strong = [dtype_name(a.dtype) for a in operands if hasattr(a, "dtype")]
    if any(dtype.startswith("complex") for dtype in strong):
        raise TypeError(f"{users_line()}ops.{where} takes real numbers, got {' and '.join(strong)}.")
    number = agreed(strong, [a for a in operands if isinstance(a, int | float)])
    owned = [not isinstance(a, int | float) and backend.owns(a) for a in operands]
    arrays = []
    for a, own in zip(operands, owned, strict=True):
        if own:
            arrays.append(a)
        elif isinstance(a, int | float):
            arrays.append(backend.from_host(_number(where, a, number)))
        else:
            arrays.append(moved(_host(where, a, backend, any(owned)), backend))
    return arrays


def _number(where: str, a: float, dtype: str) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(rounded(a, dtype), dtype)
    except ValueError as error:
        raise ValueError(f"{users_line()}in ops.{where}: {error}") from None


def _host(where: str, a: Any, backend: Backend, mixed: bool) -> np.ndarray[Any, Any]:
    def place() -> str:
        return f"{users_line()}ops.{where}"

    if isinstance(a, Symbol):
        raise TypeError(f"{place()} was called on {a!r} after its trace had ended: return it from the traced function.")
    if isinstance(a, Operators):
        np.asarray(a)  # a placeholder refuses
    if isinstance(a, np.ndarray) and mixed:
        raise TypeError(
            f"{place()} mixes an array of the backend '{backend.name}' with one of NumPy. Move it by "
            "kcore.ops.convert_to_tensor(array), or bring the other back by kcore.ops.convert_to_numpy(array)."
        )
    if hasattr(a, "dtype") and not isinstance(a, np.ndarray):
        raise TypeError(
            f"{place()} got a {type(a).__module__}.{type(a).__name__}, but the current backend is '{backend.name}'. "
            f"Bring it to the host first, or choose its backend by kcore.use_backend(...)."
        )
    try:
        host = np.asarray(a)
    except ValueError as error:
        raise TypeError(f"{place()} takes arrays and numbers, got {type(a).__name__}: {error}") from None
    if host.dtype.kind not in "biuf":
        raise TypeError(f"{place()} takes arrays and numbers, got {type(a).__name__}: {a!r:.80}.")
    return host.astype(DEFAULT_FLOAT) if host.dtype == np.float64 and not isinstance(a, np.ndarray) else host


def _specs(arrays: Sequence[Array]) -> tuple[Hashable, ...]:
    return tuple((tuple(a.shape), dtype_name(a.dtype)) for a in arrays)


def _named(arrays: Sequence[Array]) -> dict[str, Array]:
    return {f"a{i}": a for i, a in enumerate(arrays)}


def inputs_of(trace: Trace, arrays: Sequence[Array]) -> list[Symbol]:
    """An input of the trace for each array."""
    return [trace.input(f"a{i}", tuple(a.shape), dtype_name(a.dtype)) for i, a in enumerate(arrays)]


def numbers_seen(function: Callable[..., Any]) -> Hashable:
    """The numbers, strings and truth values that a function's closure and globals hold now: a trace freezes them."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return ()
    function = inspect.unwrap(function)
    cells = zip(code.co_freevars, map(_content, function.__closure__ or ()), strict=True)
    seen = [*cells, *((n, function.__globals__.get(n)) for n in code.co_names)]
    return tuple((n, type(v), v) for n, v in seen if isinstance(v, int | float | str | bool))


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # a name that its function has not given a value yet
        return None
