"""Trace: records the ops that are called while it is current."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from ..backend import current_backend
from .node import CONSTANT, INPUT, OPS, Node, Op
from .storage import Storage
from .symbol import Symbol
from .types import DEFAULT_FLOAT, DType, Shape, agreed, is_float, rounded, size_of
from .where import users_line

_current: ContextVar[Trace | None] = ContextVar("kcore_trace", default=None)


def current_trace() -> Trace | None:
    """The trace that ops are recorded into, None when they compute at once."""
    return _current.get()


def running_trace() -> Trace:
    """The current trace, for code that only runs inside one."""
    trace = _current.get()
    if trace is None:
        raise RuntimeError("This works only while a program is traced, inside a layer, a loss or kcore.grad.")
    return trace


@contextlib.contextmanager
def recording(trace: Trace | None) -> Iterator[None]:
    """Make `trace` current; None lets ops compute at once, even inside a trace."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


PART = Op(
    "part",
    "view",
    lambda storage, *, start, shape: (shape, storage.dtype),
    text="reshape({0}[{start}:{stop}], {shape})",
    look=lambda a, *, start, shape: a.reshape(-1)[start : start + size_of(shape)].reshape(shape, copy=False),
)
PACK = Op("pack", "pack", lambda *parts: ((sum(p.size for p in parts),), parts[0].dtype))
CAST = Op(
    "cast",
    "elementwise",
    lambda a, *, dtype: (a.shape, dtype),
    (lambda g, out, a, *, dtype: g,),  # differentiate gives back the dtype of `a`
    text="astype({0}, {dtype})",
    into="copyto({out}, {0})",
    cheap=True,
)


