"""Place: every value gets memory, so that nothing is allocated while the program runs.

It lies inside a pack, over the storage that it replaces, over an operand that dies, or in a buffer that is free then.
"""

from __future__ import annotations

import attrs

from ..graph import MAKES_MEMORY, PACK, Graph, Node
from ..graph.index import Index
from ..graph.loop import SCAN, loop_of
from ..graph.types import itemsize
from ..ops.indexing import JOIN, tiles
from ..ops.random import RANDOM_BITS
from .fuse import Kernel

ALIGNMENT = 64  # bytes of a cache line: buffers are whole lines, so that any dtype may reuse them
FOREVER = 1 << 60


@attrs.define(eq=False)
class Buffer:
    """Bytes. An outside one is the caller's: an input's or a storage's; the others belong to the program."""

    name: str
    nbytes: int
    outside: bool = False


@attrs.frozen(eq=False)
class Place:
    """Where a value lies: in a buffer, from `start` on, counted in its own elements; or at an index of a join."""

    buffer: Buffer
    start: int = 0
    whole: Node | None = None
    index: Index | None = None


@attrs.define(eq=False)
class Placement:
    """The memory of a program.

    Attributes:
        of: the place of every node that owns memory; views look into their owner's.
        buffers: the program's own.
        heirs: for a node that took over the memory of an operand, that operand.
        copies: (storage input, node), copied when the step ends since they could not be written in place.
        turns: for a scan, the memory of one turn. What a turn leaves behind lies outside of it, elsewhere each time.
        spare: of a turn, where a carry lies alternately if its history is not kept.
        idle: for a kernel of several nodes, the buffers in which nothing lies while it runs.
        constants: values that depend on nothing, so that they are made once and not each step.
    """

    of: dict[Node, Place] = attrs.field(factory=dict)
    buffers: list[Buffer] = attrs.field(factory=list)
    heirs: dict[Node, Node] = attrs.field(factory=dict)
    copies: list[tuple[Node, Node]] = attrs.field(factory=list)
    turns: dict[Node, Placement] = attrs.field(factory=dict)
    spare: dict[Node, list[Place]] = attrs.field(factory=dict)
    idle: dict[Kernel, list[Buffer]] = attrs.field(factory=dict)
    constants: set[Node] = attrs.field(factory=set)


def place(graph: Graph, kernels: list[Kernel], numbers_in_memory: bool = False) -> Placement:
    """Give memory to all that the kernels make.

    Args:
        graph: the settled graph.
        kernels: what computes it, in order.
        numbers_in_memory: whether inputs that are single numbers lie in memory, rather than being passed at each call.
    """
    return _Placer(graph, kernels, numbers_in_memory).run()


