"""The backend on NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kcore.backend import Backend, Checkup
from kcore.plugin import register
from kcore.randomness import Philox


@register("backends", "numpy")
class NumpyBackend(Backend):
    """NumPy on the CPU."""

    name = "numpy"
    in_place = True
    on_host = True
    block = 65_536  # elements: measured best for a flat update of ten functions, in a cache of 1 MB
    xp = np
    xp_name = "np"

    @classmethod
    def checkup(cls) -> Checkup:
        """What `kcore doctor` tells of NumPy and its BLAS."""
        from .doctor import checkup

        return checkup()

    def from_host(self, array: np.ndarray[Any, Any], into: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        """The array itself, or its numbers in `into`."""
        if into is None:
            return np.asarray(array)
        into[...] = array
        return into

    def to_host(self, array: Any) -> np.ndarray[Any, Any]:
        """A copy."""
        return np.array(array)

    def owns(self, array: Any) -> bool:
        """Whether it is a NumPy array."""
        return isinstance(array, np.ndarray)

    def random_bits(self) -> Callable[..., np.ndarray[Any, Any]]:
        """NumPy's own Philox."""
        return Philox().bits