class Trace:
    """Records nodes in order. Reading a storage makes an input; writing one makes an output when the step ends."""

    eager = False
    """Whether its nodes hold their arrays."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.inputs: dict[str, Node] = {}
        self.storages: dict[Storage, Symbol] = {}
        self.writes: dict[Storage, Symbol] = {}
        self.draws: dict[int, int] = {}  # by stream, how often random bits were drawn
        self._written_out: list[tuple[int, int]] = []  # the turns around what is recorded, by number and length
        self._own: set[Node] = set()
        self._parts: dict[tuple[Storage, int, Shape], Symbol] = {}
        self._hosts: dict[int, tuple[Any, Storage]] = {}  # host arrays met, by identity, and kept alive
        self._scope = ""
        self.training = False  # whether layers behave as they do in training

    @contextlib.contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """What is recorded inside belongs to `name`, a layer or a phase of the step."""
        outer, self._scope = self._scope, name
        try:
            yield
        finally:
            self._scope = outer

    def name(self, symbol: Symbol, word: str) -> Symbol:
        """Let a value that has no name be called `word` in the program, behind the name of its layer."""
        symbol.node.name = symbol.node.name or f"{self._scope}_{word}"
        return symbol

    def add(
        self,
        op: Op,
        inputs: Sequence[Node] = (),
        options: Mapping[str, Hashable] | None = None,
        spec: tuple[Shape, DType] | None = None,
        name: str = "",
    ) -> Node:
        """Record a node; its spec comes from the op's rule unless it is given."""
        options = options or {}
        shape, dtype = spec or op.rule(*inputs, **options)
        return self._append(Node(op, tuple(inputs), options, shape, dtype, self._scope, name))

    def copy(self, node: Node, inputs: Sequence[Node]) -> Node:
        """The same node again, of other inputs."""
        return self._append(Node(node.op, tuple(inputs), node.options, node.shape, node.dtype, node.scope, node.name))

    def _append(self, node: Node) -> Node:
        self.nodes.append(node)
        self._own.add(node)
        return node

    def input(self, name: str, shape: Shape = (), dtype: DType = DEFAULT_FLOAT) -> Symbol:
        """An array or number that the caller gives; one of this name is made once."""
        if name not in self.inputs:
            self.inputs[name] = self.add(INPUT, spec=(shape, dtype), name=name)
        return Symbol(self.inputs[name])

    def turn(self) -> Node:
        """The number of the turn of the loop that this records, 0 outside of any."""
        return self._numbered(self.constant(0, (), "uint64"))

    def _numbered(self, turn: Node) -> Node:
        """The number of a turn that is written out, of a loop within the turn of this number."""
        for number, length in self._written_out:
            turn = self._within(turn, length, number)
        return turn

    def _within(self, turn: Node, length: int, number: Symbol | int) -> Node:
        """The number of a turn of a loop of so many that runs within the turn of that number."""
        first = self.record(OPS["multiply"], [Symbol(turn), length], {})
        return self.record(OPS["add"], [first, number], {}).node

    @contextlib.contextmanager
    def turn_written_out(self, number: int, length: int, draws: Mapping[int, int]) -> Iterator[None]:
        """What is recorded inside is one turn of a loop of so many, written out: it draws the bits of that turn.

        Args:
            number: which turn.
            length: of how many.
            draws: how often bits were drawn before the loop, by stream.
        """
        self.draws.clear()
        self.draws.update(draws)
        self._written_out.append((number, length))
        try:
            yield
        finally:
            self._written_out.pop()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """What is written inside is seen by reads inside, and afterwards was never written."""
        writes, parts = dict(self.writes), dict(self._parts)
        try:
            yield
        finally:
            self.writes, self._parts = writes, parts

    def constant(self, value: float | int | bool, shape: Shape = (), dtype: DType = DEFAULT_FLOAT) -> Node:
        """One number, of any shape."""
        return self.add(CONSTANT, options={"value": rounded(value, dtype)}, spec=(shape, dtype))

    def read(self, storage: Storage, start: int = 0, shape: Shape | None = None, name: str = "") -> Symbol:
        """What a storage, or the part of it at flat element `start`, holds now: one node however often it is read."""
        if storage not in self.storages:
            node = self.add(INPUT, spec=(storage.shape, storage.dtype), name=storage.name)
            self.storages[storage] = Symbol(node)
        whole = self.writes.get(storage, self.storages[storage])
        if shape is None or shape == storage.shape:
            return whole
        key = storage, start, shape
        if key not in self._parts:
            options = {"start": start, "shape": shape}
            self._parts[key] = Symbol(self.add(PART, [whole.node], options, name=name))
        return self._parts[key]

    def write(self, storage: Storage, value: Symbol, start: int = 0) -> None:
        """When the step ends, `storage` holds `value` from flat element `start` on; later reads see it."""
        whole, stop = value, start + size_of(value.shape)
        if value.shape != storage.shape:
            before = self.read(storage, 0, (start,)).node
            after = self.read(storage, stop, (size_of(storage.shape) - stop,)).node
            whole = Symbol(self.add(PACK, [n for n in (before, value.node, after) if n.size]))
        self.read(storage)
        self.writes[storage] = whole
        for other, first, shape in list(self._parts):
            if other is storage and first < stop and start < first + size_of(shape):
                del self._parts[other, first, shape]
        self._parts[storage, start, value.shape] = value

    def record(self, op: Op, operands: Sequence[Any], options: Mapping[str, Hashable]) -> Symbol:
        """Record a user's call: Python numbers become constants, host arrays inputs, and dtypes are made to agree.

        Raises:
            ValueError: the shapes do not fit the op.
            TypeError: an operand is no array, or belongs to another trace.
        """
        operands = [a.item() if isinstance(a, np.generic) else a for a in operands]
        given = [a if isinstance(a, int | float) else self.node_of(a) for a in operands]
        try:
            return Symbol(self.add(op, self._agreeing(op, given), options))
        except ValueError as error:
            raise ValueError(f"{users_line()}in ops.{op.name}: {error}") from None

    def _agreeing(self, op: Op, given: list[Node | int | float]) -> list[Node]:
        conditions = [self.cast(n, "bool") for n in given[: op.condition]]
        given = given[op.condition :]
        numbers = [n for n in given if not isinstance(n, Node)]
        dtype = agreed((n.dtype for n in given if isinstance(n, Node)), numbers)
        if op.floating and not is_float(dtype):
            dtype = DEFAULT_FLOAT
        agreeing = [self.cast(n, dtype) if op.promotes or not isinstance(n, Node) else n for n in given]
        return conditions + agreeing

    def cast(self, node: Node | float, dtype: DType) -> Node:
        """The node in this dtype, or the constant that a Python number is in it."""
        if not isinstance(node, Node):
            return self.constant(node, (), dtype)
        return node if node.dtype == dtype else self.add(CAST, [node], {"dtype": dtype})

    def node_of(self, value: Any) -> Node:
        """The node that stands for a symbol or a host array."""
        if isinstance(value, Symbol):
            if value.node not in self._own:
                raise TypeError(
                    f"{users_line()}{value!r} belongs to another trace. A symbol lives only while the function "
                    "that it was given to is traced: return it instead of keeping it."
                )
            return value.node
        if id(value) in self._hosts:
            return self.read(self._hosts[id(value)][1]).node
        try:
            own = not isinstance(value, np.ndarray) and hasattr(value, "dtype")
            array = np.asarray(current_backend().to_host(value) if own else value)
        except (TypeError, ValueError) as error:
            raise TypeError(f"{users_line()}{type(value).__name__} is no array: {error}") from None
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{users_line()}expected an array or a number, got {type(value).__name__}: {value!r}.")
        if array.dtype == np.float64 and not isinstance(value, np.ndarray):
            array = array.astype(DEFAULT_FLOAT)  # a list of Python's floats
        self._hosts[id(value)] = value, Storage(array.copy(), f"array_{len(self._hosts)}")
        return self.read(self._hosts[id(value)][1]).node
