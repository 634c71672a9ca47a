"""Cache: the programs of one function, by all that would make another of them."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable

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

    def get(self, key: Hashable, make: Callable[[], Program]) -> Program:
        """The program of this key, made if there is none, or if its variables have moved."""
        program = self._programs.get(key)
        if program is None or program.stale:
            program = self._programs[key] = make()
            self._count()
        self._programs.move_to_end(key)
        return program

    def _count(self) -> None:
        self._traced += 1
        if len(self._programs) > self._limit:
            self._programs.popitem(last=False)
        if self._traced == self._many:
            warnings.warn(
                f"{self._what} was traced {self._traced} times. Each new shape, dtype or changed attribute takes "
                "a new program: pad the data to few shapes, or pass what changes as an array.",
                stacklevel=4,
            )

    def clear(self) -> None:
        """Forget all programs."""
        self._programs.clear()
        self._traced = 0
