"""Random bits: NumPy's Philox 4x64-10, addressed by key and counter, so that every backend draws the same."""

from __future__ import annotations

import functools
import threading
from typing import Any

import numpy as np

from .config import config

SHARED = (1 << 62) + 1  # the stream of draws that are given no seed; layers count theirs from 0
SEEDED = (1 << 62) + 2  # and that of draws that are given one

_drawing = threading.Lock()


class Philox:
    """Random bits by address, not by history.

    The key is (seed, stream) and the counter (block, step, call, time): the stream is a layer's place in its
    model, the call counts its uses within one step. Element i of an array takes bits 16 (i mod 4) and up of
    64-bit word i // 4, elements of 32 and 64 bits in the same order, and block b + 1 gives words 4 b to 4 b + 3,
    as NumPy draws them.

    Source: J. K. Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011.
    """

    def __init__(self) -> None:
        self._generator = np.random.Philox(key=0)
        self._state = self._generator.state
        self._lock = threading.Lock()

    def words(self, seed: int, stream: int, step: int, call: int, time: int, count: int) -> np.ndarray[Any, Any]:
        """`count` random words of 64 bits."""
        state = self._state
        with self._lock:
            state["state"]["key"][:] = int(seed), stream
            state["state"]["counter"][:] = 0, int(step), call, int(time)
            state["buffer_pos"] = 4  # nothing is left over from an earlier draw
            self._generator.state = state
            return self._generator.random_raw(count)

    def bits(
        self,
        seed: int,
        stream: int,
        step: int,
        call: int,
        time: int,
        shape: tuple[int, ...] = (),
        out: np.ndarray[Any, Any] | None = None,
        bits: int = 16,
    ) -> np.ndarray[Any, Any]:
        """16, 32 or 64 bits an element, unsigned: a new array of this shape, or written to the contiguous `out`."""
        out = np.empty(shape, f"uint{bits}") if out is None else out
        words = self.words(seed, stream, step, call, time, -(-out.size * bits // 64))
        out.reshape(-1)[:] = words.astype("<u8", copy=False).view(f"<u{bits // 8}")[: out.size]
        return out


def generator(seed: int, stream: int, step: int = 0) -> np.random.Generator:
    """A NumPy generator on the host, for initial weights and shuffles."""
    return np.random.Generator(np.random.Philox(key=[seed, stream], counter=[0, step, 0, 0]))


def next_seed() -> int:
    """A seed for a new model: one of the sequence that `set_random_seed` starts, else fresh from the system."""
    if config.seed is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0]) >> 1
    config.models += 1
    return int(np.random.SeedSequence([config.seed, config.models]).generate_state(1, np.uint64)[0]) >> 1


def address(seed: int, number: int) -> np.ndarray[Any, Any]:
    """A seed and the number of a draw."""
    return np.array([seed, number], np.uint64)


NEXT = address(0, 1)
"""What a draw adds to it."""


def below(value: float, dtype: str) -> float:
    """The largest number of a float dtype that is smaller."""
    return float(np.nextafter(np.dtype(dtype).type(value), np.dtype(dtype).type(-np.inf)))


def next_draw() -> np.ndarray[Any, Any]:
    """Seed and number of a draw that is given no seed and is in no program; `set_random_seed` begins them anew."""
    with _drawing:
        config.draws += 1
        return address(_unseeded() if config.seed is None else config.seed, config.draws)


@functools.cache
def _unseeded() -> int:
    return next_seed()
