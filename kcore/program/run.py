"""Run: a graph becomes a Program, a Python function with the arrays that it reads and writes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..backend import Array, Backend
from ..backend.kernel import Description, KernelWriter, Launch
from ..backend.memory import in_units, memory_for, out_of_memory
from ..graph import Graph
from .choice import Choice, Chosen
from .emit import emit, emit_pure
from .helpers import helpers
from .hoist import hoist
from .inputs import Inputs, Numbers
from .lower import lower
from .settle import settle
from .simplify import simplify


def stages(choice: Choice) -> dict[str, Callable[[Graph], Graph]]:
    """What makes of a recorded graph one that can be written, in this order."""
    return {
        "lower": lambda graph: lower(graph, choice.of),
        "simplify": simplify,
        "hoist": hoist,
        "settle": settle,
    }


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
        inputs: the arrays that it is given.
    """

    def __init__(self, graph: Graph, backend: Backend, in_place: bool | None = None) -> None:
        self.backend = backend
        self.recorded = graph
        self._in_place = backend.in_place if in_place is None else in_place
        self.choice = Choice(backend if self._in_place else None)
        for stage in stages(self.choice).values():
            graph = stage(graph)
        self.graph = graph
        self.written = text = emit(graph, backend, self.choice) if self._in_place else emit_pure(graph, backend)
        self.setup, self.text = text.setup, text.step
        self._lock = threading.RLock()
        specs = {name: (n.shape, n.dtype) for name, n in graph.inputs.items() if n.shape}
        with memory_for(f"the inputs of {graph.name}", backend):
            self.inputs = Inputs(specs, backend, self._in_place, self._in_place and backend.on_host)
        self._storages = {text.names[n]: s for n, s in graph.storages.items()}
        self._left = [(storage, storage.left) for storage in self._storages.values()]
        self._arguments = [(n, np.dtype(n.dtype).type) for n in text.arguments]  # Python's numbers are of no dtype
        lying = [n for n in graph.inputs.values() if not n.shape and n not in text.arguments]
        self._numbers = Numbers({n.name: n.dtype for n in lying}, backend) if lying else None
        self._space = self._execute(text.functions)
        self._step: Callable[..., Any] = self._space[graph.name]
        if self._in_place and backend.numbers_in_memory:
            self._step = backend.captured(self._step, self.written.calls)
        self._outputs = [self._space[text.names[n]] for n in graph.outputs] if self._in_place else []

    @property
    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """By name, the host arrays that the caller fills before a call."""
        return self.inputs.arrays

    def _execute(self, functions: set[str]) -> dict[str, Any]:
        backend = self.backend
        space: dict[str, Any] = {backend.xp_name: backend.xp} | helpers(backend)
        space |= {name: getattr(backend.xp, name) for name in functions}
        if self._in_place:
            space |= {self.written.names[self.graph.inputs[name]]: a for name, a in self.inputs.places.items()}
            numbers = self._numbers.places if self._numbers else {}
            space |= {self.written.names[self.graph.inputs[name]]: a for name, a in numbers.items()}
            space |= {name: storage.on(backend) for name, storage in self._storages.items()}
            with memory_for(f"the buffers of {self.graph.name}, {in_units(self._room)} in all", backend):
                self._set_up(space)
        exec(compile(self.text, f"<program {self.graph.name}>", "exec"), space)
        return space

    @property
    def _room(self) -> int:
        """The bytes of all buffers."""
        return sum(buffer.nbytes for buffer in self.written.placement.buffers) if self.written.placement else 0

    def _set_up(self, space: dict[str, Any]) -> None:
        """Make buffers and views, and the kernels that the backend writes."""
        writer, described = self.written.writer, self.written.described
        space["bind"] = lambda number, reads, writes: _bound(described[number], writer, reads, writes)
        space["chain"] = writer.chain if writer is not None else None
        exec(compile(self.setup, f"<setup of {self.graph.name}>", "exec"), space)
        if writer is not None:
            writer.compile()

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
        return self.step(self.inputs.given(), **numbers)

    def step(self, given: Mapping[str, Array], /, **numbers: float) -> list[Array]:
        """The same on arrays of the device: those of `inputs.places`, written before, if it is bound to them."""
        if not self._in_place:
            scalars = {n.name: np.asarray(numbers[n.name], n.dtype) for n in self.graph.inputs.values() if not n.shape}
            return self.run({**given, **{name: self.backend.from_host(n) for name, n in scalars.items()}})
        for storage in self._storages.values():
            storage.on(self.backend)
        if self._numbers is not None:
            self._numbers.upload(numbers)
        self._compute(*[as_dtype(numbers[n.name]) for n, as_dtype in self._arguments])
        return self._outputs

    def _compute(self, *arguments: Any) -> Any:
        """Run the step's function."""
        try:
            with np.errstate(all="ignore"):  # infinity and NaN are answers, on every backend; fit() warns of them
                return self._step(*arguments)
        except Exception as error:
            exhausted = out_of_memory(error, self.backend, f"one run of {self.graph.name}")
            if exhausted is None:
                raise
            raise exhausted from error

    def run(self, given: Mapping[str, Array]) -> list[Array]:
        """The outputs for input arrays of the device, by name: for a program that assigns instead of writing in place.

        Unless it writes a storage it may run in many threads at once.
        """
        backend, storages = self.backend, self.graph.storages
        arguments = [storages[n].on(backend) if n in storages else given[n.name] for n, _ in self._arguments]
        results = self._compute(*arguments)
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


def _bound(what: Description | Chosen, writer: KernelWriter | None, reads: list[Array], writes: list[Array]) -> Launch:
    """A kernel on its arrays: one that a package brings, or one that the backend writes."""
    if isinstance(what, Chosen):
        return what.bind(reads, writes)
    assert writer is not None
    return writer.bind(what, reads, writes)
