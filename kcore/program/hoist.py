"""Hoist: what a loop need not do turn by turn is done for all turns at once, ahead of it or behind it.

- What is the same every turn is computed once, ahead.
- Products and gathers of what comes in each turn go ahead, as one call for all turns.
- Products, gathers and reductions that no carry needs, and what is made of them, go behind. A sum over the turns that
  only grows, as the gradient of a weight does, is then no carry any more: a sum of products is one large product.

An op says by its rule `batched` how it is done for all turns at once; elementwise ops and reductions need none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .. import ops
from ..graph import CONSTANT, Graph, Node, Symbol, Trace, rewrite
from ..graph.graph import ancestors
from ..graph.loop import ITEM, SCAN, Loop, Turn, item, loop_of, through
from ..graph.node import Kind
from ..graph.types import is_float
from ..ops.shaping import of_rank
from .differentiate import depending
from .simplify import simplify

AHEAD: set[Kind] = {"product", "gather"}
BEHIND: set[Kind] = {"product", "gather", "reduction"}


def hoist(graph: Graph) -> Graph:
    """The same computation with less inside its loops, inner loops first; carries have a history where it is read."""
    if not any(node.op is SCAN for node in graph.nodes):
        return graph
    left: dict[tuple[Node, str, str], Node] = {}  # by scan and item, what stands for the item
    asked: dict[Node, list[tuple[str, str]]] = {n: [] for n in graph.nodes if n.op is SCAN}
    for node in graph.nodes:
        if node.op is ITEM:
            asked[node.inputs[0]].append((node.option("what"), node.option("of")))

    def rule(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
        if node.op is ITEM:
            return left[node.inputs[0], node.option("what"), node.option("of")]
        if node.op is not SCAN:
            return trace.copy(node, inputs)
        inner = through(trace, node, inputs, hoist)
        hoisting = _Hoisting(trace, inner)
        for of, made in hoisting.run(asked[node]).items():
            left[node, *of] = made
        return hoisting.scan

    return simplify(rewrite(graph, rule))


class _Hoisting:
    """One loop, taken apart and recorded again."""

    scan: Node

    def __init__(self, trace: Trace, scan: Node) -> None:
        self.trace = trace
        self.loop: Loop = loop_of(scan)
        self.nodes = self.loop.graph.nodes
        self.given = {self.loop.graph.inputs[name]: n for name, n in self.loop.inputs(scan).items()}
        self.carried = depending(self.nodes, self.loop.carries.values())
        self.turned = depending(self.nodes, [self.loop.graph.inputs[name] for name in self.loop.each])
        self.once: dict[Node, Node] = {}  # what is the same every turn, as it is outside
        self.whole: dict[Node, Node] = {}  # what is not, for all turns at once
        self.now: dict[Node, Node] = {}  # in the new loop
        self.histories: dict[str, Symbol] = {}  # of its carries, by name, where they are read

    def run(self, asked: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Node]:
        """Record it again; what stands for each item that is asked for."""
        asked = sorted(asked)
        self._ahead()
        carries = self.loop.carries
        stacks = {of: self.loop.value(of) for what, of in asked if what == "stack"}
        told = {carries[of] for what, of in asked if what == "history"}
        growing = {
            c: v for c in carries.values() if c not in told and (v := self._added(c, stacks.values())) is not None
        }
        behind = self._behind([n for n in carries.values() if n not in growing], [*growing.values(), *stacks.values()])
        growing = {c: v for c, v in growing.items() if v in behind or v in self.whole}
        kept = [n for n in carries.values() if n not in growing]
        read = [i for n in self.nodes if n in behind for i in n.inputs]
        there = behind | self.whole.keys() | self.once.keys()
        wanted = [n for n in dict.fromkeys((*read, *stacks.values())) if n not in there]
        self.scan, keys = self._record(kept, wanted)
        for n in wanted:
            self.whole[n] = self._kept(n, kept, keys)
        alone = (behind & set(growing.values())) - {i for n in behind for i in n.inputs} - set(stacks.values())
        for n in self.nodes:
            if n in behind and n not in alone:
                self._batch(n)
        lasts = {n: self._summed(v) for n, v in growing.items()}
        result: dict[tuple[str, str], Node] = {}
        for what, of in asked:
            if what == "stack":
                result[what, of] = self._all_turns(stacks[of])
            elif what == "history":
                result[what, of] = self._history(keys[carries[of]]).node
            elif carries[of] in growing:
                result[what, of] = ops.add(Symbol(self.given[carries[of]]), Symbol(lasts[carries[of]])).node
            else:
                result[what, of] = self._last(keys[carries[of]])
        return result

    # ahead of the loop

    def _ahead(self) -> None:
        moving: set[Node] = set()
        for node in self.nodes:
            if node in self.given:
                if node in self.turned and node not in self.carried:
                    self.whole[node] = self.given[node]
                elif node not in self.carried:
                    self.once[node] = self.given[node]
            elif node not in self.carried and node not in self.turned:
                self.once[node] = self.trace.copy(node, [self.once[i] for i in node.inputs])
            elif _batchable(node) and all(i in self.once or i in self.whole or i in moving for i in node.inputs):
                moving.add(node)
        dear = [n for n in moving if n.op.kind in AHEAD]
        needed = ancestors(dear)
        for node in self.nodes:
            if node in moving and node in needed:
                self._batch(node)

    # behind the loop

    def _added(self, carry: Node, stacks: Iterable[Node]) -> Node | None:
        """What every turn adds to a carry that is used for nothing else, None if it is."""
        new = self.loop.graph.writes[carry]
        if new.op.name != "add" or carry not in new.inputs or carry in stacks or new in stacks:
            return None
        if not is_float(carry.dtype):  # sums of integers are wider, those of truth values are counts
            return None
        readers = [n for n in self.nodes for i in n.inputs if i in (carry, new)]
        others = [n for c, n in self.loop.graph.writes.items() if c is not carry]
        value = new.inputs[1] if new.inputs[0] is carry else new.inputs[0]
        return value if readers == [new] and not {carry, new} & set(others) and value.shape == carry.shape else None

    def _behind(self, carries: Sequence[Node], ends: Sequence[Node]) -> set[Node]:
        """The nodes that go behind the loop: of use to `ends` alone, dear or made of what is, and batchable."""
        stay = ancestors([self.loop.graph.writes[c] for c in carries])
        while True:
            free = [n for n in self.nodes if n in ancestors(ends) and n not in stay]
            free = [n for n in free if n not in self.once and n not in self.whole and n not in self.given]
            moving = {n for n in free if n.op.kind in BEHIND}
            moving |= set(free) & depending(free, moving)
            stuck = [n for n in moving if not _batchable(n)]
            if not stuck:
                return moving | self._looks(moving)
            stay |= ancestors(stuck)

    def _looks(self, readers: set[Node]) -> set[Node]:
        """The views that these read: rather the array that they look into is kept of every turn."""
        looks, found = set[Node](), readers
        while found := {i for n in found for i in n.inputs if i.op.kind == "view" and _batchable(i)} - looks:
            looks |= found
        return looks - self.once.keys() - self.whole.keys() - readers

    # the loop that is left

    def _record(self, carries: Sequence[Node], wanted: Sequence[Node]) -> tuple[Node, dict[Node, str]]:
        writes = self.loop.graph.writes
        inner = Turn(self.trace, self.loop.length)
        for c in carries:
            self.now[c] = inner.carry(self.given[c], c.name).node
        needed = ancestors(
            [*(writes[c] for c in carries), *wanted], lambda n: n not in self.once and n not in self.whole
        )
        for node in self.nodes:
            if node in needed and node not in self.now:
                if node in self.once:
                    self.now[node] = inner.lift(self.once[node])
                elif node in self.whole:
                    self.now[node] = inner.part(self.whole[node], node.name).node
                else:
                    self.now[node] = inner.copy(node, [self.now[i] for i in node.inputs])
        scan = inner.finish([self.now[writes[c]] for c in carries], self.loop.reverse)
        return scan, dict(zip(carries, inner.carried, strict=True))

    def _kept(self, node: Node, carries: Sequence[Node], keys: dict[Node, str]) -> Node:
        """Every turn's value of a node of the loop: of a carry by its history."""
        first = int(self.loop.reverse)
        for c in carries:
            for held, start in ((c, first), (self.loop.graph.writes[c], 1 - first)):
                if node is held:
                    part: Symbol = self._history(keys[c])[start : start + self.loop.length]
                    return part.node
        return item(self.trace, self.scan, "stack", loop_of(self.scan).stack(self.now[node])).node

    def _history(self, key: str) -> Symbol:
        if key not in self.histories:
            self.histories[key] = item(self.trace, self.scan, "history", key)
        return self.histories[key]

    def _last(self, key: str) -> Node:
        if key not in self.histories:
            return item(self.trace, self.scan, "last", key).node
        last: Symbol = self.histories[key][0 if self.loop.reverse else -1]
        return last.node

    # all turns at once

    def _all_turns(self, node: Node) -> Node:
        if node in self.once:
            wide: Symbol = ops.broadcast_to(Symbol(self.once[node]), (self.loop.length, *node.shape))
            return wide.node
        return self.whole[node]

    def _batch(self, node: Node) -> None:
        """Compute a node for all turns."""
        inputs = [Symbol(self.whole[i] if i in self.whole else self.once[i]) for i in node.inputs]
        stacked = [i in self.whole for i in node.inputs]
        with self.trace.scope(node.scope):
            made: Node = batched(self.trace, node, inputs, stacked).node
        made.name = made.name or node.name
        self.whole[node] = made

    def _summed(self, node: Node) -> Node:
        """The sum of a node over all turns."""
        with self.trace.scope(node.scope):
            if node.op.kind == "view" and node not in self.whole:
                return self.trace.copy(node, [self._summed(node.inputs[0])])
            if node.op.name == "sum" and node not in self.whole:
                self._need(node.inputs)
                return self._total(node.inputs[0], (0, *(a + 1 for a in node.option("axis"))))
            if node.op.kind == "product" and node not in self.whole and all(len(i.shape) == 2 for i in node.inputs):
                self._need(node.inputs)
                return self._product(*node.inputs)
            self._need([node])
            return self._total(node, (0,))

    def _total(self, node: Node, axes: tuple[int, ...]) -> Node:
        """The sum of all turns' values of a node, and over some of its axes."""
        total: Symbol = ops.sum(Symbol(self._all_turns(node)), axes)
        return total.node

    def _need(self, nodes: Iterable[Node]) -> None:
        for n in nodes:
            if n not in self.whole and n not in self.once:
                self._batch(n)

    def _product(self, a: Node, b: Node) -> Node:
        """The sum over all turns of products: one product, the turns being summed over as its inner axis is."""
        if a in self.once or b in self.once:
            left, right = (
                Symbol(self.once[n]) if n in self.once else ops.sum(Symbol(self.whole[n]), 0) for n in (a, b)
            )
        else:
            tall = ops.reshape(ops.permute_dims(Symbol(self.whole[a]), (0, 2, 1)), (-1, a.shape[0]))
            left = ops.transpose(tall)  # so that what is transposed in each turn need not be so here
            right = ops.reshape(Symbol(self.whole[b]), (-1, b.shape[1]))
        product: Symbol = ops.matmul(left, right)
        return product.node


def _batchable(node: Node) -> bool:
    return node.op is CONSTANT or node.op.batched is not None or node.op.kind in ("elementwise", "reduction")


def batched(trace: Trace, node: Node, inputs: list[Symbol], stacked: list[bool]) -> Symbol:
    """What a node gives for operands of which some hold one value for each turn, along a new first axis."""
    if node.op.batched is not None:
        made: Symbol = node.op.batched(inputs, stacked, **node.options)
        return made
    if node.op.kind == "reduction":
        return Symbol(trace.add(node.op, [inputs[0].node], {"axis": tuple(a + 1 for a in node.option("axis"))}))
    rank = len(node.shape)
    wide = [of_rank(x, rank) if many else x for x, many in zip(inputs, stacked, strict=True)]
    return Symbol(trace.add(node.op, [x.node for x in wide], node.options))
