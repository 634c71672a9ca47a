"""A fault in one kernel of each family is seen by compare_backends, which names the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from kcore import ops
from kcore.backend.selection import backend_named
from kcore.layers import Dense, Dropout, Flatten, Lambda, Permute, SimpleRNN
from kcore.models import Sequential
from kcore.testing import CheckFailedError, compare_backends
from kcore.testing.making import seeded
from tests.agreement import test_networks
from tests.agreement.bodies import check, traced
from tests.agreement.test_networks import Network
from tests.program.random_graphs import in_blocks

body = test_networks.test_a_network_agrees.hypothesis.inner_test


class Faulty:
    """A namespace of which one function is wrong."""

    def __init__(self, namespace: Any, name: str, wrong: Callable[[Any], Any]) -> None:
        self._namespace, self._name, self._wrong = namespace, name, wrong

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._namespace, name)
        if name != self._name:
            return found

        def function(*args: Any, **options: Any) -> Any:
            return self._wrong(self._namespace, found(*args, **options))

        return function


def with_fault(base: str, name: str, wrong: Callable[[Any, Any], Any]) -> Any:
    """A backend like that one, but for one function of its namespace, or its random bits; "blocks" has short loops."""
    kind = type(in_blocks(8)) if base == "blocks" else type(backend_named(base))

    def random_bits(self: Any) -> Callable[..., Any]:
        draw = kind.random_bits(self)
        return lambda *a, **o: wrong(namespace, draw(*a, **o))

    namespace = backend_named(base if base == "strict" else "numpy").xp
    parts: dict[str, Any] = {"name": "faulty"}
    if name == "random_bits":
        parts["random_bits"] = random_bits
    else:
        parts["xp"] = Faulty(namespace, name, wrong)
    return type("FaultyBackend", (kind,), parts)()


def larger(xp: Any, result: Any) -> Any:
    """A thousandth too large."""
    if isinstance(result, np.ndarray):
        result *= 1.001
        return result
    return result * 1.001


def turned(xp: Any, result: Any) -> Any:
    """In the wrong order along the first axis."""
    return xp.flip(result, axis=0)


def moved(xp: Any, result: Any) -> Any:
    """The same, over what was written."""
    if isinstance(result, np.ndarray):
        result[...] = result[::-1].copy()
        return result
    return turned(xp, result)


def network(*layers: Any, shape: tuple[int, ...] = (6,), dtype: str = "float32") -> Any:
    given = [*layers, Dense(3, activation="softmax", dtype=dtype)]
    with seeded(1):
        model = Sequential(given)
        model.build((None, *shape))
    model.compile("rmsprop", "categorical_crossentropy", ["accuracy"])
    rng = np.random.default_rng(0)
    return model, (rng.normal(size=(40, *shape)), np.eye(3)[rng.integers(0, 3, 40)])


@attrs.frozen
class Fault:
    """A function that is wrong, and the kernel that is to be blamed.

    Attributes:
        family: of kernels.
        function: its name in the namespace; several backends may call it differently.
        wrong: what becomes of its result.
        layers: makes the network before its softmax.
        scope, op: of the kernel.
        shape: of a sample.
        turn: of the loop.
    """

    family: str
    function: str
    wrong: Callable[[Any, Any], Any]
    layers: Callable[[str], list[Any]]
    scope: str
    op: str
    shape: tuple[int, ...] = (6,)
    turn: int | None = None


def hidden(dtype: str) -> list[Any]:
    return [Dense(5, activation="tanh", dtype=dtype)]


def dropped(dtype: str) -> list[Any]:
    return [Dense(5, dtype=dtype), Dropout(0.4, dtype=dtype)]


def taken(dtype: str) -> list[Any]:
    return [Lambda(lambda x: ops.take(x, np.array([3, 0, 0]), axis=1), dtype=dtype, name="picked")]


def permuted(dtype: str) -> list[Any]:
    return [Permute((2, 1), dtype=dtype), Flatten(dtype=dtype)]


def recurrent(dtype: str) -> list[Any]:
    return [SimpleRNN(4, dtype=dtype)]


FAULTS = [
    Fault("elementwise", "tanh", larger, hidden, "dense", "tanh"),
    Fault("reduction", "sum", larger, hidden, "dense_1", "sum"),
    Fault("product", "matmul", larger, hidden, "dense", "matmul"),
    Fault("gather", "take", moved, taken, "picked", "take"),
    Fault("view", "permute_dims", turned, permuted, "permute", "permute_dims", (2, 3)),
    Fault("random bits", "random_bits", moved, dropped, "dropout", "random_bits"),
    Fault("optimizer", "sqrt", larger, hidden, "rmsprop", "sqrt"),
    Fault("loop", "tanh", larger, recurrent, "simple_rnn", "tanh", (4, 6), 0),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("base", ["numpy", "blocks", "strict"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.family)
def test_a_fault_is_seen_and_its_kernel_named(fault, base, dtype):
    model, data = network(*fault.layers(dtype), shape=fault.shape, dtype=dtype)
    report = compare_backends(model, data, [with_fault(base, fault.function, fault.wrong)], steps=2)
    assert not report.agrees
    found = report.culprits["faulty"]
    assert (found.scope, found.op, found.turn, found.step) == (fault.scope, fault.op, fault.turn, 1), str(report)
    assert found.largest > found.allowed
    assert any(fault.op in line for line in found.statements)
    assert max(map(len, str(report).splitlines())) <= 80
    with pytest.raises(CheckFailedError, match="The first kernel whose output differs, in step 1"):
        report.check()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op, narrow, wide", [("tanh", 1e-5, 1e-8), ("matmul", 1e-5, 1e-8), ("sqrt", 1e-4, 1e-6)])
def test_a_small_fault_is_seen(op, narrow, wide, dtype):
    """Of some hundred units in the last place of float32, and one that in 20 steps of float64 grows beyond 1e-8."""
    by = narrow if dtype == "float32" else wide
    model, data = network(*hidden(dtype), dtype=dtype)
    report = compare_backends(model, data, [with_fault("strict", op, lambda xp, x: x * (1 + by))])
    assert not report.agrees and report.culprits["faulty"].op == op


def test_the_tests_of_agreement_fail_on_a_fault():
    """They show the first kernel that differs, and the program."""
    faulty = with_fault("strict", "tanh", larger)
    with pytest.raises(AssertionError, match=r"(?s)^result 0 on faulty: .* by its tanh\n.*\n *def body\(a0"):
        check(traced(lambda x: [ops.tanh(x)], [np.ones(3)], [0]), faulty, "elementwise")
    drawn = Network(0, 3, "flatten", [(4, "tanh", 0.2)], "mean_squared_error", "adam", False, 12, 6, seed=1)
    with pytest.raises(AssertionError, match=r"(?s)kernel \d+ \(of 0 to \d+\), by its tanh\n.*The step on faulty:"):
        body(network=drawn, dtype="float64", other=faulty)


def test_other_first_weights_are_seen(monkeypatch):
    drawn = Network(0, 3, "flatten", [], "mean_squared_error", "sgd", False, 12, 6, seed=1)
    made = drawn.model("float64")
    monkeypatch.setattr(Network, "model", lambda self, dtype: made)  # the second fit goes on where the first ended
    with pytest.raises(AssertionError, match="first weights differ"):
        body(network=drawn, dtype="float64", other=backend_named("strict"))


class FaultyInPlace:
    """NumPy, but that its sums are wrong where they are written over their first operand, a matrix."""

    def __getattr__(self, name: str) -> Any:
        if name != "add":
            return getattr(np, name)

        def add(a: Any, b: Any, out: Any = None) -> Any:
            in_place = out is a and out.ndim == 2
            out = np.add(a, b, out=out)
            if in_place:
                out *= 1.001
            return out

        return add


def chained(dtype: str) -> list[Any]:
    return [Lambda(lambda x: ops.tanh(ops.sqrt(ops.square(x) + 0.5) + 0.25), dtype=dtype, name="chain")]


def test_a_fault_of_values_that_a_kernel_keeps_to_itself_is_found():
    """With all values kept no sum is written over its operand: only the kernel as it was shows the fault."""
    model, data = network(*chained("float64"), dtype="float64")
    kind = type("FaultyBackend", (type(in_blocks(8)),), {"name": "faulty", "xp": FaultyInPlace()})
    report = compare_backends(model, data, [kind()])
    assert not report.agrees
    found = report.culprits["faulty"]
    assert found is not None and any(" add(" in line for line in found.statements), str(report)


def test_a_fault_of_memory_is_no_kernel_s():
    model, data = network(*hidden("float64"), dtype="float64")
    kind = type("FaultyBackend", (type(backend_named("numpy")),), {"name": "faulty", "xp": FaultyInPlace()})
    report = compare_backends(model, data, [kind()])
    assert not report.agrees and report.culprits == {"faulty": None}
    assert str(report).endswith("or a kernel writes\ninto memory that is still read.")
