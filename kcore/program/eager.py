"""Eager: a step that is recorded anew each time, each op computing as it is recorded, so that numbers can be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from ..backend import Array, Backend, current_backend
from ..graph import CONSTANT, INPUT, Graph, Node, Storage, Symbol, Trace, UnseenError
from ..graph.types import DType, Shape
from .function import compute
from .inputs import Inputs

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
        fed: name, shape and dtype of the arrays that it is given.
    """

    stale = False

    def __init__(
        self, record: Callable[[Trace], Graph], backend: Backend, fed: Iterable[tuple[str, Shape, DType]]
    ) -> None:
        self._record, self.backend = record, backend
        self.inputs = Inputs({name: (shape, dtype) for name, shape, dtype in fed}, backend, bound=False, on_host=True)
        self._lock = threading.RLock()

    def __enter__(self) -> EagerProgram:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def step(self, given: Mapping[str, Any], /, **numbers: float) -> list[Array]:
        """Run one step on these host arrays and numbers; the outputs."""
        with np.errstate(all="ignore"):
            graph = self._record(EagerTrace({**given, **numbers}, self.backend))
        for node, new in graph.writes.items():
            storage = graph.storages[node]
            storage.on(self.backend)
            storage.replace(self.backend, new.value)
        return [n.value for n in graph.outputs]
