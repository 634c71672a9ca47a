"""Explain: what each stage made of a program."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ..backend import current_backend
from ..graph import Graph, Node, Trace, finish, recording
from ..graph.loop import loop_of
from ..ops.nesting import leaves, rebuilt
from .cost import Cost
from .function import inputs_of, to_arrays
from .fuse import Kernel
from .place import Buffer, Placement
from .run import Program, stages

HEADINGS = {
    "trace": "what was recorded, the gradients with it",
    "lower": "compounds written in other ops",
    "simplify": "constants folded, nothing computed twice",
    "hoist": "out of loops whatever need not be done turn by turn",
    "settle": "writes, outputs and copies as values of their own",
    "fuse": "the kernels: what is computed in one call or one loop",
    "place": "the memory of each value, and the kernels between which it lies there",
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
        for name, stage in stages(program.choice).items():
            graph = stage(graph)
            self.stages[name] = str(graph)
        names = program.written.names
        if program.written.placement is None:
            only = f"The backend '{program.backend.name}' takes no out=: each line is a call that makes a new array."
            self.stages |= {"fuse": only, "place": only}
        else:
            self.stages["fuse"] = _lines(_kernels(program.written.kernels, names))
            self.stages["place"] = _lines(
                _memory(program.graph, program.written.kernels, program.written.placement, names)
            )
        source = program.written.writer.source if program.written.writer else ""
        self.stages["emit"] = f"{program.setup}\n{program.text}\n{source}".rstrip() + "\n"
        self.stages["cost"] = str(Cost.of(program))

    def __getattr__(self, name: str) -> str:
        stages: dict[str, str] = self.__dict__.get("stages", {})
        if name in stages:
            return stages[name]
        raise AttributeError(f"An explanation has the stages {', '.join(stages)}, not {name!r}.")

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self.stages]

    def __str__(self) -> str:
        return "\n\n".join(f"=== {name}: {HEADINGS[name]}\n\n{text}".rstrip() for name, text in self.stages.items())

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


def lifetimes(graph: Graph, kernels: list[Kernel], placement: Placement) -> dict[Buffer, list[tuple[Node, int, int]]]:
    """For each buffer the values that lie in it, with the kernels that make them and read them last, in order.

    What is still wanted when the step ends lasts as long as there are kernels.
    """
    last = {n.owner: i for i, kernel in enumerate(kernels) for n in kernel.inputs}
    last |= dict.fromkeys((n.owner for n in graph.roots), len(kernels))
    held: dict[Buffer, list[tuple[Node, int, int]]] = {buffer: [] for buffer in placement.buffers}
    for i, kernel in enumerate(kernels):
        for node in kernel.outputs:
            if node in placement.of and placement.of[node].buffer in held:
                held[placement.of[node].buffer].append((node, i, last.get(node, i)))
    return held


def _memory(
    graph: Graph, kernels: list[Kernel], placement: Placement, names: Mapping[Any, str], indent: str = ""
) -> Iterator[str]:
    for buffer, values in lifetimes(graph, kernels, placement).items():
        spans: dict[str, tuple[int, int]] = {}
        for node, first, last in values:
            name = names.get(node, node.op.name)
            spans[name] = spans.get(name, (first,))[0], last
        end = len(kernels)
        told = [f"{name} {a}-{'end' if b == end else b}" for name, (a, b) in spans.items()]
        lies = ", ".join(told) or "a carry, in every other turn"
        yield f"{indent}{names.get(buffer, buffer.name):<10} {buffer.nbytes:>11,} bytes  {lies}"
    for scan, turn in placement.turns.items():
        inner = next(k for k in kernels if k.root is scan).turn
        yield f"{indent}in each of {loop_of(scan).length} turns:"
        yield from _memory(loop_of(scan).graph, inner, turn, names, indent + "    ")
