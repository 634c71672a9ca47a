"""One body, two namespaces: a function of arrays is traced once, and runs on NumPy and on another backend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.backend import Backend
from kcore.backend.selection import backend_named
from kcore.graph import Graph, Symbol, Trace, finish, recording
from kcore.graph.types import is_float
from kcore.program import gradients
from kcore.testing.culprit import first_difference
from kcore.testing.stepping import Batch, State, Stepper
from kcore.testing.tolerances import allowed, difference
from kcore.testing.wide import is_narrow
from tests.ops.draw import Case, Row

SOURCES = ("full", "ones", "zeros")
"""Ops whose results do not depend on the numbers that they are given."""


@attrs.frozen
class Body:
    """A traced function.

    Attributes:
        graph: what it computes: its results, then their gradients.
        results: how many of its outputs are results.
        batch: what it is given.
    """

    graph: Graph
    results: int
    batch: Batch


def traced(
    record: Callable[..., Sequence[Any]], arrays: Sequence[np.ndarray], moving: Sequence[int] = (), **numbers: int
) -> Body:
    """A function of symbols, with the gradients of a weighted sum of its results.

    Args:
        record: the function, which returns symbols.
        arrays: its arguments.
        moving: the positions of those that there is a gradient for.
        numbers: what else its program is given.
    """
    trace = Trace()
    with recording(trace):
        symbols = [trace.input(f"a{i}", a.shape, a.dtype.name) for i, a in enumerate(arrays)]
        results = [y for y in record(*symbols) if isinstance(y, Symbol)]
        slopes: list[Symbol] = []
        parts = [ops.sum(y * np.linspace(0.5, 1.5, y.node.size).reshape(y.shape)) for y in results if is_float(y.dtype)]
        if moving and parts:
            slopes = gradients(sum(parts[1:], parts[0]), [symbols[i] for i in moving])
    named = {f"a{i}": a for i, a in enumerate(arrays)}
    single = {name: a.item() for name, a in named.items() if not a.shape}
    return Body(finish(trace, "body", [*results, *slopes]), len(results), Batch(named, single | numbers))


def of_row(row: Row, case: Case, dtype: str) -> Body:
    """An op and its gradients, of a case in a dtype."""
    floats = dtype in ("float32", "float64")
    arrays = [a if i in row.fixed else (a * (1 if floats else 3)).astype(dtype) for i, a in enumerate(case.arrays)]
    moves = floats and row.differentiable and row.name not in SOURCES
    moving = [i for i in range(len(arrays)) if i not in row.fixed] if moves else []
    return traced(lambda *x: row.results(x, case.options), arrays, moving, **row.numbers)


def check(body: Body, other: Backend, kind: str) -> None:
    """Compare two namespaces; a failure shows the program.

    Args:
        body: what they compute.
        other: the backend beside NumPy.
        kind: of which tolerance in float64 the results are; gradients are chains of such ops.
    """
    home, beside = (Stepper(body.graph, backend) for backend in (backend_named("numpy"), other))
    for what, wanted, got, limit, _ in compared(body, home, beside, kind):
        assert (apart := difference(wanted, got)) <= limit, (
            f"{what} on {other.name}: {apart:.3g} apart, {limit:.3g} allowed{told(home, beside, {}, [body.batch])}"
        )


def compared(
    body: Body, home: Stepper, beside: Stepper, kind: str
) -> Iterator[tuple[str, np.ndarray, np.ndarray, float, float]]:
    """Of each output what it is, its numbers on NumPy and beside it, how far apart they may be, and the largest given.

    Raises:
        AssertionError: a shape or a dtype differs.
    """
    wanted, got = home.step({}, body.batch)[0], beside.step({}, body.batch)[0]
    exact: list[Any] = [None] * len(wanted)
    if is_narrow(body.graph):
        exact = Stepper(home.program.graph, home.backend, wide=True).step({}, body.batch)[0]
    given = [np.abs(a).max(initial=0) for a in body.batch.arrays.values() if a.dtype.kind == "f"]
    size = float(max(given, default=0))
    for i, (a, b, c) in enumerate(zip(wanted, got, exact, strict=True)):
        what = f"result {i}" if i < body.results else f"gradient {i - body.results}"
        assert (a.shape, a.dtype) == (b.shape, b.dtype), f"{what} on {beside.backend.name} is {b.dtype}{list(b.shape)}"
        yield what, a, b, allowed(kind if i < body.results else "chain", a, c, size), size


def told(home: Stepper, beside: Stepper, start: State, batches: Sequence[Batch]) -> str:
    """The first kernel that differs, and the program."""
    found = first_difference(home, beside, start, batches)
    return f"\n\n{found or 'No kernel by itself.'}\n\nThe program on {beside.backend.name}:\n\n{beside.program}"
