"""Eager: a step that is recorded anew each time, each op computing as it is recorded, so that numbers can be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from ..backend import Array, Backend, current_backend
from ..graph import CONSTANT, INPUT, Graph, Node, Storage, Symbol, Trace, UnseenError
from ..graph.types import Shape
from .function import compute

T = TypeVar("T")


class EagerTrace(Trace):
    """A trace whose nodes hold their arrays: `print`, `float()`, `if` and a debugger see numbers.

    Args:
        given: arrays and numbers by the name of the input that they are for; other inputs are ones.
        backend: where ops compute.
    """

    eager = True

    def __init__(self, given: Mapping[str, Any], backend: Backend) -> None:
        super().__init__()
        self._given, self._backend = given, backend

    def _append(self, node: Node) -> Node:
        super()._append(node)
        if node.op is INPUT:
            given = self._given[node.name] if node.name in self._given else np.ones(node.shape)
            node.value = self._backend.from_host(np.array(given, node.dtype))
        elif node.op is CONSTANT:
            node.value = self._backend.from_host(np.full(node.shape, node.option("value"), node.dtype))
        else:
            node.value = compute(node.op, [i.value for i in node.inputs], node.options)
        return node

    def read(self, storage: Storage, start: int = 0, shape: Shape | None = None, name: str = "") -> Symbol:
        """What a storage, or a part of it, holds now."""
        if storage not in self.storages:
            whole = super().read(storage)
            whole.node.value = self._backend.from_host(storage.numpy())
        return super().read(storage, start, shape, name)


def probed(record: Callable[[Trace], T]) -> T:
    """What is recorded without numbers; on ones if a layer looks at its numbers on the way by `x.numpy()`."""
    try:
        return record(Trace())
    except UnseenError:
        return record(EagerTrace({}, current_backend()))


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

    def __enter__(self) -> EagerProgram:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __call__(self, **given: Any) -> list[Array]:
        """Run one step on these host arrays and numbers; the outputs."""
        with np.errstate(all="ignore"):
            graph = self._record(EagerTrace(given, self.backend))
        for node, new in graph.writes.items():
            storage = graph.storages[node]
            storage.on(self.backend)
            storage.replace(self.backend, new.value)
        return [n.value for n in graph.outputs]
