"""Culprit: the first kernel of a step that gives other numbers on another backend."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Iterator, Sequence

import attrs
import numpy as np

from ..graph import Graph, Node, Trace
from ..graph.loop import ITEM, SCAN, loop_of
from ..models.data import HostArray
from ..program.emit import emit_pure
from ..program.fuse import Kernel
from ..program.run import Program
from ..program.writer import Text
from .stepping import Batch, State, Stepper, is_value
from .tolerances import allowed, difference, distances
from .wide import is_narrow

WIDTH = 80


@attrs.frozen
class Culprit:
    """A kernel whose output differs though all that was computed before it agrees.

    Attributes:
        step: in which step, counted from 1.
        number, count: which kernel of how many, as `model.explain("train").fuse` numbers them; a loop is one.
        scope: the layer or phase that it belongs to.
        op: the op that differs.
        statements: what the kernel computes, as lines of a program.
        inputs: what it reads: names, dtypes and shapes.
        output: the value that differs, likewise.
        turn: of a loop, in which turn, counted from 0 along its arrays.
        largest, allowed: the largest difference of an element, and how large it may be.
        place: the index of that element.
        wanted, got: its value on NumPy and on the other backend.
    """

    step: int
    number: int
    count: int
    scope: str
    op: str
    statements: list[str]
    inputs: list[str]
    output: str
    turn: int | None
    largest: float
    allowed: float
    place: tuple[int, ...]
    wanted: float
    got: float

    def __str__(self) -> str:
        where = f"{self.scope}: " if self.scope else ""
        turn = "" if self.turn is None else f", turn {self.turn} of its loop"
        lines = [
            f"The first kernel whose output differs, in step {self.step}{turn}:",
            f"  {where}kernel {self.number} (of 0 to {self.count - 1}), by its {self.op}",
            *(f"    {line}" for line in self.statements),
            f"  of {', '.join(self.inputs) or 'nothing'}",
            f"  gives {self.output}: {self.got:.9g} where NumPy gives {self.wanted:.9g},",
            f"  at {list(self.place)}; {self.largest:.2g} apart, of which rounding explains {self.allowed:.2g}.",
        ]
        return "\n".join(
            textwrap.fill(line, WIDTH, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False)
            for line in lines
        )


@attrs.frozen(eq=False)
class _Value:
    """A value of a step.

    Attributes:
        node: what it is.
        kernel: which makes it.
        number: which kernel of the step that is, or lies in.
        turns: of a value in a loop, the loop's turns, in the order in which they come.
    """

    node: Node
    kernel: Kernel
    number: int
    turns: Sequence[int] = ()


def first_difference(home: Stepper, other: Stepper, start: State, batches: Sequence[Batch]) -> Culprit | None:
    """The first kernel whose output on the other backend differs, in a step that both begin with the same numbers.

    The step is made again, so that all its values are outputs, and compared value by value.

    Args:
        home, other: the same step on NumPy and on the other backend.
        start: before the first step.
        batches: what each step is given.
    """
    told = (other if other.program.written.kernels else home).program  # whose kernels are told of
    text = emit_pure(told.graph, told.backend)
    for whole in (True, False):  # what goes wrong where a kernel keeps a value to itself is seen the second time
        values = list(_values(told.written.kernels, whole))
        graph = _giving(told.graph, values)
        steppers = [Stepper(graph, home.backend), Stepper(graph, other.backend)]
        if is_narrow(graph):
            steppers.append(Stepper(steppers[0].program.graph, home.backend, wide=True))
        state = start
        for step, batch in enumerate(batches, 1):
            (wanted, after), (got, _), *wide = (stepper.step(state, batch) for stepper in steppers)
            found = _search(values, wanted, got, wide[0][0] if wide else None)
            if found is not None:
                return _told(told, text, step, *found)
            state = after
    return None


def _values(kernels: Sequence[Kernel], whole: bool) -> Iterator[_Value]:
    """In the order in which they come about: what kernels make, and views ahead of the kernels that read them.

    Args:
        kernels: those of the step.
        whole: whether of a kernel's values also those that only itself reads.
    """
    seen = set[Node]()
    for number, kernel in enumerate(kernels):
        for node in _views(kernel.inputs):
            if node not in seen:
                seen.add(node)
                yield _Value(node, kernel, number)
        if kernel.root.op is SCAN:
            loop = loop_of(kernel.root)
            turns = range(loop.length)[:: -1 if loop.reverse else 1]
            for inner in kernel.turn:
                made = inner.body if whole else inner.outputs
                yield from (_Value(n, inner, number, turns) for n in made if is_value(n))
            yield from (_Value(n, kernel, number) for n in kernel.outputs)
        else:
            yield from (_Value(n, kernel, number) for n in (kernel.body if whole else kernel.outputs))


def _views(nodes: Sequence[Node]) -> Iterator[Node]:
    """The views among nodes, and those that they look through, these first."""
    for node in nodes:
        if node.op.kind == "view":
            yield from _views(node.inputs)
            yield node


def _giving(graph: Graph, values: Sequence[_Value]) -> Graph:
    """The graph with these values as its outputs; of one in a loop with that of every turn."""
    scan_of = {n: s for s in graph.nodes if s.op is SCAN for n in loop_of(s).graph.nodes}
    trace = Trace()
    trace.nodes = list(graph.nodes)
    outputs = []
    for value in values:
        node = value.node
        if value.turns:
            scan = scan_of[node]
            node = trace.add(ITEM, [scan], {"what": "stack", "of": loop_of(scan).stack(node)})
        outputs.append(node)
    return attrs.evolve(graph, nodes=trace.nodes, outputs=outputs)


def _search(
    values: Sequence[_Value], wanted: Sequence[HostArray], got: Sequence[HostArray], exact: Sequence[HostArray] | None
) -> tuple[_Value, int | None, HostArray, HostArray, float] | None:
    """The first value that differs: with its turn, its numbers here and there, and how far apart these may be."""
    places = {value.node: i for i, value in enumerate(values)}
    sizes = [_largest(array) for array in wanted]
    for _, group in itertools.groupby(range(len(values)), lambda i: (values[i].number, bool(values[i].turns))):
        members = list(group)
        turns: Sequence[int | None] = values[members[0]].turns or [None]
        for turn, i in itertools.product(turns, members):
            part = ... if turn is None else turn
            a, b = wanted[i][part], got[i][part]
            size = max((sizes[places[n.owner]] for n in values[i].node.inputs if n.owner in places), default=0.0)
            limit = allowed("chain", a, exact[i][part] if exact else None, size)
            if difference(a, b) > limit:
                return values[i], turn, a, b, limit
    return None


def _largest(array: HostArray) -> float:
    return float(np.abs(array[np.isfinite(array)]).max(initial=0)) if array.dtype.kind == "f" else 0.0


def _told(
    program: Program, text: Text, step: int, value: _Value, turn: int | None, a: HostArray, b: HostArray, limit: float
) -> Culprit:
    apart = distances(a, b)
    place = tuple(int(i) for i in np.unravel_index(apart.argmax(), apart.shape))
    body = value.kernel.outputs if value.kernel.root.op is SCAN else value.kernel.body
    body = [*dict.fromkeys(_views(value.kernel.inputs)), *body]
    return Culprit(
        step=step,
        number=value.number,
        count=len(program.written.kernels),
        scope=value.node.scope,
        op=value.node.op.name,
        statements=[line for node in body if (line := _statement(text, node))],
        inputs=[_spec(text, n.owner) for n in value.kernel.inputs],
        output=_spec(text, value.node),
        turn=turn,
        largest=float(apart.max()),
        allowed=limit,
        place=place,
        wanted=float(a[place]),
        got=float(b[place]),
    )


def _statement(text: Text, node: Node) -> str:
    """The line that computes a node."""
    found = re.search(rf"^ *({re.escape(text.names.get(node, '?'))} = .*?)(  # .*)?$", text.step, re.MULTILINE)
    return found[1].rstrip() if found else ""


def _spec(text: Text, node: Node) -> str:
    return f"{text.names.get(node, node.op.name)} {node.dtype}{list(node.shape)}"
