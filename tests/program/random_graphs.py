"""Random graphs of atoms and compounds, and the check that a program does what the interpreter does."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from kcore import ops
from kcore.backend import Backend
from kcore.backend.selection import backend_named
from kcore.graph import PACK, Graph, Node, Storage, Symbol, Trace, Variable, finish, recording
from kcore.graph.types import is_float, is_integer
from kcore.program import Program, gradients
from kcore.testing.tolerances import assert_close
from tests.program.interpreter import interpret

NUMBERS = {"rate": "float64", "count": "int64"}
LARGEST = 1e4  # what a random graph keeps its numbers below, so that rounding stays small


def in_blocks(block: int | None) -> Backend:
    """The NumPy backend with blocks so small that short arrays are computed in several."""
    kind = type(backend_named("numpy"))
    return type(f"BlocksOf{block}", (kind,), {"block": block})()


@attrs.define
class Sample:
    """A random graph and the storages that its programs write."""

    graph: Graph
    storages: list[Storage]

    @property
    def arrays(self) -> list[Any]:
        """Its inputs that are arrays."""
        return list(self.graph.inputs.values())


def sample(seed: int, shape: tuple[int, ...]) -> Sample:
    """The random graph of this seed: its pool starts with inputs and storages of this shape."""
    return _Builder(np.random.default_rng(seed), shape).build()


class _Builder:
    def __init__(self, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
        self.rng, self.shape = rng, shape
        self.trace = Trace()
        self.pool: list[Symbol] = []
        self.alive: list[object] = []
        self.bounds: dict[int, float] = {}  # by symbol, what its numbers stay below
        size = math.prod(shape)
        self.whole = [Storage(rng.uniform(-2, 2, shape), f"whole_{i}") for i in range(3)]
        self.flat = Storage(rng.uniform(-2, 2, 2 * size + 3), "flat")
        self.counter = Storage(np.array(int(rng.integers(9))), "counter")
        self.variables = [self._variable(0, (3,)), self._variable(3, shape), self._variable(3 + size, shape)]

    def _variable(self, start: int, shape: tuple[int, ...]) -> Variable:
        variable = Variable(np.zeros(shape), name=f"variable_{start}")
        variable.storage, variable.start = self.flat, start
        return variable

    def build(self) -> Sample:
        with recording(self.trace):
            for storage in (*self.whole, self.counter):
                self.put(self.trace.read(storage), 9)
            for name, dtype in (("x", "float64"), ("y", "float64"), ("narrow", "float32"), ("z", "int64")):
                self.put(self.trace.input(name, self.shape, dtype), 9)
            for name, dtype in NUMBERS.items():
                self.put(self.trace.input(name, (), dtype), 9)
            for variable in self.variables:
                self.put(variable.value, 9)
            self.put(ops.full(self.shape, 0.5, "float64"), 1)
            steps: list[Callable[[], object]] = [
                self.binary, self.binary, self.binary, self.binary, self.neutral, self.neutral,
                self.unary, self.unary, self.compare, self.cast, self.reduce, self.view, self.view,
                self.product, self.compound, self.random, self.gradient, self.write, self.loop, self.join, self.chain,
            ]  # fmt: skip
            for _ in range(self.rng.integers(4, 20)):
                with contextlib.suppress(LookupError):
                    self.pick(steps)()
            for _ in range(self.rng.integers(4)):
                self.pick([self.write, self.swap, self.write_twice, self.pack])()
            outputs = [self.pick([self.pick(self.pool), self.some()]) for _ in range(self.rng.integers(1, 4))]
            outputs += [self.everything()] * self.rng.integers(2)
        return Sample(finish(self.trace, "step", outputs), [*self.whole, self.flat, self.counter])

    def pick(self, choices: list[Any]) -> Any:
        return choices[self.rng.integers(len(choices))]

    def some(self, test: Callable[[Symbol], bool] = lambda s: True) -> Symbol:
        """One of the pool, the later the likelier.

        Raises:
            LookupError: none fits.
        """
        fitting = [s for s in self.pool if test(s)]
        if not fitting:
            raise LookupError
        return fitting[int(len(fitting) * math.sqrt(self.rng.random()))]

    def put(self, symbol: Symbol, bound: float) -> None:
        if bound > LARGEST and is_float(symbol.dtype):
            symbol, bound = ops.tanh(symbol), 1
        elif bound > LARGEST:
            symbol, bound = ops.clip(symbol, -9, 9), 9
        self.pool.append(symbol)
        self.bounds[id(symbol)] = bound

    def bound(self, *symbols: Symbol) -> float:
        return max(self.bounds[id(s)] for s in symbols)

    def floats(self) -> Symbol:
        return self.some(lambda s: is_float(s.dtype))

    def everything(self) -> Symbol:
        """One number that depends on every value, so that nothing in the graph is dead."""
        read = {i for node in self.trace.nodes for i in node.inputs}
        ends = [s for s in self.pool if s.node not in read]
        return functools.reduce(ops.add, [ops.mean(ops.cast(s, "float64")) for s in ends])

    def neutral(self) -> None:
        a = self.floats()
        self.put(
            self.pick([a + 0, 0 - a, 0.0 + a, a - 0, 1 * a, a * 1.0, a / 1, ops.cast(a, a.dtype)]),
            self.bound(a),
        )

    def binary(self) -> None:
        a = self.some(lambda s: s.dtype != "bool")
        b = self.some(lambda s: _broadcast(s, a) and s.dtype != "bool")
        kind = self.rng.integers(6)
        if kind == 0:
            self.put(a + b, 2 * self.bound(a, b))
        elif kind == 1:
            self.put(ops.subtract(a, self.pick([b, 0, 1, 0.5])), 2 * self.bound(a, b))
        elif kind == 2:
            self.put(a * self.pick([b, b, 1, 0.25]), self.bound(a) * self.bound(b))
        elif kind == 3:
            self.put(self.pick([ops.maximum, ops.minimum])(a, b), self.bound(a, b))
        elif kind == 4 and is_float(a.dtype):
            self.put(a / ops.maximum(b, 1), self.bound(a))
        else:
            self.put(
                ops.where(ops.greater(a, b), a, b) if "where" in ops.__all__ else a + b * 0.5,
                2 * self.bound(a, b),
            )

    def unary(self) -> None:
        a = self.floats()
        kind = self.rng.integers(6)
        if kind == 0:
            self.put(-a, self.bound(a))
        elif kind == 1:
            self.put(ops.exp(ops.minimum(a, 1.0)), 3)
        elif kind == 2:
            self.put(ops.sqrt(ops.maximum(a, 0.5)), self.bound(a) + 1)
        elif kind == 3:
            self.put(ops.log(ops.maximum(a, 0.5)), 10)
        elif kind == 4:
            self.put(ops.square(a), self.bound(a) ** 2)
        else:
            self.put(ops.tanh(a), 1)

    def compare(self) -> None:
        a = self.some(lambda s: s.dtype != "bool")
        b = self.some(lambda s: _broadcast(s, a) and s.dtype != "bool")
        self.put(self.pick([ops.greater, ops.greater_equal, ops.less, ops.equal])(a, self.pick([b, 0.5])), 1)

    def cast(self) -> None:
        a = self.some()
        dtype = self.pick(["float64", "float64", "float32", "int64", "int32"])
        self.put(
            ops.cast(ops.clip(a, -100, 100) if is_float(a.dtype) and is_integer(dtype) else a, dtype),
            self.bound(a),
        )

    def reduce(self) -> None:
        a = self.some(lambda s: s.ndim > 0)
        axis = int(self.rng.integers(-a.ndim, a.ndim))
        keep = bool(self.rng.integers(2))
        kind = self.rng.integers(5)
        if kind < 2:
            over = self.pick([axis, None])
            self.put(ops.sum(a, over, keep), self.bound(a) * math.prod(a.shape))
        elif kind == 2 and a.dtype != "bool":
            self.put(ops.max(a, self.pick([axis, None]), keep), self.bound(a))
        elif kind == 3 and a.dtype != "bool":
            self.put(ops.argmax(a, axis, keep), 100)
        elif is_float(a.dtype):
            self.put(ops.mean(a, axis, keep), self.bound(a))

    def view(self) -> None:
        a = self.some(lambda s: s.ndim > 0)
        size, kind = math.prod(a.shape), self.rng.integers(4)
        if kind == 0 and a.ndim == 2:
            b = ops.transpose(a)
        elif kind == 1 and 1 in a.shape:
            b = ops.broadcast_to(a, tuple(3 if n == 1 else n for n in a.shape))
        elif kind == 2 and size < 100:
            b = ops.broadcast_to(a, (2, *a.shape))
        else:
            rows = self.pick([n for n in range(1, size + 1) if size % n == 0])
            b = ops.reshape(
                a,
                self.pick(
                    [
                        self.shape if size == math.prod(self.shape) else (size,),
                        (rows, -1),
                        (size,),
                        (-1, rows),
                    ]
                ),
            )
        self.put(b, self.bound(a))

    def product(self) -> None:
        a = self.some(lambda s: s.ndim > 1 and is_float(s.dtype))
        b = self.some(lambda s: s.ndim == 2 and is_float(s.dtype))
        rows, bound = a.shape[-1], self.bound(a) * self.bound(b) * a.shape[-1]
        if b.shape[0] != rows:
            b = ops.broadcast_to(ops.reshape(ops.mean(b), (1, 1)), (rows, 2))
        self.put(ops.matmul(a, b), bound)

    def compound(self) -> None:
        a = self.some(lambda s: s.ndim > 0 and is_float(s.dtype))
        kind = self.rng.integers(3)
        if kind == 0:
            self.put(ops.softmax(a), 1)
        elif kind == 1:
            self.put(ops.sigmoid(a), 1)
        else:
            target = self.some(lambda s: s.shape == a.shape and s.dtype == a.dtype)
            self.put(ops.softmax_crossentropy(target, a), self.bound(target) * 100 * self.bound(a))

    def random(self) -> None:
        shape = self.pick([self.shape, (), (5,)])
        stream = int(self.rng.integers(2))
        if self.rng.integers(2):
            self.put(ops.dropout_mask(shape, self.pick([0.2, 0.5]), stream, self.pick(["float64", "float32"])), 2)
        else:
            self.put(ops.cast(ops.random_bits(shape, stream), "int64") * 2, 2.0**17)

    def chain(self) -> None:
        """Views of views, of which some cannot be had without a copy."""
        a = self.some(lambda s: s.ndim > 1)
        size = math.prod(a.shape)
        b = ops.broadcast_to(ops.reshape(ops.transpose(a), (size,)), (2, size))
        b = self.pick([b, b[:, ::-1], b[:, 1:], b[..., None], ops.transpose(b)])
        self.put(ops.reshape(b, self.pick([(-1,), (2, -1) if b.shape[0] == 2 else (-1, 2), b.shape])), self.bound(a))

    def join(self) -> None:
        """Parts cut out of arrays and put side by side, or on top of each other."""
        a = self.some(lambda s: s.ndim > 0)
        axis, n = int(self.rng.integers(a.ndim)), a.shape[-1]
        kind = self.rng.integers(4)
        if kind == 1 and a.dtype == "float64" and self.rng.integers(2):
            self.put(ops.pad(ops.tanh(a), [(1, 1)] + [(0, 1)] * (a.ndim - 1)), 1)
        elif kind == 0 and math.prod(a.shape) < 100:
            b = self.some(lambda s: s.shape == a.shape)
            self.put(ops.concat([a, self.pick([b, ops.cast(ops.tanh(b * 1.0), b.dtype)])], axis), self.bound(a, b))
        elif kind == 1:
            self.put(ops.flip(a, axis), self.bound(a))
        elif kind == 2 and is_float(a.dtype):
            left, right = ops.tanh(a[..., : n // 2]), ops.exp(ops.minimum(a[..., n // 2 :], 1.0))
            self.put(ops.concat([right, left], -1), 3)
        else:
            self.put(a[..., self.pick([slice(None, None, 2), slice(1, None), slice(None, -1)])], self.bound(a))

    def loop(self) -> None:
        """A scan, of turns made of random steps."""
        start = self.some(lambda s: is_float(s.dtype) and math.prod(s.shape) < 50)
        each = [s for s in self.pool[-6:] if s.ndim > 0 and 0 < s.shape[0] < 5][:1]
        if self.rng.integers(2) and not each:
            raise LookupError
        outer = self.pool
        steps = [self.binary, self.unary, self.reduce, self.view, self.product, self.product, self.compound, self.loop]
        reach = [self.some() for _ in range(2)]

        def turn(carries: list[Symbol], x: list[Symbol] | None) -> tuple[list[Symbol], list[Symbol]]:
            carry, *total = carries
            self.pool = [carry, *(x or []), *reach]
            self.bounds |= {id(s): LARGEST for s in self.pool}
            for _ in range(self.rng.integers(1, 5)):
                with contextlib.suppress(LookupError):
                    self.pick(steps)()
            new = self.some(lambda s: (s.shape, s.dtype) == (carry.shape, carry.dtype))
            new = self.pick([ops.tanh(new), carry + self.value_like(carry), carry + ops.tanh(new), new])
            kept.extend(self.some() for _ in range(self.rng.integers(3)))
            turns.append(self.pool)  # symbols are known by their identity, so they must live
            return [new, *(t + self.value_like(new) for t in total)], list(kept)

        kept: list[Symbol] = []
        turns: list[list[Symbol]] = []
        length = None if each else int(self.rng.integers(1, 4))
        try:
            starts = [start, ops.zeros(start.shape, start.dtype)][: self.rng.integers(1, 3)]
            lasts, stacks = ops.scan(turn, starts, each or None, length, reverse=bool(self.rng.integers(2)))
        finally:
            self.pool = outer
            self.alive += turns
        for symbol in (*lasts, *stacks):
            if math.prod(symbol.shape) < 200:
                self.put(ops.tanh(symbol) if is_float(symbol.dtype) else symbol, LARGEST)

    def value_like(self, carry: Symbol) -> Symbol:
        """A product of the shape of a carry, if it is a matrix: what a loop need not sum turn by turn."""
        if carry.ndim != 2 or carry.dtype != "float64":
            return ops.tanh(carry)
        tall = self.some(lambda s: s.ndim == 2 and s.shape[0] == carry.shape[0] and s.dtype == "float64")
        wide = ops.broadcast_to(ops.reshape(ops.tanh(ops.mean(tall)), (1, 1)), (tall.shape[1], carry.shape[1]))
        return ops.matmul(ops.tanh(tall), wide)

    def gradient(self) -> None:
        loss, variable = (
            ops.mean(self.floats()),
            self.some(lambda s: is_float(s.dtype) and s.node.op.kind != "pack"),
        )
        try:
            gradient = gradients(loss, [variable])[0]
        except TypeError as error:
            assert "no gradient rule" in str(error)  # a variable that was written: a part of a pack
            return
        self.put(ops.tanh(gradient), 1)

    def write(self) -> None:
        kind = self.rng.integers(5)
        if kind == 0:
            self.trace.write(self.counter, ops.cast(ops.sum(ops.clip(self.floats(), -9, 9)), "int64"))
        elif kind < 3:
            variable = self.pick(self.variables)
            fitting = [s for s in self.pool if s.shape == variable.shape and s.dtype != "bool"]
            variable.assign(self.pick(fitting))
            self.put(variable.value, self.bound(*fitting))
        else:
            storage = self.pick(self.whole)
            self.trace.write(storage, self.value_for(storage))
            self.put(self.trace.read(storage), LARGEST)

    def value_for(self, storage: Storage) -> Symbol:
        return self.some(lambda s: (s.shape, s.dtype) == (storage.shape, storage.dtype))

    def swap(self) -> None:
        a, b = self.whole[:2]
        one, other = self.trace.read(a), self.trace.read(b)
        self.trace.write(a, other)
        self.trace.write(b, one)

    def write_twice(self) -> None:
        value = self.value_for(self.whole[0])
        for storage in self.whole[:2]:
            self.trace.write(storage, value)

    def pack(self) -> None:
        parts = [self.some(lambda s: s.dtype == "float64") for _ in range(self.rng.integers(1, 4))]
        parts += [self.pick(parts)] if self.rng.integers(2) else []
        self.put(Symbol(self.trace.add(PACK, [p.node for p in parts])), self.bound(*parts))


def _broadcast(a: Symbol, b: Symbol) -> bool:
    try:
        return math.prod(np.broadcast_shapes(a.shape, b.shape)) < 200
    except ValueError:
        return False


def poison(program: Program) -> int:
    """Fill every array that is the program's own with bytes of 255, NaN as floats; how many there were."""
    theirs = [*program.arrays.values(), *(s.on(program.backend) for s in program.graph.storages.values())]
    if program.written.placement is not None:
        theirs += [program.namespace[program.written.names[n]] for n in program.written.placement.constants]
    roots = {}
    for array in [v for v in program.namespace.values() if isinstance(v, np.ndarray)]:
        while isinstance(array.base, np.ndarray):
            array = array.base
        roots[id(array)] = array
    own = [r for r in roots.values() if not any(np.may_share_memory(r, t) for t in theirs)]
    for array in own:
        array.reshape(-1).view(np.uint8)[...] = 255
    return len(own)


