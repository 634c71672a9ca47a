"""Explain: what each stage made of a program, and what a step costs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from ..backend import current_backend
from ..graph import CONSTANT, Graph, Node, Trace, finish, recording
from ..graph.loop import SCAN, loop_of
from ..graph.types import itemsize
from ..ops.nesting import leaves, rebuilt
from .function import inputs_of, to_arrays
from .fuse import Kernel
from .place import Placement
from .run import STAGES, Program

HEADINGS = {
    "trace": "what was recorded, the gradients with it",
    "lower": "compounds written in other ops",
    "simplify": "constants folded, nothing computed twice",
    "hoist": "out of loops whatever need not be done turn by turn",
    "settle": "writes, outputs and copies as values of their own",
    "fuse": "what is computed in one call",
    "place": "the memory of each value",
    "emit": "the Python that runs",
    "cost": "what a step costs",
}


WIDTH = 100


class Explanation:
    """A program, stage by stage: printed as a whole, or one stage by its name, as `explanation.simplify`.

    Attributes:
        program: the program.
        stages: the text of each stage, by name, in their order.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        graph = program.recorded
        self.stages = {"trace": str(graph)}
        for stage in STAGES:
            graph = stage(graph)
            self.stages[stage.__name__] = str(graph)
        names = program.written.names
        if program.written.placement is None:
            only = f"The backend '{program.backend.name}' takes no out=: each line is a call that makes a new array."
            self.stages |= {"fuse": only, "place": only}
        else:
            self.stages["fuse"] = _lines(_kernels(program.written.kernels, names))
            self.stages["place"] = _lines(_memory(program.written.kernels, program.written.placement, names))
        self.stages["emit"] = f"{program.setup}\n{program.text}"
        self.stages["cost"] = str(Cost.of(program))

    def __getattr__(self, name: str) -> str:
        stages: dict[str, str] = self.__dict__.get("stages", {})
        if name in stages:
            return stages[name]
        raise AttributeError(f"An explanation has the stages {', '.join(stages)}, not {name!r}.")

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self.stages]

    def __str__(self) -> str:
        return "\n\n".join(f"=== {name}: {HEADINGS[name]}\n\n{text.strip()}" for name, text in self.stages.items())

    def __repr__(self) -> str:
        return f"<Explanation of {self.program!r}: {', '.join(self.stages)}>"


def explain(function: Callable[..., Any], *args: Any) -> Explanation:
    """How a function of arrays becomes a program, for arguments like these.

    Args:
        function: takes arrays, nested or not, and calls `kcore.ops` on them.
        args: its arguments; only their shapes and dtypes matter.
    """
    backend, trace = current_backend(), Trace()
    arrays = to_arrays("convert_to_tensor", leaves(args), backend)
    with recording(trace):
        out = function(*rebuilt(args, inputs_of(trace, arrays)))
    name = getattr(function, "__name__", "function")
    return Explanation(Program(finish(trace, name if name.isidentifier() else "function", leaves(out)), backend))


def _lines(lines: Iterable[str]) -> str:
    """Lines below each other, the long ones broken."""
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False)
        for line in lines
    )


def _spec(node: Node) -> str:
    return f"{node.dtype}{list(node.shape)}"


def _kernels(kernels: Iterable[Kernel], names: dict[Node, str], indent: str = "") -> Iterator[str]:
    for i, kernel in enumerate(kernels):
        inputs = ", ".join(names.get(n.owner, n.name) for n in kernel.inputs)
        outputs = ", ".join(names.get(n, n.name) for n in kernel.outputs)
        ops = ", ".join(n.op.name for n in kernel.body)
        scope = f"{kernel.root.scope}: " if kernel.root.scope else ""
        yield f"{indent}{i:>3}  {scope}{ops}  {_spec(kernel.root)}  of {inputs or 'nothing'}  ->  {outputs}"
        if kernel.turn:
            yield f"{indent}     {loop_of(kernel.root).length} turns of"
            yield from _kernels(kernel.turn, names, indent + "     ")


def _memory(kernels: list[Kernel], placement: Placement, names: dict[Node, str], indent: str = "") -> Iterator[str]:
    made = {n: i for i, kernel in enumerate(kernels) for n in kernel.outputs}
    read = {n.owner: i for i, kernel in enumerate(kernels) for n in kernel.inputs}
    for buffer in placement.buffers:
        held = [n for n, place in placement.of.items() if place.buffer is buffer and n in made]
        if held:
            first, last = min(made[n] for n in held), max(read.get(n, len(kernels)) for n in held)
            when = f"kernels {first} to {last}" if last < len(kernels) else f"from kernel {first} to the end"
        else:
            when = "a carry's"
        values = ", ".join(dict.fromkeys(names.get(n, n.op.name) for n in held))
        yield f"{indent}{names.get(buffer, buffer.name)}  {buffer.nbytes:,} bytes  {when}  {values}"  # type: ignore[call-overload]
    for scan, turn in placement.turns.items():
        inner = next(k for k in kernels if k.root is scan).turn
        yield f"{indent}in each of {loop_of(scan).length} turns:"
        yield from _memory(inner, turn, names, indent + "    ")


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
    random bits have none. Bytes count each operand of each call once, as if nothing stayed in a cache.
    """

    rows: dict[str, Row]
    memory: dict[str, int]

    @classmethod
    def of(cls, program: Program) -> Cost:
        """That of a program."""
        rows: dict[str, Row] = {}
        for node, times in _computed(program.graph, 1):
            rows.setdefault(node.scope or program.graph.name, Row()).add(node, times)
        placement = program.written.placement
        memory = {
            "weights and other state": sum(map(_nbytes, program.graph.storages)),
            "inputs": sum(map(_nbytes, program.graph.inputs.values())),
            "buffers": sum(b.nbytes for b in _buffers(placement)) if placement else 0,
        }
        return cls(rows, memory)

    @property
    def total(self) -> Row:
        """That of all rows."""
        fields = [f.name for f in attrs.fields(Row)]
        return Row(*(sum(getattr(row, f) for row in self.rows.values()) for f in fields))

    def __str__(self) -> str:
        width = max(map(len, [*self.rows, *self.memory, "in all"]))
        head = f"{'':<{width}} {'calls':>7} {'operations':>15} {'bytes read':>15} {'written':>15}"
        lines = [f"{scope:<{width}} {row.columns()}" for scope, row in self.rows.items()]
        held = [f"{what:<{width}} {nbytes:>15,} bytes" for what, nbytes in self.memory.items()]
        return "\n".join([head, *lines, f"{'in all':<{width}} {self.total.columns()}", "", *held])


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


def _buffers(placement: Placement) -> Iterator[Any]:
    yield from placement.buffers
    for turn in placement.turns.values():
        yield from _buffers(turn)
