"""Seeds: where the random numbers of the layers of one model come from."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from ..randomness import next_seed


class Seeds:
    """A model's seed, and the numbers by which its layers draw from it, each by its place in the model."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = next_seed() if seed is None else seed
        self._streams = 0

    def next_stream(self) -> int:
        """The stream of the layer that is built next."""
        self._streams += 1
        return self._streams - 1

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Layers that are built inside draw from these seeds."""
        token = _seeds.set(self)
        try:
            yield
        finally:
            _seeds.reset(token)


_seeds: ContextVar[Seeds | None] = ContextVar("kcore_seeds", default=None)


def current_seeds() -> Seeds:
    """Those of the model that is being built, or fresh ones."""
    return _seeds.get() or Seeds()
