"""What crosses between host and device, and how often the host waits, in an epoch of fit."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kcore.backend import use_backend
from tests.gpu.sizes import Sizes
from tests.mlp import data, network

CROSSINGS = ("uploads", "downloads", "synchronizations")
DOWNLOADS = "get item tolist __float__ __int__ __bool__ __complex__ __repr__ __str__"
MAKERS = "array asarray ascontiguousarray asanyarray"
COPIES = "memcpy memcpyAsync"


class Watch:
    """Counts what Python can see of it, by functions of CuPy that are replaced within the block.

    What CuPy's compiled code does by itself does not pass here: an upload of an index, say. `profiled` sees that too.
    """

    def __init__(self) -> None:
        self.seen = Counter[str]()
        self._inside = 0

    def __enter__(self) -> Watch:
        self._patches = contextlib.ExitStack()
        try:
            for owner, name, counts in self._places():
                self._replace(owner, name, counts)
        except BaseException:
            self._patches.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._patches.close()

    def _places(self) -> Iterator[tuple[Any, str, Callable[..., tuple[str, ...]]]]:
        import cupy

        def down(*_: Any, **__: Any) -> tuple[str, ...]:
            return "downloads", "synchronizations"

        def up(_: Any, __: Any, stream: Any = None, *, blocking: bool = True) -> tuple[str, ...]:
            return ("uploads",) if stream is not None else ("uploads", "synchronizations")

        def made(of: Any, *_: Any, **__: Any) -> tuple[str, ...]:
            return () if isinstance(of, cupy.ndarray) else ("uploads",)

        def wait(*_: Any) -> tuple[str, ...]:
            return ("synchronizations",)

        def copied(to: int, of: int, size: int, kind: int, *_: Any) -> tuple[str, ...]:
            return {1: ("uploads",), 2: ("downloads",)}.get(kind, ())  # cudaMemcpyKind

        yield cupy.ndarray, "set", up
        for name in DOWNLOADS.split():
            yield cupy.ndarray, name, down
        for name in MAKERS.split():
            yield cupy, name, made
        for owner in (cupy.cuda.Stream, cupy.cuda.Event):
            yield owner, "synchronize", wait
        for name in ("deviceSynchronize", "streamSynchronize", "eventSynchronize"):
            yield cupy.cuda.runtime, name, wait
        for name in COPIES.split():
            yield cupy.cuda.runtime, name, copied

    def _replace(self, owner: Any, name: str, counts: Callable[..., tuple[str, ...]]) -> None:
        original = getattr(owner, name, None)
        if original is None:
            return

        @functools.wraps(original, assigned=("__name__", "__doc__"))
        def counted(*args: Any, **kwargs: Any) -> Any:
            if not self._inside:  # else it is a part of what was counted
                self.seen.update(counts(*args, **kwargs))
            self._inside += 1
            try:
                return original(*args, **kwargs)
            finally:
                self._inside -= 1

        self._patches.enter_context(patch.object(owner, name, counted))


def jobs(sizes: Sizes) -> dict[str, Callable[[], Any]]:
    """An epoch with all data on the device, one with an upload for each batch, and both as CUPTI sees them."""
    return {
        "on the device": functools.partial(epoch, sizes, True),
        "batch by batch": functools.partial(epoch, sizes, False),
        "on the device, by CUPTI": functools.partial(by_cupti, sizes, True),
        "batch by batch, by CUPTI": functools.partial(by_cupti, sizes, False),
    }


@contextlib.contextmanager
def warm(sizes: Sizes, kept: bool) -> Iterator[Callable[[], object]]:
    """A fit of one epoch whose programs are made."""
    from kcore_cupy.backend import CupyBackend

    x, y = data(sizes.samples)
    few = sizes.batch + sizes.samples % sizes.batch
    away = contextlib.nullcontext() if kept else patch.object(CupyBackend, "memory", lambda self: None)
    with use_backend("cupy"), away:
        model = network(sizes.units)
        model.fit(x[:few], y[:few], batch_size=sizes.batch, verbose=0)
        yield lambda: model.fit(x, y, batch_size=sizes.batch, verbose=0)


def epoch(sizes: Sizes, kept: bool) -> dict[str, int]:
    """What an epoch of fit crosses."""
    with warm(sizes, kept) as fit, Watch() as watch:
        fit()
    return {"batches": sizes.steps} | {name: watch.seen[name] for name in CROSSINGS}


def by_cupti(sizes: Sizes, kept: bool) -> dict[str, Any]:
    """The same as NVIDIA's own counters tell, which torch's profiler reads for the whole process."""
    import cupy

    if hasattr(cupy, "standin") or importlib.util.find_spec("torch") is None:
        return {"error": "not seen: it takes a GPU and torch"}
    import torch
    from torch.profiler import ProfilerActivity, profile

    torch.cuda.init()
    with warm(sizes, kept) as fit:
        with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as seen:
            fit()
            torch.cuda.synchronize()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trace.json"
            seen.export_chrome_trace(str(path))
            events = json.loads(path.read_text("utf-8"))["traceEvents"]
    return {"batches": sizes.steps} | told(events)


def told(events: list[dict[str, Any]]) -> dict[str, Any]:
    """How often what happened, of a trace's events: on the device, and the calls that wait."""
    on_device = Counter[str]()
    waits = Counter[str]()
    for event in events:
        kind, name = str(event.get("cat")), str(event.get("name"))
        if kind == "kernel":
            on_device["kernels"] += 1
        elif kind in ("gpu_memcpy", "gpu_memset"):
            on_device[" ".join(name.split()[:2])] += 1
        elif kind in ("cuda_runtime", "cuda_driver") and "Synchronize" in name:
            waits[name] += 1
    return {**sorted_items(on_device), "waits": sorted_items(waits)}


def sorted_items(counter: Counter[str]) -> dict[str, int]:
    """By name."""
    return dict(sorted(counter.items()))
