"""Cache: the programs of one function, by all that would make another of them."""

from __future__ import annotations

import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from ..graph.where import users_level

P = TypeVar("P", bound=Any)


class Cache:
    """Programs by key, the least used dropped first.

    Args:
        what: whose programs they are, for the warning.
        parts: what the parts of a key are, for the warning.
        limit: how many are kept.
        many: after how many traces to warn that something changes from call to call; None: never.
    """

    def __init__(self, what: str, parts: Sequence[str] = (), limit: int = 64, many: int | None = 32) -> None:
        self._what, self._parts, self._limit, self._many = what, parts, limit, many
        self._programs: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
        self._traced = 0
        self._lock = threading.Lock()

    def get(self, key: tuple[Hashable, ...], make: Callable[[], P]) -> P:
        """The program of this key, made if there is none, or if its variables have moved."""
        with self._lock:
            program: P | None = self._programs.get(key)
            if program is not None:
                self._programs.move_to_end(key)
        if program is None or program.stale:
            program = make()  # meanwhile other threads may use the cache
            self._keep(key, program)
        return program

    def _keep(self, key: tuple[Hashable, ...], program: Any) -> None:
        with self._lock:
            self._programs[key] = program
            self._programs.move_to_end(key)
            if len(self._programs) > self._limit:
                self._programs.popitem(last=False)
            self._traced += 1
            many = self._traced == self._many
        if many:
            warnings.warn(
                f"{self._what} was traced {self._traced} times, {self._reason()}. Pad the data to few shapes, or pass "
                "what changes as an array.",
                stacklevel=users_level(),
            )

    def _reason(self) -> str:
        """Which parts of the keys differ, and how the last two do."""
        keys = list(self._programs)
        varying = [i for i in range(len(self._parts)) if len({key[i] for key in self._programs}) > 1]
        if not varying:
            return "since its variables have moved each time"
        last, now = keys[-2:]
        told = next((i for i in varying if last[i] != now[i]), varying[0])
        names = " and ".join(self._parts[i] for i in varying)
        return f"each time for other {names}: for {last[told]!r:.80}, then for {now[told]!r:.80}"

    def clear(self) -> None:
        """Forget all programs."""
        self._programs.clear()
        self._traced = 0
