"""Inputs: the arrays that a program is given, where the caller fills them and where the program reads them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from ..backend import Array, Backend
from ..graph.types import DType, Shape, itemsize

SLOT = 8  # bytes of a number, whatever its dtype
HostArrays = dict[str, np.ndarray[Any, Any]]


@attrs.define
class Staged:
    """Host arrays on their way to the device, and a function that waits until what was last in them is there."""

    arrays: HostArrays
    wait: Callable[[], None]


class Inputs:
    """Those of one program.

    Args:
        specs: shape and dtype of each, by name.
        backend: whose arrays the program reads.
        bound: whether it always reads the same arrays, which are written anew; else it takes new ones for each step.
        on_host: whether it reads what the caller fills, without a copy.

    Attributes:
        places: by name, the array that the program is bound to, None if it is bound to none.
    """

    def __init__(self, specs: Mapping[str, tuple[Shape, DType]], backend: Backend, bound: bool, on_host: bool) -> None:
        self._specs, self._backend, self._on_host = dict(specs), backend, on_host
        self.places: dict[str, Array | None] = dict.fromkeys(specs)
        if on_host:
            self.places = dict(self.arrays)
        elif bound:
            for name, (shape, dtype) in specs.items():
                self.places[name] = backend.xp.zeros(shape, dtype=backend.dtype(dtype))

    @cached_property
    def arrays(self) -> HostArrays:
        """By name, host arrays for callers who fill them by hand."""
        return {name: np.zeros(shape, dtype) for name, (shape, dtype) in self._specs.items()}

    def given(self) -> dict[str, Array]:
        """What `arrays` hold, for the program to read."""
        return self.arrays if self._on_host else self._uploaded(self.arrays)

    def filled(self, write: Callable[[str, np.ndarray[Any, Any]], None]) -> dict[str, Array]:
        """What `write(name, array)` writes into a host array for each input, for the program to read.

        What is uploaded lies in one of two sets of host arrays, so that the next batch can be written meanwhile.
        """
        if self._on_host:
            for name, host in self.arrays.items():
                write(name, host)
            return self.arrays
        staged = next(self._stages)
        staged.wait()
        for name, host in staged.arrays.items():
            write(name, host)
        given = self._uploaded(staged.arrays)
        staged.wait = self._backend.marked()
        return given

    @cached_property
    def _stages(self) -> Iterator[Staged]:
        make, specs = self._backend.host_array, self._specs.items()
        stages = [Staged({name: make(*spec) for name, spec in specs}, lambda: None) for _ in range(2)]
        return itertools.cycle(stages)

    def _uploaded(self, hosts: HostArrays) -> dict[str, Array]:
        upload = self._backend.from_host
        return {
            name: upload(np.array(host)) if self.places[name] is None else upload(host, into=self.places[name])
            for name, host in hosts.items()
        }


class Numbers:
    """Single numbers of a program that lie in the device's memory, brought there by one upload a step.

    Args:
        dtypes: of each, by name.
        backend: whose device it is.

    Attributes:
        places: by name, the array of no axes that the program is bound to.
    """

    def __init__(self, dtypes: Mapping[str, DType], backend: Backend) -> None:
        self._slots = {n: slice(SLOT * i, SLOT * i + itemsize(dtype)) for i, (n, dtype) in enumerate(dtypes.items())}
        self._dtypes = dict(dtypes)
        self._bytes = Inputs({"bytes": ((SLOT * len(dtypes),), "uint8")}, backend, bound=True, on_host=False)
        device: Any = self._bytes.places["bytes"]
        self.places: dict[str, Array] = {
            name: device[slot].view(backend.dtype(dtypes[name])).reshape(()) for name, slot in self._slots.items()
        }

    def upload(self, numbers: Mapping[str, float]) -> None:
        """Bring those that it needs of some numbers to the device."""

        def write(_: str, host: np.ndarray[Any, Any]) -> None:
            for name, slot in self._slots.items():
                host[slot].view(self._dtypes[name])[0] = numbers[name]

        self._bytes.filled(write)
