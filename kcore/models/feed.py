"""Feed: how samples get into the arrays that a program reads, batch by batch or from where all of them lie."""

from __future__ import annotations

from typing import Any

import attrs

from ..backend import Array, Backend
from ..backend.memory import in_units, memory_for
from ..graph.types import itemsize, size_of
from ..program.helpers import helpers
from . import data
from .data import HostArray, Rows
from .samples import Samples

SHARE = 4
"""Samples are kept on a device if all of a fit fill at most one part in so many of what is free there."""


@attrs.define(eq=False)
class Feed:
    """Copies the rows of a batch on the host, from where the program uploads them if it runs elsewhere."""

    samples: Samples

    def __len__(self) -> int:
        return len(self.samples)

    def give(self, program: Any, rows: Rows) -> dict[str, Array]:
        """These rows, for a step of the program; the program's lock is held."""

        def write(name: str, out: HostArray) -> None:
            data.gather(self.samples.arrays[name], rows.index, out)

        given: dict[str, Array] = program.inputs.filled(write)
        return given


class Resident(Feed):
    """Keeps all samples on the device, and takes the rows of a batch there: an order is uploaded once."""

    def __init__(self, samples: Samples, backend: Backend) -> None:
        super().__init__(samples)
        self._xp, self._upload, self._take_into = backend.xp, backend.from_host, helpers(backend)["take_into"]
        self._order: tuple[Any, Any] = None, None
        with memory_for(f"the samples, {in_units(_size(samples))} in all", backend):
            self._arrays = {name: _moved(_fed(samples, name), backend) for name in samples.arrays}

    def give(self, program: Any, rows: Rows) -> dict[str, Array]:
        """These rows, for a step of the program."""
        return {name: self._taken(self._arrays[name], rows, place) for name, place in program.inputs.places.items()}

    def _taken(self, array: Array, rows: Rows, place: Array | None) -> Array:
        if rows.order is None:
            part = array[rows.start : rows.stop, ...]
            if place is not None:
                self._xp.copyto(place, part)
            return part
        if rows.order is not self._order[0]:
            self._order = rows.order, self._upload(rows.order)
        indices = self._order[1][rows.start : rows.stop]
        if place is None:
            return self._xp.take(array, indices, axis=0)
        self._take_into(place, array, indices, 0)
        return place


def feeds(backend: Backend, train: Samples, held: Samples | None, eagerly: bool) -> tuple[Feed, Feed | None]:
    """Those of training and validation, from the device if it has room: their samples are passed over many times."""
    memory = None if eagerly else backend.memory()
    size = _size(train) + (_size(held) if held else 0)
    if memory is None or size * SHARE > memory[0]:
        return Feed(train), Feed(held) if held else None
    return Resident(train, backend), Resident(held, backend) if held else None


def _size(samples: Samples) -> int:
    """The bytes of the samples, as they are fed."""
    return sum(size_of(shape) * itemsize(dtype) for _, shape, dtype in samples.fed(len(samples)))


def _moved(array: HostArray, backend: Backend) -> Array:
    """An array on the device. It is written over an empty one where it can be: CuPy would pin a copy of it first."""
    if not backend.in_place:
        return backend.from_host(array)
    return backend.from_host(array, into=backend.xp.empty(array.shape, dtype=backend.dtype(array.dtype.name)))


def _fed(samples: Samples, name: str) -> HostArray:
    """All rows of one array, as they are fed."""
    return samples.arrays[name].astype(samples.dtypes[name], order="C", copy=False)
