"""Cache: the programs of one function, by all that would make another of them."""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable

from ..graph.where import users_level
from .run import Program


class Cache:
    """Programs by key, the least used dropped first.

    Args:
        what: whose programs they are, for the warning.
        limit: how many are kept.
        many: after how many traces to warn that something changes from call to call; None: never.
    """

    def __init__(self, what: str, limit: int = 64, many: int | None = 32) -> None:
        self._what, self._limit, self._many = what, limit, many
        self._programs: OrderedDict[Hashable, Program] = OrderedDict()
        self._traced = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Program]) -> Program:
        """The program of this key, made if there is none, or if its variables have moved."""
        with self._lock:
            program = self._programs.get(key)
            if program is not None:
                self._programs.move_to_end(key)
        if program is None or program.stale:
            program = make()  # meanwhile other threads may use the cache
            self._keep(key, program)
        return program

    def _keep(self, key: Hashable, program: Program) -> None:
        with self._lock:
            self._programs[key] = program
            self._programs.move_to_end(key)
            if len(self._programs) > self._limit:
                self._programs.popitem(last=False)
            self._traced += 1
            many = self._traced == self._many
        if many:
            warnings.warn(
                f"{self._what} was traced {self._traced} times. Each new shape, dtype or changed attribute takes "
                "a new program: pad the data to few shapes, or pass what changes as an array.",
                stacklevel=users_level(),
            )

    def clear(self) -> None:
        """Forget all programs."""
        self._programs.clear()
        self._traced = 0
