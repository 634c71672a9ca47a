"""Times of the documents' network: a step of kcore in turns with others', what it launches, and whole fits."""

from __future__ import annotations

import ast
import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np

from kcore.backend import use_backend
from kcore.program import Program
from tests.gpu.rivals import Contestant, rivals
from tests.gpu.rounding import rounded
from tests.gpu.sizes import Sizes
from tests.mlp import RATE, data, network

LAUNCHES, GRAPH = "kcore, launches", "kcore, CUDA graph"
QUEUE = 640  # launches: CUDA's queue holds 1024, and the host waits for room when it is full
HOLD = 'extern "C" __global__ void hold(long long n) { long long t = clock64(); while (clock64() - t < n); }'


def jobs(sizes: Sizes) -> dict[str, Callable[[], Any]]:
    """What is measured, by name."""
    return {
        "launches": functools.partial(launches, sizes),
        "steps": functools.partial(steps, sizes),
        "device": functools.partial(device, sizes),
        "fit": functools.partial(fit, sizes, False),
        "fit, CUDA graph": functools.partial(fit, sizes, True),
    }


@contextlib.contextmanager
def graphs(wanted: bool) -> Iterator[None]:
    """Steps are recorded as CUDA graphs within, or not."""
    before = os.environ.pop("KCORE_CUDA_GRAPH", None)
    if wanted:
        os.environ["KCORE_CUDA_GRAPH"] = "1"
    try:
        yield
    finally:
        os.environ.pop("KCORE_CUDA_GRAPH", None)
        if before is not None:
            os.environ["KCORE_CUDA_GRAPH"] = before


def program(sizes: Sizes) -> Program:
    """The training step, filled with a batch."""
    made = network(sizes.units).program("train", batch_size=sizes.batch)
    for name, array in zip("xy", data(sizes.batch), strict=True):
        made.backend.from_host(array, into=made.inputs.places[name])
    return made


def kcore_step(sizes: Sizes, graph: bool, alone: bool = False) -> Contestant:
    """A step of kcore on a batch that is on the device; of a graph perhaps alone, without the upload of its numbers."""
    with graphs(graph), use_backend("cupy") as backend:
        made = program(sizes)

    def begin(number: int) -> None:
        if alone and number > 2:
            made._step()
        else:
            made.step(made.inputs.places, seed=1, step=number, learning_rate=RATE)

    return Contestant(begin, backend.synchronize)


def launches(sizes: Sizes) -> dict[str, int]:
    """What a step calls, each call one launch: products, and the others."""
    with graphs(False), use_backend("cupy"):
        text = program(sizes).text
    lines = [ast.unparse(line.value) for line in ast.parse(text).body[0].body if isinstance(line, ast.Expr)]  # type: ignore[attr-defined]
    products = sum(line.startswith("matmul(") for line in lines)
    return {"products": products, "others": len(lines) - products}


def steps(sizes: Sizes) -> dict[str, Any]:
    """Microseconds of a step of each: medians over groups of steps, in turns."""
    found: dict[str, Any] = {}
    contestants: dict[str, Contestant] = {}
    ours = {name: functools.partial(kcore_step, sizes, graph) for name, graph in ((LAUNCHES, False), (GRAPH, True))}
    makers = ours | {name: functools.partial(make, sizes) for name, make in rivals(sizes).items()}
    for name, make in makers.items():
        try:
            contestants[name] = make()
            group(contestants[name], 0, 5)
        except Exception as error:
            contestants.pop(name, None)
            found[name] = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for turn in range(sizes.rounds):
        for name, contestant in contestants.items():
            taken[name].append(group(contestant, turn * sizes.group, sizes.group))
    for name, pairs in taken.items():
        whole, host = (sorted(p[i] for p in pairs) for i in (0, 1))
        found[name] = {
            "step": rounded(median(whole)), "least": rounded(whole[0]), "most": rounded(whole[-1]),
            "host": rounded(median(host)), "where": contestants[name].where,
        }  # fmt: skip
    return found


def group(contestant: Contestant, first: int, count: int) -> tuple[float, float]:
    """Microseconds of a step, of so many with one wait at the end: altogether, and until the host had begun it."""
    contestant.wait()
    start = time.perf_counter()
    for number in range(first, first + count):
        contestant.step(number)
    begun = time.perf_counter()
    contestant.wait()
    return (time.perf_counter() - start) * 1e6 / count, (begun - start) * 1e6 / count


def device(sizes: Sizes) -> dict[str, Any]:
    """Microseconds of the device for a step, between two events: steps queue up behind a kernel that holds it."""
    import cupy

    hold = None if hasattr(cupy, "standin") else cupy.RawKernel(HOLD, "hold")
    found: dict[str, Any] = {}
    for name, graph in ((LAUNCHES, False), (GRAPH, True)):
        contestant = kcore_step(sizes, graph, alone=graph)
        _, host = group(contestant, 0, 10)
        count = min(sizes.group, QUEUE // 20)
        taken = []
        for turn in range(sizes.rounds):
            begin, end = cupy.cuda.Event(), cupy.cuda.Event()
            if hold is not None:
                hold((1,), (1,), (np.int64(2e3 * (host * count * 1.5 + 500)),))  # cycles of about 2 GHz
            begin.record()
            for number in range(count):
                contestant.step(10 + turn * count + number)
            end.record()
            end.synchronize()
            taken.append(cupy.cuda.get_elapsed_time(begin, end) * 1e3 / count)
        found[name] = rounded(median(taken))
    return found


def fit(sizes: Sizes, graph: bool) -> dict[str, Any]:
    """Seconds of a fit whose data are on the device, after all is compiled; their upload is part of it."""
    x, y = data(sizes.samples)
    with graphs(graph), use_backend("cupy") as backend:
        model = network(sizes.units)
        few = sizes.batch * 3 + sizes.samples % sizes.batch
        model.fit(x[:few], y[:few], batch_size=sizes.batch, epochs=2, verbose=0)
        taken = []
        for _ in range(sizes.fits):
            backend.synchronize()
            start = time.perf_counter()
            model.fit(x, y, batch_size=sizes.batch, epochs=sizes.epochs, verbose=0)
            backend.synchronize()
            taken.append(time.perf_counter() - start)
    return {"seconds": rounded(median(taken)), "epochs": sizes.epochs, "samples": sizes.samples}
