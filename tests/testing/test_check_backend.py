"""check_backend fails for what authors of backends most likely do wrong, says what to do, and asks of everything."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from kcore.backend.selection import backend_named
from kcore.graph import OPS, Graph, Trace, finish, recording, symbol_of
from kcore.graph.loop import SCAN, loop_of
from kcore.plugin import entry, register
from kcore.program import Program
from kcore.randomness import Philox
from kcore.testing import check_backend
from kcore.testing.backend_table import rows
from kcore_numpy.backend import NumpyBackend
from kcore_strict.backend import StrictBackend

Function = Callable[..., Any]


class Namespace:
    """A namespace but for a few functions; None: it has none of that name."""

    def __init__(self, namespace: Any, **functions: Function | None) -> None:
        self._namespace, self._functions = namespace, functions

    def __getattr__(self, name: str) -> Any:
        if name in self._functions:
            if self._functions[name] is None:
                raise AttributeError(f"this library has no {name}")
            return self._functions[name]
        return getattr(self._namespace, name)


@attrs.frozen
class Fault:
    """One thing that is wrong, and what the check must say of it.

    Attributes:
        text: of the error.
        methods: of the backend, in place of the right ones.
        functions: of its namespace, given the right namespace and the backend.
        base: the backend that is right but for that.
    """

    text: str
    methods: dict[str, Any] = attrs.field(factory=dict)
    functions: Callable[[Any, Any], dict[str, Function | None]] | None = None
    base: type = StrictBackend

    def backend(self, name: str) -> Any:
        kind = type("Faulty", (self.base,), {"name": name, **self.methods})
        backend = kind()
        if self.functions is not None:
            right = backend.xp
            kind.xp = Namespace(right, **self.functions(right, backend))
        return backend


def on_host(backend: Any, function: Function) -> Function:
    """NumPy's function, for arrays of the backend."""

    def call(*args: Any, **options: Any) -> Any:
        return backend.from_host(np.asarray(function(*map(backend.to_host, args), **options)))

    return call


def shared(self: Any, array: Any, into: Any = None) -> Any:
    made = StrictBackend.from_host(self, array)
    made._array = np.asarray(array)
    return made


def forwards_only(self: Any, array: Any, into: Any = None) -> Any:
    if any(stride < 0 for stride in array.strides):
        raise ValueError("negative strides are not supported")
    return StrictBackend.from_host(self, array)


def at_most_32_bits(self: Any, array: Any, into: Any = None) -> Any:
    return StrictBackend.from_host(self, array.astype("float32") if array.dtype == "float64" else array)


