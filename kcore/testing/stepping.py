"""Stepping: a graph as a program of one backend, run step by step on arrays and storages that it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from ..backend import Backend
from ..graph import Graph, Node, Storage, Trace, Variable, finish, recording
from ..graph.loop import SCAN
from ..graph.types import size_of
from ..models.data import HostArray
from ..program import Program
from .wide import widened

State = dict[Storage, HostArray]
"""What storages hold, on the host."""


@attrs.frozen
class Batch:
    """What a step is given.

    Attributes:
        arrays: by the name of the program's input.
        numbers: likewise.
    """

    arrays: Mapping[str, HostArray]
    numbers: Mapping[str, float]


def recorded(record: Callable[..., Sequence[Any]], arrays: Sequence[HostArray]) -> tuple[Graph, Batch]:
    """A function from symbols to symbols as a graph, and the batch that gives it these arrays."""
    trace, named = Trace(), {f"x_{i}": array for i, array in enumerate(arrays)}
    with recording(trace):
        outputs = list(record(*[trace.input(name, a.shape, a.dtype.name) for name, a in named.items()]))
    return finish(trace, "checked", outputs), Batch(named, {n: a.item() for n, a in named.items() if not a.shape})


class Stepper:
    """A program that starts each step from a state that it is told, so that many may share their storages.

    Args:
        graph: what it computes.
        backend: where.
        wide: whether in float64 throughout.
    """

    def __init__(self, graph: Graph, backend: Backend, wide: bool = False) -> None:
        self.wide = wide
        self._stand_ins = {s: _wide(s) if wide else s for s in graph.storages.values()}
        self.backend = backend
        self.program = Program(widened(graph, self._stand_ins) if wide else graph, backend)

    def step(self, state: State, batch: Batch) -> tuple[list[HostArray], State]:
        """The outputs, and what the storages hold then."""
        for storage, own in self._stand_ins.items():
            if storage in state:  # else it holds an array that the traced function read, which nothing writes
                own.fill(0, state[storage].astype(own.dtype))
        for name, array in self.program.arrays.items():
            array[...] = batch.arrays[name]
        outputs = [np.array(self.backend.to_host(out)) for out in self.program(**batch.numbers)]
        return outputs, state | {storage: own.numpy() for storage, own in self._stand_ins.items()}


def _wide(storage: Storage) -> Storage:
    value = storage.numpy()
    return Storage(value.astype("float64") if value.dtype == "float32" else value, storage.name)


def held(variable: Variable, state: State) -> HostArray:
    """What a variable holds in a state."""
    flat = state[variable.storage].reshape(-1)
    return flat[variable.start : variable.start + size_of(variable.shape)].reshape(variable.shape)


def is_value(node: Node) -> bool:
    """Whether a kernel makes it."""
    return node.op.kind not in ("source", "view") and node.op is not SCAN
