"""Run: a graph becomes a Program, a Python function with the arrays that it reads and writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ..backend import Array, Backend
from ..graph import Graph
from .emit import emit, emit_pure
from .helpers import helpers
from .hoist import hoist
from .lower import lower
from .settle import settle
from .simplify import simplify

STAGES: tuple[Callable[[Graph], Graph], ...] = (lower, simplify, hoist, settle)
"""What makes of a recorded graph one that can be written, in this order."""


class Program:
    """One step, as straight-line Python for one backend, and the arrays that it works on.

    A program is used by one thread at a time: hold it (`with program:`) from the filling of its arrays until the
    outputs are fetched.

    Attributes:
        text: the function that runs, as Python.
        setup: what ran once before it: buffers and views.
        recorded: the graph that was traced.
        graph: the settled graph that it was written from.
        written: how: the names of values, the kernels and their memory.
    """

    def __init__(self, graph: Graph, backend: Backend, in_place: bool | None = None) -> None:
        self.backend = backend
        self.recorded = graph
        for stage in STAGES:
            graph = stage(graph)
        self.graph = graph
        self._in_place = backend.in_place if in_place is None else in_place
        self.written = text = (emit if self._in_place else emit_pure)(graph, backend)
        self.setup, self.text = text.setup, text.step
        self._lock = threading.RLock()
        bound = self.arrays if self._in_place else {}
        self._device = {name: self._bind(host) for name, host in bound.items()}
        self._storages = {text.names[n]: s for n, s in graph.storages.items()}
        self._left = [(storage, storage.left) for storage in self._storages.values()]
        self._called = {name: text.names[graph.inputs[name]] for name in bound}
        self._arguments = [(n, np.dtype(n.dtype).type) for n in text.arguments]  # Python's numbers are of no dtype
        self._space = self._execute(text.functions)
        self._step: Callable[..., Any] = self._space[graph.name]
        self._outputs = [self._space[text.names[n]] for n in graph.outputs] if self._in_place else []

    @cached_property
    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """By name, the host arrays that the caller fills before a call."""
        return {name: np.zeros(n.shape, n.dtype) for name, n in self.graph.inputs.items() if n.shape}

    def _bind(self, host: np.ndarray[Any, Any]) -> Array:
        """The array on the device that stands for a host array: the same one where the device is the host."""
        return host if self.backend.on_host else self.backend.from_host(host)

    def _execute(self, functions: set[str]) -> dict[str, Any]:
        backend = self.backend
        space: dict[str, Any] = {backend.xp_name: backend.xp} | helpers(backend)
        space |= {name: getattr(backend.xp, name) for name in functions}
        space |= {self._called[name]: array for name, array in self._device.items()}
        if self._in_place:
            space |= {name: storage.on(backend) for name, storage in self._storages.items()}
            exec(compile(self.setup, f"<setup of {self.graph.name}>", "exec"), space)
        exec(compile(self.text, f"<program {self.graph.name}>", "exec"), space)
        return space

    def __enter__(self) -> Program:
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def __call__(self, **numbers: float) -> list[Array]:
        """Run one step on what `arrays` hold now.

        Args:
            numbers: the inputs that are single numbers, as the learning rate; those it does not need are passed over.

        Returns:
            The outputs, on the device. They are overwritten by the next call.
        """
        if not self._in_place:
            return self._assigning(numbers)
        for storage in self._storages.values():
            storage.on(self.backend)
        if not self.backend.on_host:
            for name, host in self.arrays.items():
                self.backend.from_host(host, into=self._device[name])
        with np.errstate(all="ignore"):  # infinity and NaN are answers, on every backend; fit() warns of them
            self._step(*[as_dtype(numbers[n.name]) for n, as_dtype in self._arguments])
        return self._outputs

    def _assigning(self, numbers: Mapping[str, float]) -> list[Array]:
        scalars = {n.name: np.asarray(numbers[n.name], n.dtype) for n in self.graph.inputs.values() if not n.shape}
        return self.run(
            {name: self.backend.from_host(np.array(host)) for name, host in (self.arrays | scalars).items()}
        )

    def run(self, given: Mapping[str, Array]) -> list[Array]:
        """The outputs for input arrays of the device, by name: for a program that assigns instead of writing in place.

        Unless it writes a storage it may run in many threads at once.
        """
        backend, storages = self.backend, self.graph.storages
        arguments = [storages[n].on(backend) if n in storages else given[n.name] for n, _ in self._arguments]
        with np.errstate(all="ignore"):
            results = self._step(*arguments)
        count = len(self.graph.outputs)
        for target, array in zip(self.graph.writes, results[count:], strict=True):
            storages[target].replace(backend, array)
        return [backend.xp.asarray(a) for a in results[:count]]  # NumPy gives scalars, which are weak, for 0-d arrays

    @property
    def namespace(self) -> dict[str, Any]:
        """The arrays and functions that the text names: what a debugger or a profiler looks into."""
        return self._space

    @property
    def stale(self) -> bool:
        """Whether a variable that it reads has moved to another storage since."""
        return any(storage.left != left for storage, left in self._left)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Program {self.graph.name}: {self.text.count(chr(10))} lines for {self.backend.name}>"