class _Placer:
    def __init__(self, graph: Graph, kernels: list[Kernel], numbers_in_memory: bool, turn: bool = False) -> None:
        self.kernels = kernels
        self.result = Placement()
        self.free: list[Buffer] = []
        self.packed = _packed(kernels)
        self.wholes = {whole for whole, _ in self.packed.values()}
        self.targets = {} if turn else {new: target for target, new in graph.writes.items()}
        self.in_place: set[Node] = set()
        self.last: dict[Node, int] = {}  # the last kernel that reads a node's memory
        for i, kernel in enumerate(kernels):
            for node in kernel.inputs:
                self.last[node.owner] = i
        self.last |= dict.fromkeys((n.owner for n in graph.outputs), FOREVER)
        for node in () if turn else (k.root for k in kernels):
            if node.op.kind == "fresh" and not node.inputs and node not in {*graph.roots, *self.packed}:
                self.result.constants.add(node)
                self.result.of[node] = Place(self._new(node))
                self.last[node] = FOREVER
        for node in (*graph.inputs.values(), *graph.storages):
            if node.shape or node in graph.storages or numbers_in_memory:
                self.result.of[node] = Place(Buffer(node.name, _nbytes(node), outside=True))
        for node in graph.roots if turn else ():
            self.result.of[node] = Place(Buffer(node.name, _nbytes(node), outside=True))

    def run(self) -> Placement:
        for i, kernel in enumerate(self.kernels):
            dying = [
                n for n in dict.fromkeys(k.owner for k in kernel.inputs) if self.last[n] == i and self._reusable(n)
            ]
            if kernel.root.op is SCAN:
                self.result.turns[kernel.root] = _turn(kernel)
            for node in kernel.outputs:
                if node not in self.result.of:
                    self.result.of[node] = self._place(i, kernel, node, dying)
                if node in self.targets and node not in self.in_place:
                    self.last[node] = FOREVER
            if kernel.fused:
                self.result.idle[kernel] = list(self.free)
            self.free += [self.result.of[n].buffer for n in dying]
        self.result.copies = [(t, n) for n, t in self.targets.items() if n not in self.in_place]
        return self.result

    def _reusable(self, node: Node) -> bool:
        place = self.result.of.get(node)
        return (
            place is not None
            and not place.buffer.outside
            and node not in self.packed
            and node not in self.wholes
            and node.op is not PACK
        )

    def _place(self, i: int, kernel: Kernel, node: Node, dying: list[Node]) -> Place:
        of = self.result.of
        if node in self.packed:
            whole, where = self.packed[node]
            if whole not in of:
                of[whole] = self._place(i, kernel, whole, [])
            if isinstance(where, Index):
                return Place(of[whole].buffer, whole=whole, index=where)
            return Place(of[whole].buffer, where)
        if node in self.wholes:
            return Place(self._new(node))
        if node.op is PACK:
            return of.get(node) or Place(self._new(node))
        target = self.targets.get(node)
        if target is not None and self.last.get(target, -1) <= i and _may_overwrite(kernel, node, target):
            self.in_place.add(node)
            return of[target]
        for operand in dying:
            if (operand.dtype, operand.size) == (node.dtype, node.size) and _may_overwrite(kernel, node, operand):
                dying.remove(operand)
                self.result.heirs[node] = operand
                return of[operand]
        return Place(self._buffer(node))

    def _buffer(self, node: Node) -> Buffer:
        """The smallest free buffer that holds the node, unless that would waste most of it."""
        need = _nbytes(node)
        fitting = [b for b in self.free if need <= b.nbytes <= 4 * need]
        if not fitting:
            return self._new(node)
        best = min(fitting, key=lambda b: b.nbytes)
        self.free.remove(best)
        return best

    def _new(self, node: Node) -> Buffer:
        buffer = Buffer(f"buffer_{len(self.result.buffers)}", _nbytes(node))
        self.result.buffers.append(buffer)
        return buffer


def _turn(kernel: Kernel) -> Placement:
    """The memory of one turn of a loop."""
    loop = loop_of(kernel.root)
    placer = _Placer(loop.graph, kernel.turn, numbers_in_memory=True, turn=True)
    left = {n.option("of"): n.option("what") for n in kernel.outputs}
    for name, carry in loop.carries.items():
        if left.get(name) != "history":
            rooms = 1 if left.get(name) == "last" else 2
            placer.result.spare[carry] = [Place(placer._new(carry)) for _ in range(rooms)]
    return placer.run()


def _nbytes(node: Node) -> int:
    return max(1, -(-node.size * itemsize(node.dtype) // ALIGNMENT)) * ALIGNMENT


def _packed(kernels: list[Kernel]) -> dict[Node, tuple[Node, int | Index]]:
    """The values that can lie inside a pack or a join from the start, so that it copies nothing: where in which."""
    packed: dict[Node, tuple[Node, int | Index]] = {}
    for kernel in kernels:
        if kernel.root.op is JOIN and tiles(kernel.root):
            for part, index in zip(kernel.root.inputs, kernel.root.option("indices"), strict=True):
                if part.op.kind in MAKES_MEMORY and part.op is not RANDOM_BITS and part not in packed:
                    packed[part] = kernel.root, index
        if kernel.root.op is PACK:
            start = 0
            for part in kernel.root.inputs:
                node = part
                while node.op.in_order:
                    node = node.inputs[0]
                if node.op.kind in MAKES_MEMORY and node not in packed:
                    packed[node] = kernel.root, start
                start += part.size
    return packed


def _may_overwrite(kernel: Kernel, node: Node, old: Node) -> bool:
    """Whether `node` may be written over `old` while the kernel runs: it is then read no more, or only at the element
    that is being written."""
    reads = [(n, i) for n in kernel.body for i in n.inputs if i.owner is old]
    if not reads:
        return True
    if any(i.owner is old for i in node.apart):
        return False
    if node.op.kind != "elementwise":
        return False
    later = kernel.body[kernel.body.index(node) + 1 :]
    return all(
        n not in later
        and i.shape == node.shape
        and _same_order(i, old)
        and (n.op.kind == "reduction" or len(i.shape) == len(n.shape))
        for n, i in reads
    )


def _same_order(view: Node, old: Node) -> bool:
    while view.op.in_order:
        view = view.inputs[0]
    return view is old
