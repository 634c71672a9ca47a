"""Loop: what a scan computes each turn, traced once into a graph of its own."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any, NoReturn

import attrs

from .graph import Graph
from .node import CONSTANT, INPUT, Node, Op
from .record import call
from .storage import Storage
from .symbol import Symbol
from .trace import Trace, recording
from .types import DEFAULT_FLOAT, DType, Shape
from .where import users_line


@attrs.define(eq=False)
class Loop:
    """One turn of a scan.

    Attributes:
        graph: what a turn computes. Its inputs stand for the scan's inputs, in order. It writes its carries, what one
            turn hands to the next; its outputs are values of which every turn's is kept.
        each: the names of the inputs of which a turn sees its own part; others but the carries are the same every turn.
        stacks: the names of the outputs.
        length: how many turns there are.
        reverse: whether the last turn comes first.
    """

    graph: Graph
    each: frozenset[str]
    stacks: list[str]
    length: int
    reverse: bool

    @property
    def carries(self) -> dict[str, Node]:
        """The carries' inputs, by name."""
        return {name: n for name, n in self.graph.inputs.items() if n in self.graph.writes}

    def stack(self, node: Node) -> str:
        """Keep every turn's value of a node; its name among the stacks."""
        if node in self.graph.outputs:
            return self.stacks[self.graph.outputs.index(node)]
        name = f"stack_{len(self.stacks)}"
        self.graph.outputs.append(node)
        self.stacks.append(name)
        return name

    def value(self, name: str) -> Node:
        """The node that is kept under a name."""
        return self.graph.outputs[self.stacks.index(name)]

    def inputs(self, scan: Node) -> dict[str, Node]:
        """By name, what a scan of this loop reads."""
        return dict(zip(self.graph.inputs, scan.inputs, strict=True))

    def __repr__(self) -> str:
        return f"<Loop of {self.length} turns>"

    def __str__(self) -> str:
        return f"{self.length} turns{', the last first' * self.reverse}:\n{self.graph}"


def loop_of(scan: Node) -> Loop:
    """The loop that a scan runs."""
    loop: Loop = scan.option("loop")
    return loop


def _item_rule(scan: Node, *, what: str, of: str) -> tuple[Shape, DType]:
    loop = loop_of(scan)
    if what == "stack":
        node = loop.value(of)
        return (loop.length, *node.shape), node.dtype
    node = loop.carries[of]
    return ((loop.length + 1, *node.shape) if what == "history" else node.shape), node.dtype


SCAN = Op("scan", "loop", lambda *inputs, loop: ((0,), "bool"), noun="scan")
"""A loop that has run: it holds no numbers itself, its items do."""

ITEM = Op("item", "item", _item_rule, noun="item")
"""What is left of a scan: the `last` value of a carry, its `history` (start and every turn's), or a `stack`."""


def item(trace: Trace, scan: Node, what: str, of: str) -> Symbol:
    """One of the values that a scan leaves behind."""
    return Symbol(trace.add(ITEM, [scan], {"what": what, "of": of}))