def check(drawn: Sample, backend: Backend, in_place: bool, rounds: int = 3) -> Program:
    """Run a program on changing inputs, its buffers poisoned before each; compare with the interpreter.

    Raises:
        AssertionError: an output or a storage holds other numbers, or the caller's arrays were written to.
    """
    graph, rng = drawn.graph, np.random.default_rng(7)
    kinds = {n: _kind(n) for n in graph.roots}
    program = Program(graph, backend, in_place=in_place)
    for turn in range(rounds):
        given = {n.name: _fresh(rng, n.shape, n.dtype) for n in drawn.arrays}
        kept = {s: s.numpy() for s in drawn.storages}
        wanted, written = interpret(graph, given | {n.name: kept[s] for n, s in graph.storages.items()})
        for name, array in program.arrays.items():
            array[...] = given[name]
        if in_place:
            poison(program)
        with np.errstate(all="ignore"):
            outputs = program(**{name: value.item() for name, value in given.items() if not value.shape})
        for i, (node, got) in enumerate(zip(graph.outputs, outputs, strict=True)):
            assert_close(kinds[node], backend.to_host(got), wanted[i], f"output {i} of run {turn}")
        kind_of = {graph.storages[target]: kinds[node] for target, node in graph.writes.items()}
        for storage in drawn.storages:
            want, kind = written.get(storage, kept[storage]), kind_of.get(storage, "view")
            assert_close(kind, storage.numpy(), want, f"storage {storage.name} after run {turn}")
        for name, array in program.arrays.items():
            np.testing.assert_array_equal(array, given[name], err_msg=f"input {name} was written to")
    return program


def _kind(node: Node) -> str:
    """Which tolerance a value has: that of float32 where any of its ancestors has it."""
    seen, stack = {node}, [node]
    while stack:
        fresh = set(stack.pop().inputs) - seen
        seen |= fresh
        stack += fresh
    return "through float32" if any(n.dtype == "float32" for n in seen) else "same order"


def _fresh(rng: np.random.Generator, shape: tuple[int, ...], dtype: str) -> np.ndarray[Any, Any]:
    return np.asarray(rng.uniform(-2, 2, shape) if is_float(dtype) else rng.integers(0, 9, shape)).astype(dtype)
