"""Agreement, collected in a table instead of asserted: every op in float32 and float64, and whole networks."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kcore.backend.selection import backend_named
from kcore.testing import compare_backends
from kcore.testing.making import seeded
from kcore.testing.stepping import Stepper
from kcore.testing.tolerances import TOLERANCES, allowed, difference
from tests.agreement import bodies
from tests.agreement.test_networks import fitted, networks
from tests.gpu.rounding import rounded
from tests.gpu.sizes import Sizes
from tests.gpu.times import graphs
from tests.mlp import data, network
from tests.ops.draw import Case, Row
from tests.ops.table import ROWS

Job = Callable[[], Any]
DTYPES = ("float32", "float64")


def ops_jobs(sizes: Sizes, names: Sequence[str] = ()) -> dict[str, Job]:
    """By its name, what compares an op in each dtype."""
    rows = [row for row in ROWS if row.traced and (not names or row.name in names)]
    return {row.name: functools.partial(of_row, row, sizes.examples) for row in rows}


def networks_jobs(sizes: Sizes) -> dict[str, Job]:
    """What compares the documents' network, and some that are drawn: their steps as launches, and as CUDA graphs."""
    found: dict[str, Job] = {"the documents' network": functools.partial(of_documents, sizes)}
    found |= {f"network {i}": functools.partial(of_network, n) for i, n in enumerate(drawn(networks, sizes.networks))}
    return found | {f"{name}, CUDA graphs": functools.partial(_recorded, job) for name, job in found.items()}


def _recorded(job: Job) -> Any:
    with graphs(True):
        return job()


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """The same examples every time."""
    found: list[Any] = []

    @settings(
        max_examples=count + 1, phases=[Phase.generate], derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(example=strategy)
    def draw(example: Any) -> None:
        found.append(example)

    draw()
    return found[-count:]  # the first is the simplest


def of_row(row: Row, count: int) -> dict[str, Any]:
    """How far an op and its gradients are from NumPy's, by dtype."""
    cases: list[Case] = drawn(row.cases, count)
    return {"kind": row.kind} | {
        dtype: summed(apart(bodies.of_row(row, case, dtype), row.kind) for case in cases)
        for dtype in (DTYPES if set(DTYPES) & set(row.dtypes) else row.dtypes[:1])
        if dtype in row.dtypes
    }


def apart(body: bodies.Body, kind: str) -> Iterator[tuple[float, float]]:
    """Of each output on CuPy, how far it is from NumPy's: relative to its largest number, and to what is allowed."""
    steppers = [Stepper(body.graph, backend_named(name)) for name in ("numpy", "cupy")]
    with np.errstate(all="ignore"):
        for _, wanted, got, limit, size in bodies.compared(body, *steppers, kind):
            yield parts(wanted, got, limit, size)


def parts(wanted: np.ndarray, got: np.ndarray, limit: float, size: float) -> tuple[float, float]:
    """A distance relative to the largest number, and to what is allowed."""
    distance = difference(wanted, got)
    largest = max(float(np.abs(wanted[np.isfinite(wanted)]).max(initial=0)), size)
    return tuple(distance / by if by else (math.inf if distance else 0.0) for by in (largest, limit))  # type: ignore[return-value]


def summed(found: Any) -> dict[str, float | str]:
    """The largest of each; or what went wrong."""
    try:
        pairs = [pair for each in found for pair in each]
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    return {"largest": rounded(max(p[0] for p in pairs)), "of allowed": rounded(max(p[1] for p in pairs))}


def of_network(drawn_network: Any) -> dict[str, Any]:
    """How far a network is from NumPy's after 20 steps of fit in float64, and if weights and orders began equal."""
    wanted, got = (fitted(drawn_network, backend_named(name), "float64") for name in ("numpy", "cupy"))
    ends = [(a, got.ends[name]) for name, a in wanted.ends.items()]
    pairs = [parts(a, b, allowed("training", a, size=1.0), 1.0) for a, b in ends]
    bits = zip([*wanted.first, *wanted.orders], [*got.first, *got.orders], strict=True)
    return summed([pairs]) | {"bits": all(np.array_equal(a, b) for a, b in bits), "what": str(drawn_network)}


def of_documents(sizes: Sizes) -> dict[str, Any]:
    """The same of the documents' network, by steps of its program."""
    with seeded(3):
        model = network(sizes.units, "float64")
        told = compare_backends(model, data(4 * sizes.batch), ["cupy"], steps=20, batch_size=sizes.batch)
    worst = max(told.differences, key=lambda d: d.largest / d.allowed)
    part = worst.largest / worst.allowed
    return {
        "largest": rounded(part * TOLERANCES["training", "float64"]), "of allowed": rounded(part), "what": worst.what
    }  # fmt: skip