class Turn(Trace):
    """Records one turn of a loop; what it reads from outside becomes an input of the loop."""

    def __init__(self, outside: Trace, length: int) -> None:
        super().__init__()
        self.outside, self.length = outside, length
        self.draws = outside.draws
        self.training = outside.training
        self._scope = outside._scope
        self.given: dict[str, Node] = {}  # for the loop's inputs by name, what they stand for outside
        self.carried: dict[str, Node] = {}
        self.each: set[str] = set()
        self.recalled: dict[
            Node, Node
        ] = {}  # of a turn of the way back: for nodes of the way there, those of their value
        self._turn: Node | None = None
        self._lifted: dict[tuple[Node, bool], Node] = {}

    def carry(self, start: Node, name: str = "") -> Symbol:
        """A value that this turn gets from the one before it."""
        key, node = self._parameter(start, start.shape, name or start.name)
        self.carried[key] = node
        return Symbol(node)

    def part(self, whole: Node, name: str = "") -> Symbol:
        """This turn's part of an array from outside, along its first axis."""
        if (whole, True) not in self._lifted:
            key, self._lifted[whole, True] = self._parameter(whole, whole.shape[1:], name or whole.name)
            self.each.add(key)
        return Symbol(self._lifted[whole, True])

    def lift(self, node: Node) -> Node:
        """The node that stands inside for one from outside."""
        if node.op is CONSTANT:
            return self.constant(node.option("value"), node.shape, node.dtype)
        if (node, False) not in self._lifted:
            _, self._lifted[node, False] = self._parameter(node, node.shape, node.name)
        return self._lifted[node, False]

    def _parameter(self, node: Node, shape: Shape, name: str) -> tuple[str, Node]:
        """One more input, and its name among them."""
        made = self.add(INPUT, spec=(shape, node.dtype), name=name)
        key = f"{len(self.given)}"
        self.given[key] = node
        self.inputs[key] = made
        return key, made

    def node_of(self, value: Any) -> Node:
        """The node inside of the loop for a symbol, from inside or outside, or a host array."""
        if isinstance(value, Symbol) and value.node in self._own:
            return value.node
        if isinstance(value, Symbol) and value.node in self.recalled:
            return self.recalled[value.node]
        return self.lift(self.outside.node_of(value))

    def input(self, name: str, shape: Shape = (), dtype: DType = DEFAULT_FLOAT) -> Symbol:
        """An input of the whole program."""
        return Symbol(self.lift(self.outside.input(name, shape, dtype).node))

    def read(self, storage: Storage, start: int = 0, shape: Shape | None = None, name: str = "") -> Symbol:
        """What a storage held when the loop began."""
        return Symbol(self.lift(self.outside.read(storage, start, shape, name).node))

    def turn(self) -> Node:
        """The number of this turn, no other loop's around it being the same."""
        if self._turn is None:
            with recording(self.outside):
                numbers: Symbol = call("arange", start=0, stop=self.length, step=1, dtype="uint64")
            before = self.lift(self.outside.turn())
            self._turn = self._within(before, self.length, self.part(numbers.node, "turn"))
        return self._numbered(self._turn)

    def write(self, storage: Storage, value: Symbol, start: int = 0) -> NoReturn:
        """Refused: only a carry may change from turn to turn."""
        raise TypeError(
            f"{users_line()}a variable cannot be assigned inside of a scan. Make it a carry: give its value as part of "
            "`init`, return the new one as part of the carry, and assign what the scan returns."
        )

    def finish(self, carries: Sequence[Node], reverse: bool) -> Node:
        """Record the scan outside, of a turn that leaves these carries."""
        graph = Graph("turn", self.nodes, self.inputs, {}, dict(zip(self.carried.values(), carries, strict=True)), [])
        loop = Loop(graph, frozenset(self.each), [], self.length, reverse)
        return self.outside.add(SCAN, list(self.given.values()), {"loop": loop})


def record_loop(
    trace: Trace,
    starts: Sequence[Node],
    length: int,
    turn: Callable[[Turn, list[Symbol]], tuple[Sequence[Symbol], Sequence[Symbol]]],
    reverse: bool = False,
) -> tuple[list[Symbol], list[Symbol]]:
    """Record a scan: the last carries, and every turn's value of what `turn` returns beside the carries."""
    inner = Turn(trace, length)
    with recording(inner):
        carries = [inner.carry(n) for n in starts]
        new, values = turn(inner, carries)
        nodes = [inner.node_of(v) for v in values]
        scan = inner.finish([inner.node_of(c) for c in new], reverse)
    loop = loop_of(scan)
    lasts = [item(trace, scan, "last", name) for name in inner.carried]
    return lasts, [item(trace, scan, "stack", loop.stack(n)) for n in nodes]


def through(
    trace: Trace,
    scan: Node,
    inputs: Sequence[Node],
    stage: Callable[[Graph], Graph],
    asked: Container[str] | None = None,
) -> Node:
    """The scan again, of other inputs, its loop taken through a stage.

    Inputs that it no longer reads are left out, and so are stacks that are not `asked` for.
    """
    loop = loop_of(scan)
    graph = stage(loop.graph)
    kept = [i for name, i in zip(loop.graph.inputs, inputs, strict=True) if name in graph.inputs]
    stacks = [name for name in loop.stacks if asked is None or name in asked]
    new = attrs.evolve(loop, graph=graph, each=loop.each & graph.inputs.keys(), stacks=stacks)
    return trace.add(SCAN, kept, {"loop": new}, name=scan.name)
