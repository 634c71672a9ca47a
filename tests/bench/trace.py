"""How long it takes from `program("train")` to a function that runs, for the documents' network and for deeper ones."""

from __future__ import annotations

import statistics
import time

from kcore.layers import Dense
from kcore.models import Sequential

from .mlp import network


def bench() -> None:
    """Print medians of seven traces."""
    _show("784-512-512-10", network())
    for depth in (1, 10, 30, 100):
        layers = [
            Dense(8, activation="relu", input_shape=(8,)),
            *(Dense(8, activation="relu") for _ in range(depth - 1)),
        ]
        model = Sequential(layers)
        model.compile("sgd", "mean_squared_error")
        _show(f"{depth} layers of 8", model)


def _show(what: str, model: Sequential) -> None:
    times = []
    for size in range(16, 23):
        start = time.perf_counter()
        model.program("train", batch_size=size)
        times.append((time.perf_counter() - start) * 1e3)
    print(f"{what:<16} {statistics.median(times):8.1f} ms")
