"""Cost: the arithmetic, the traffic and the memory of a program's step, counted in its graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from ..graph import CONSTANT, Graph, Node
from ..graph.loop import SCAN, loop_of
from ..graph.types import itemsize
from .place import Buffer, Placement
from .run import Program


@attrs.define
class Row:
    """What the calls of one layer or phase cost."""

    calls: int = 0
    operations: int = 0
    read: int = 0
    written: int = 0

    def add(self, node: Node, times: int) -> None:
        """One more call, run so many times a step."""
        self.calls += times
        self.operations += times * _operations(node)
        self.read += times * sum(_nbytes(i) for i in dict.fromkeys(node.inputs) if i.op is not CONSTANT)
        self.written += times * _nbytes(node)

    def columns(self) -> str:
        """Its numbers, beneath those of others."""
        return f"{self.calls:>7,} {self.operations:>15,} {self.read:>15,} {self.written:>15,}"


@attrs.define
class Cost:
    """What a step costs, by layer or phase, and the memory that the program holds.

    An operation is one addition or multiplication: a product of (m, k) and (k, n) has 2 m k n, an elementwise function
    one for each element of its result, a reduction one for each element of its operand; views, copies of parts and
    random bits have none. Bytes count each operand of each call once, as if nothing stayed in a cache; a call that goes
    block by block is one.

    Memory is held from step to step, so that its sum is the peak but for what NumPy needs inside of a call. A storage
    that only the phase reads which writes it is that phase's state, as slots and metrics are; other storages are
    weights, or arrays that were met in the trace.
    """

    rows: dict[str, Row]
    memory: dict[str, int]

    @classmethod
    def of(cls, program: Program) -> Cost:
        """That of a program."""
        rows: dict[str, Row] = {}
        made_once = program.written.placement.constants if program.written.placement else set()
        for node, times in _computed(program.graph, 1):
            if node in made_once:
                continue
            rows.setdefault(node.scope or program.graph.name, Row()).add(node, times)
        return cls(rows, _held(program))

    @property
    def total(self) -> Row:
        """That of all rows."""
        fields = [f.name for f in attrs.fields(Row)]
        return Row(*(sum(getattr(row, f) for row in self.rows.values()) for f in fields))

    def __str__(self) -> str:
        memory = self.memory | {"in all": sum(self.memory.values())}
        width = max(map(len, [*self.rows, *memory]))
        head = f"{'':<{width}} {'calls':>7} {'operations':>15} {'bytes read':>15} {'written':>15}"
        lines = [f"{scope:<{width}} {row.columns()}" for scope, row in self.rows.items()]
        held = [f"{what:<{width}} {nbytes:>15,} bytes" for what, nbytes in memory.items()]
        return "\n".join([head, *lines, f"{'in all':<{width}} {self.total.columns()}", "", *held])


def _held(program: Program) -> dict[str, int]:
    """The bytes of a program, by kind."""
    graph, placement, memory = program.graph, program.written.placement, Counter[str]()
    readers, steps = graph.readers(), set[str]()
    for node in graph.storages:
        new = graph.writes.get(node)
        alone = new is not None and {r.scope for r in readers[node]} <= {new.scope}
        if new is not None and not alone:
            steps.add(new.scope)
        memory[f"state of {new.scope}" if new is not None and alone else "weights"] += _nbytes(node)
    memory.update({"gradients": 0, "activations and the like": 0})
    if placement is not None:
        wanted = {n.owner for k in program.written.kernels if k.root.scope in steps for n in k.inputs}
        gradients = {placement.of[n].buffer for n in wanted if n.scope.startswith("gradient of ") and n in placement.of}
        for buffer in _buffers(placement):
            memory["gradients" if buffer in gradients else "activations and the like"] += buffer.nbytes
        memory["scratch of loops"] = program.written.scratch
    memory["inputs"] = sum(map(_nbytes, graph.inputs.values()))
    return {kind: nbytes for kind, nbytes in memory.items() if nbytes}


def _computed(graph: Graph, times: int) -> Iterator[tuple[Node, int]]:
    """What is computed, and how often; of a loop what its turns compute."""
    for node in graph.nodes:
        if node.op is SCAN:
            yield from _computed(loop_of(node).graph, times * loop_of(node).length)
        elif node.op.kind not in ("source", "view", "item", "pack"):
            yield node, times


def _operations(node: Node) -> int:
    if node.op.kind == "product":
        return 2 * node.size * node.inputs[0].shape[-1]
    if node.op.kind == "reduction":
        return node.inputs[0].size
    return node.size if node.op.kind == "elementwise" else 0


def _nbytes(node: Node) -> int:
    return node.size * itemsize(node.dtype)


def _buffers(placement: Placement) -> Iterator[Buffer]:
    yield from placement.buffers
    for turn in placement.turns.values():
        yield from _buffers(turn)
