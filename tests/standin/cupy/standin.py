"""The stand-in's own controls, which real CuPy has not: how kernels run, what is counted, faults planted on purpose."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

MODES = ("thread", "blocks", "fibers")
ORDERS = ("forwards", "backwards", "drawn")


@dataclass
class Settings:
    """How the stand-in runs; the environment variable KCORE_STANDIN sets the same: "mode=fibers order=drawn".

    Attributes:
        mode: kernels run as one "thread", as "blocks" of one thread, or as whole blocks of "fibers", which change at
            barriers.
        order: in which blocks and threads run; "drawn" changes at each barrier.
        drawn: grids and blocks are drawn, of as many dimensions as the launch gives, instead of those that it gives.
        seed: of what is drawn.
        deferred: streams work only when something waits for them.
        sanitized: kernels are compiled with AddressSanitizer, whose library must have been loaded before Python.
        level: how far the compiler optimizes, 0 to 3.
        sources: a folder in which every source that is compiled is written.
    """

    mode: str = "thread"
    order: str = "forwards"
    drawn: bool = False
    seed: int = 0
    deferred: bool = False
    sanitized: bool = False
    level: int = 1
    sources: str = ""

    def __post_init__(self) -> None:
        if self.mode not in MODES or self.order not in ORDERS:
            raise ValueError(
                f"The stand-in runs kernels in a mode of {MODES} and an order of {ORDERS}; "
                f"mode={self.mode!r} order={self.order!r} were given."
            )


def _from_environment() -> Settings:
    kinds = {f.name: type(f.default) for f in fields(Settings)}
    given: dict[str, Any] = {}
    for word in os.environ.get("KCORE_STANDIN", "").split():
        name, _, value = word.partition("=")
        if name not in kinds:
            raise ValueError(f"KCORE_STANDIN: {name!r} is none of {', '.join(kinds)}.")
        given[name] = value in ("", "1", "True", "true") if kinds[name] is bool else kinds[name](value)
    return Settings(**given)


settings = _from_environment()


class Draws:
    """What is drawn by the seed that is set."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin anew."""
        self._random = np.random.default_rng(settings.seed)

    def __call__(self, low: int, high: int) -> int:
        """A whole number from the low to the high one."""
        return int(self._random.integers(low, high, endpoint=True))


draws = Draws()

count: Counter[str] = Counter()
"""How often each of these has happened:

launches: kernels launched, of the program's own and of CuPy's functions, one for each call of a function.
kernels: those of them that are RawKernels.
products: calls of cuBLAS.
graphs: launches of captured graphs; what is in them was counted when it was captured.
copies: from device to device, among them those that CuPy makes where an operand overlaps the result.
uploads, downloads: crossings between host and device; uploaded, downloaded: their bytes.
synchronizations: how often the host has waited for the device.
allocations: of memory on the device; allocated: their bytes.
"""

sources: list[str] = []
"""Every CUDA source that a module was made of, each once, in order."""
_kept: set[str] = set()


def keep(code: str) -> None:
    """Put a source on the list, and into the folder that is set."""
    key = hashlib.sha256(code.encode()).hexdigest()[:16]
    if key not in _kept:
        _kept.add(key)
        sources.append(code)
    if settings.sources:
        folder = Path(settings.sources)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{key}.cu").write_text(code)


@contextlib.contextmanager
def counted() -> Iterator[Counter[str]]:
    """What happens within the block, known when it ends."""
    before, happened = Counter(count), Counter[str]()
    try:
        yield happened
    finally:
        happened.update(count - before)


@contextlib.contextmanager
def using(**changes: Any) -> Iterator[None]:
    """Other settings within the block; what is drawn there begins anew."""
    before, anew = replace(settings), replace(settings, **changes)
    vars(settings).update(vars(anew))
    draws.restart()
    try:
        yield
    finally:
        vars(settings).update(vars(before))
        draws.restart()


@dataclass
class Plant:
    """A fault: what is replaced by what, and how often it was."""

    pattern: str
    replacement: str
    found: int = field(default=0, repr=False)


_plants: list[Plant] = []


@contextlib.contextmanager
def planted(pattern: str, replacement: str) -> Iterator[None]:
    """Plant a fault: within the block, what a regular expression finds in a CUDA source is replaced.

    Raises:
        AssertionError: nothing that ran within the block had it.
    """
    plant = Plant(pattern, replacement)
    _plants.append(plant)
    try:
        yield
    finally:
        _plants.remove(plant)
    assert plant.found, f"no source that ran had {pattern!r}, so that no fault was planted"


def with_faults(code: str) -> str:
    """A source with the faults that are planted."""
    for plant in _plants:
        code, found = re.subn(plant.pattern, plant.replacement, code)
        plant.found += found
    return code
