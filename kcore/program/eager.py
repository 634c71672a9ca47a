"""Eager: a step that is recorded anew each time, each op computing as it is recorded, so that numbers can be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ..backend import Array, Backend
from ..graph import CONSTANT, INPUT, Graph, Node, Storage, Symbol, Trace
from ..graph.types import Shape
from .function import compute


class EagerTrace(Trace):
    """A trace whose nodes hold their arrays: `print`, `float()`, `if` and a debugger see numbers.

    Args:
        given: arrays and numbers by the name of the input that they are for.
        backend: where ops compute.
    """

    eager = True

    def __init__(self, given: Mapping[str, Any], backend: Backend) -> None:
        super().__init__()
        self._given, self._backend = given, backend

    def _append(self, node: Node) -> Node:
        super()._append(node)
        if node.op is INPUT and node.name in self._given:
            node.value = self._backend.from_host(np.array(self._given[node.name], node.dtype))
        elif node.op is CONSTANT:
            node.value = self._backend.from_host(np.full(node.shape, node.option("value"), node.dtype))
        elif node.op is not INPUT:
            node.value = compute(node.op, [i.value for i in node.inputs], node.options)
        return node

    def read(self, storage: Storage, start: int = 0, shape: Shape | None = None, name: str = "") -> Symbol:
        """What a storage, or a part of it, holds now."""
        if storage not in self.storages:
            whole = super().read(storage)
            whole.node.value = self._backend.from_host(storage.numpy())
        return super().read(storage, start, shape, name)


class EagerProgram:
    """What a Program is to those who call it, without one: `compile(run_eagerly=True)`.

    Args:
        record: records the step on a trace.
        backend: where it computes.
    """

    stale = False

    def __init__(self, record: Callable[[Trace], Graph], backend: Backend) -> None:
        self._record, self.backend = record, backend
        self._lock = threading.RLock()

    @cached_property
    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """By name, the host arrays that the caller fills before a call."""
        inputs = self._record(Trace()).inputs
        return {name: np.zeros(n.shape, n.dtype) for name, n in inputs.items() if n.shape}

    def __enter__(self) -> EagerProgram:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __call__(self, **numbers: float) -> list[Array]:
        """Run one step on what `arrays` hold now; the outputs."""
        with np.errstate(all="ignore"):
            graph = self._record(EagerTrace(self.arrays | numbers, self.backend))
        for node, new in graph.writes.items():
            storage = graph.storages[node]
            storage.on(self.backend)
            storage.replace(self.backend, new.value)
        return [n.value for n in graph.outputs]
