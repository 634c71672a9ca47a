"""The real programs of tests/programs, unchanged, on a GPU: their accuracy beside their marks."""

from __future__ import annotations

import functools
import importlib
import time
from collections.abc import Callable
from typing import Any

from kcore.backend import use_backend
from tests.gpu.rounding import rounded
from tests.gpu.sizes import Sizes
from tests.programs.__main__ import ACCURACY


def jobs(sizes: Sizes) -> dict[str, Callable[[], Any]]:
    """Those that are judged by accuracy; on the stand-in none, which would take hours."""
    return {name: functools.partial(trained, name) for name in list(ACCURACY)[: sizes.programs]}


def trained(name: str) -> dict[str, Any]:
    """Accuracy with seed 1, the least that the median of three seeds must be, and seconds with all compiling."""
    program = importlib.import_module(f"tests.programs.{name}")
    start = time.perf_counter()
    with use_backend("cupy"):
        figure = program.main(1)
    return {"accuracy": rounded(figure, 4), "mark": ACCURACY[name], "seconds": rounded(time.perf_counter() - start)}