def from_the_other_end(self: Any) -> Function:
    """Elements of a word, the highest bits first."""

    def draw(
        seed: Any, stream: int, step: Any, call: int, time: Any, shape: Any = (), out: Any = None, bits: int = 16
    ) -> Any:
        numbers = (int(self.to_host(n)) for n in (seed, stream, step, call, time))
        shape = shape if out is None else tuple(out.shape)
        count = int(np.prod(shape))
        words = Philox().bits(*numbers, (-(-count * bits // 64),), bits=64)
        return self.from_host(words.astype(">u8").view(f">u{bits // 8}").astype(f"uint{bits}")[:count].reshape(shape))

    return draw


def one_after_the_other(self: Any) -> Function:
    """Other bits at each draw."""
    draw, count = StrictBackend.random_bits(self), iter(range(10**6))
    return lambda seed, stream, step, call, time, **how: draw(seed, stream, step, call, next(count), **how)


def raises(error: Exception) -> Function:
    def call(*_: Any) -> Any:
        raise error

    return call


def turned(xp: Any, backend: Any) -> dict[str, Function | None]:
    """The last of equal elements comes first."""

    def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
        order = np.argsort(np.flip(backend.to_host(x), axis), axis=axis, kind="stable")
        return backend.from_host(x.shape[axis] - 1 - np.flip(np.flip(order, axis), axis))

    return {"argsort": argsort}


def needs_arrays(xp: Any, backend: Any) -> dict[str, Function | None]:
    def where(condition: Any, x: Any, y: Any) -> Any:
        if not (backend.owns(x) and backend.owns(y)):
            raise TypeError("where(): argument must be an array, not float")
        return xp.where(condition, x, y)

    return {"where": where}


def one_scratch(xp: Any, backend: Any) -> dict[str, Function | None]:
    """Every call puts its argument in the same place."""
    place: list[Any] = [None]

    def tanh(x: Any) -> Any:
        place[0] = x
        time.sleep(0)  # another thread's turn
        return xp.tanh(place[0])

    return {"tanh": tanh}


def narrow(xp: Any, x: Any) -> Any:
    return xp.astype(x, xp.int32) if x.dtype == xp.int64 else x


def in_float32(f: Function) -> Function:
    return lambda x: f(x.astype("float32")).astype(x.dtype)


FAULTS = {
    "to_host gives a view": Fault(
        "to_host: expected an array, after what to_host gave was written to,[0] to be 0.0; got 7.0. Let to_host copy",
        {"to_host": lambda self, a: a._array if self.owns(a) else np.array(a)},
    ),
    "from_host shares the host's memory": Fault(
        "after the host array that it was made of was written to,[0] to be 0.0; got 7.0. Let from_host copy",
        {"from_host": shared},
    ),
    "from_host makes float32 of float64": Fault(
        "from_host of float64 (): expected an array that is float64 (); got float32 (). Convert without a change",
        {"from_host": at_most_32_bits},
    ),
    "from_host gives every array an axis": Fault(
        "from_host of float32 (): expected an array that is float32 (); got float32 (1,).",
        {"from_host": lambda self, a, into=None: StrictBackend.from_host(self, np.ascontiguousarray(a))},
    ),
    "from_host refuses what lies backwards": Fault(
        "that lies backwards: expected from_host to take float32 (3,); got ValueError: negative strides are not",
        {"from_host": forwards_only},
    ),
    "to_host takes its own arrays alone": Fault(
        "to_host of 2.5: expected to_host to bring it to the host; got AttributeError",
        {"to_host": lambda self, a: np.array(a._array)},
    ),
    "to_host gives another class": Fault(
        "expected to_host to return a numpy.ndarray; got <class 'numpy.float64'>",
        {"to_host": lambda self, a: StrictBackend.to_host(self, a)[()]},
    ),
    "into is passed over": Fault(
        "from_host(array, into): expected `into` itself, since in_place is True; got another array. Write over `into`",
        {"from_host": lambda self, a, into=None: np.array(a)},
        base=NumpyBackend,
    ),
    "out= is passed over": Fault(
        "got 0.0. With in_place = True functions write to out=, whatever its strides; if they cannot, say",
        functions=lambda xp, backend: {"tanh": lambda x, out=None: np.tanh(x)},
        base=NumpyBackend,
    ),
    "NumPy's arrays are its own": Fault(
        "owns: expected False of a NumPy array; got True. Let `owns` be isinstance(array, the library's array class)",
        {
            "owns": lambda self, a: isinstance(a, self._array | np.ndarray),
            "to_host": lambda self, a: np.array(getattr(a, "_array", a)),
        },
    ),
    "probe raises": Fault(
        "probe: expected None, or why it cannot run here; got ModuleNotFoundError: No module named 'acme'. Look for",
        {"probe": classmethod(raises(ModuleNotFoundError("No module named 'acme'")))},
    ),
    "probe says True": Fault(
        "probe: expected None, or a text that says why it cannot run here; got True.",
        {"probe": classmethod(lambda cls: True)},
    ),
    "probe says that it cannot run": Fault(
        "expected to run here, where it is checked; got acme is not installed. Do what it says, or skip the check.",
        {"probe": classmethod(lambda cls: "acme is not installed")},
    ),
    "its library is not there": Fault(
        "xp: expected a namespace of functions; got ModuleNotFoundError: No module named 'acme'. Let `probe` say that",
        {"xp": property(raises(ModuleNotFoundError("No module named 'acme'")))},
    ),
    "each namespace is another": Fault(
        "xp: expected the same object each time; got another one. Give all who ask one object",
        {"xp": property(lambda self: Namespace(np))},
    ),
    "a dtype has another name": Fault(
        "dtype('uint16'): expected a dtype whose text ends with its name; got AttributeError: this library has no",
        functions=lambda xp, backend: {"uint16": None},
    ),
    "sums are Python's numbers": Fault(
        "xp.sum(x) of float32 (2, 2): expected an array of shape (); got AttributeError",
        functions=lambda xp, backend: {
            "sum": lambda x, **how: x if (y := xp.sum(x, **how)).ndim else float(backend.to_host(y))
        },
    ),
    "sums of integers are int32": Fault(
        "xp.sum of int32 (2, 3): expected the result as int64 (); got int32 (). Whole numbers are summed as int64",
        functions=lambda xp, backend: {"sum": lambda x, **how: narrow(xp, xp.sum(x, **how))},
    ),
    "argmax is int32": Fault(
        "xp.argmax of float32 (2, 4): expected the result as int64 (2,); got int32 (2,). The first of several",
        functions=lambda xp, backend: {"argmax": lambda x, **how: narrow(xp, xp.argmax(x, **how))},
    ),
    "maximum passes over NaN": Fault(
        "xp.maximum of float32 (8, 8), float32 (8, 8): expected the result[0, 1] to be nan; got inf. NaN meets",
        functions=lambda xp, backend: {"maximum": on_host(backend, np.fmax)},
    ),
    "integers are divided towards 0": Fault(
        "xp.floor_divide of int32 (2, 3), int32 (2, 3): expected the result[0, 0] to be -4; got -3. It rounds down",
        functions=lambda xp, backend: {
            "floor_divide": on_host(
                backend, lambda x, y: np.trunc(x / y).astype(x.dtype) if x.dtype.kind == "i" else x // y
            )
        },
    ),
    "argsort is not stable": Fault(
        "xp.argsort of float32 (2, 36): expected the result[0, 0] to be 1; got 35. Equal elements keep their order",
        functions=turned,
    ),
    "take counts from 1": Fault(
        "xp.take of float32 (2, 3, 4), int64 (2, 2): expected the result",
        functions=lambda xp, backend: {"take": lambda x, i, axis: xp.take(x, (i + 1) % x.shape[axis], axis=axis)},
    ),
    "numbers of Python are refused": Fault(
        "got TypeError: where(): argument must be an array, not float. A Python number takes the dtype",
        functions=needs_arrays,
    ),
    "a function is missing": Fault(
        "xp.expm1 of float32 (7,): expected a result; got AttributeError: this library has no expm1. Give `xp`",
        functions=lambda xp, backend: {"expm1": None},
    ),
    "float64 is computed in float32": Fault(
        "xp.exp of float64 (7,): expected the result[0] to be 0.47236655274101",
        functions=lambda xp, backend: {"exp": on_host(backend, in_float32(np.exp))},
    ),
    "asarray does not copy": Fault(
        "an argument, which no function may write to,[0, 1, 1] to be",
        functions=lambda xp, backend: {
            "asarray": lambda x, copy=None, **how: x if copy and backend.owns(x) else xp.asarray(x, **how)
        },
    ),
    "random bits in another order": Fault(
        "random_bits(11, 2, 3, 4, 5) of shape (), bits=16: expected the bits to be",
        {"random_bits": from_the_other_end},
    ),
    "random bits with a history": Fault(
        "Leave random_bits as it is in kcore.backend.Backend, or draw in the order of kcore.randomness.Philox.",
        {"random_bits": one_after_the_other},
    ),
    "threads share memory": Fault(
        "8 threads: expected what each gives",
        functions=one_scratch,
    ),
    "every error is one of memory": Fault(
        "exhausted(ValueError): expected None; got full. Return None unless the library says",
        {"exhausted": lambda self, error: "full"},
    ),
    "arrays are fetched in another order": Fault(
        "fetched: expected what to_host gives for each as float32 (2, 2); got bool (1,).",
        {"fetched": lambda self, arrays: [self.to_host(a) for a in arrays[::-1]]},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_told(name: str) -> None:
    fault = FAULTS[name]
    called = "faulty_" + re.sub(r"\W+", "_", name)
    with pytest.raises(AssertionError) as found:
        check_backend(fault.backend(called))
    assert str(found.value).startswith(f"Backend '{called}'") and fault.text in str(found.value)


def test_what_the_faults_are_planted_in_is_right() -> None:
    for base in (StrictBackend, NumpyBackend):
        check_backend(Fault("", functions=lambda xp, backend: {}, base=base).backend(f"right_{base.name}"))


def test_a_backend_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(entry._table, "backends", dict(entry._table["backends"]))

    class Unready(NumpyBackend):
        name = "unready"

        def __init__(self) -> None:
            raise OSError("libacme.so is not there")

    register("backends", "unready")(Unready)
    text = "Backend 'unready': expected to be made by calling its class; got OSError: libacme.so is not there."
    with pytest.raises(AssertionError, match=re.escape(text)):
        check_backend("unready")
    with pytest.raises(ValueError, match="Unknown backend 'strickt'"):
        check_backend("strickt")


def test_what_is_no_backend_is_refused() -> None:
    text = "Backend 'numpy': expected a subclass of kcore.backend.Backend; got <class "
    with pytest.raises(AssertionError, match=re.escape(text)):
        check_backend(Namespace(backend_named("numpy")))  # type: ignore[arg-type]
    text = "Backend 'numpy': expected an object, or a registered name; got its class. Give NumpyBackend()."
    with pytest.raises(AssertionError, match=re.escape(text)):
        check_backend(NumpyBackend)  # type: ignore[arg-type]


def test_one_without_a_name() -> None:
    text = "Backend 'Faulty': expected a name that is a word, as an attribute of the class; got None. Write name = "
    with pytest.raises(AssertionError, match=re.escape(text)):
        check_backend(Fault("").backend(None))  # type: ignore[arg-type]


# the table


def atoms(graph: Graph) -> set[str]:
    """The names of the ops that a program computes."""
    inside = [atoms(loop_of(n).graph) for n in graph.nodes if n.op is SCAN]
    return {n.op.name for n in graph.nodes if n.op.kind not in ("source", "item")}.union(*inside)


def test_the_table_asks_of_every_function_that_programs_call() -> None:
    covered = {"random_bits"}  # which is asked of by itself
    for row in rows():
        trace = Trace()
        with recording(trace):
            symbols = [trace.input(f"x_{i}", a.shape, str(a.dtype)) for i, a in enumerate(row.arrays)]
            out = row.function(*symbols)
            outs = [symbol_of(y) for y in (out if isinstance(out, list | tuple) else [out])]
        covered |= atoms(Program(finish(trace, "row", outs), backend_named("numpy"), in_place=False).graph)
    written = {
        name
        for name, op in OPS.items()
        if op.kind in ("elementwise", "reduction", "product", "view", "gather", "fresh")
    }
    missing = {name for name in written - covered if "/" not in name}
    assert not missing, "add rows to kcore/testing/backend_table.py"
