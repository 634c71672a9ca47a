"""A check of placements that knows nothing of how they are made: it follows who lies in which byte."""

from __future__ import annotations

import numpy as np

from kcore.graph import CONSTANT, PACK, Graph, Node
from kcore.graph.loop import SCAN, loop_of
from kcore.graph.types import itemsize
from kcore.ops.indexing import JOIN
from kcore.program.fuse import Kernel
from kcore.program.place import Placement
from kcore.program.sharing import by_rows, rows


class Memory:
    """Every byte of every buffer, and the number of the node whose value lies there."""

    def __init__(self, graph: Graph, placement: Placement) -> None:
        self.placement = placement
        self.number = {node: i for i, node in enumerate(graph.nodes, 1)}
        self.joined: dict[Node, np.ndarray] = {}  # what lies in a pack or a join: its own copies, and what was there
        self.bytes = {p.buffer: np.zeros(p.buffer.nbytes, int) for p in placement.of.values()}
        for node in (*graph.inputs.values(), *graph.storages):
            if node in placement.of:
                self.put(node)

    def slot(self, node: Node, part: slice = slice(None)) -> np.ndarray:
        """The bytes of a node, by element."""
        place, size = self.placement.of[node], itemsize(node.dtype)
        if place.whole is not None and place.index is not None:
            cells = self.slot(place.whole)[place.index.slices]
        else:
            cells = self.bytes[place.buffer][place.start * size :][: node.size * size]
            assert cells.size == node.size * size, f"{node!r} reaches beyond its buffer"
            cells = cells.reshape(*node.shape, size)
        return cells[part] if node.shape else cells

    def put(self, node: Node, part: slice = slice(None)) -> None:
        """The node is written."""
        self.slot(node, part)[...] = self.number[node]

    def expect(self, read: Node, reader: object, part: slice = slice(None)) -> None:
        """The node, a view that keeps the order if only a part of it, is read: its bytes must still be its owner's."""
        node = read.owner
        if node in self.placement.of:
            wanted = self.joined.get(node, np.array(self.number[node]))
            cells, wanted = self.slot(node), np.broadcast_to(wanted, self.slot(node).shape)
            if part != slice(None):
                cells, wanted = (a.reshape(*read.shape, -1)[part] for a in (cells, wanted))
            assert (cells == wanted).all(), f"{reader!r} reads {node!r}, which was overwritten"

    def inside(self, part: Node, whole: Node) -> bool:
        """Whether a part of a pack or a join lies in it already."""
        home = self.placement.of.get(part.owner)
        return home is not None and np.shares_memory(self.slot(part.owner), self.slot(whole))


def same_order(node: Node) -> bool:
    """Whether element i of the node is element i of its owner."""
    while node.op.name == "reshape":
        node = node.inputs[0]
    return node.op.kind != "view"


def check_memory(graph: Graph, kernels: list[Kernel], placement: Placement) -> None:
    """Play the kernels in order; a fused one in two blocks.

    Raises:
        AssertionError: something is read, or left behind, that is not what should lie there.
    """
    memory = _play(graph, kernels, placement)
    for node in graph.outputs:
        memory.expect(node, "the caller")
    for target, node in placement.copies:
        memory.expect(node, "the end of the step")
        memory.slot(target)[...] = memory.number[node]
    for target in graph.storages:
        wanted = graph.writes.get(target, target)
        expected = memory.joined.get(wanted, memory.number[wanted])
        assert (memory.slot(target) == expected).all() or target in dict(placement.copies), (
            f"{target!r} does not end up with {wanted!r}"
        )


def _play(graph: Graph, kernels: list[Kernel], placement: Placement) -> Memory:
    memory = Memory(graph, placement)
    for kernel in kernels:
        if kernel.root.op in (PACK, JOIN):
            _join(memory, kernel.root)
        elif kernel.root.op is SCAN:
            _scan(memory, kernel)
        elif kernel.fused:
            for buffer in placement.idle[kernel]:
                memory.bytes[buffer][:] = -1  # its loop may work there
            half = rows(kernel.root) // 2
            for block in (slice(0, half), slice(half, None)):
                for node in kernel.body:
                    _compute(memory, kernel, node, block)
        else:
            _compute(memory, kernel, kernel.root, slice(None))
    return memory


def _compute(memory: Memory, kernel: Kernel, node: Node, block: slice) -> None:
    elementwise = node.op.kind == "elementwise"
    for i in node.inputs:
        if i.op is CONSTANT or (i in kernel.body and i not in kernel.outputs):
            continue
        aligned = elementwise and same_order(i) and i.shape == node.shape
        part = aligned or (kernel.fused and by_rows(i, node) and same_order(i))
        memory.expect(i, node, block if part else slice(None))
        if node in memory.placement.of and i.owner in memory.placement.of:
            shared = np.shares_memory(memory.slot(node), memory.slot(i.owner))
            assert aligned or not shared, f"{node!r} is written over {i!r}, which it reads at other elements"
    if node in kernel.outputs:
        memory.put(node, block)


def _scan(memory: Memory, kernel: Kernel) -> None:
    """One turn in memory of its own; what it reads from outside must be there, what it leaves is written."""
    scan, turn = kernel.root, memory.placement.turns[kernel.root]
    for i in scan.inputs:
        memory.expect(i.owner, scan)
        for item in kernel.outputs:
            assert i.owner not in memory.placement.of or not np.shares_memory(
                memory.slot(item), memory.slot(i.owner)
            ), f"{item!r} is written over {i!r}, which every turn may read"
    graph = loop_of(scan).graph
    inner = _play(graph, kernel.turn, turn)
    for node in (*graph.roots, *graph.inputs.values()):
        inner.expect(node, "the next turn")
    for room in (place for places in turn.spare.values() for place in places):
        assert room.buffer not in inner.bytes, "a carry's room is used for something else"
    for item in kernel.outputs:
        memory.put(item)


def _join(memory: Memory, whole: Node) -> None:
    """Parts that lie inside stay where they are; the others are copied there, in order."""
    cells = memory.slot(whole)
    inside = [part for part in whole.inputs if memory.inside(part, whole)]
    for part in whole.inputs:
        memory.expect(part.owner, whole)
    places, start = [], 0
    for n, part in enumerate(whole.inputs):
        index = whole.options["indices"][n].slices if whole.op is JOIN else slice(start, start + part.size)
        places.append(cells[index])
        start += part.size
    for part, place in zip(whole.inputs, places, strict=True):
        home = memory.slot(part.owner) if part.owner in memory.placement.of else None
        if part in inside and home is not None and np.array_equal(_addresses(home), _addresses(place)):
            continue
        place[...] = memory.number[whole]
    for part in whole.inputs:  # no copy may have gone over a part that lies inside
        memory.expect(part.owner, whole)
    memory.joined[whole] = cells.copy()


def _addresses(cells: np.ndarray) -> np.ndarray:
    """Where each element lies, in order."""
    steps = [np.arange(n) * stride for n, stride in zip(cells.shape[:-1], cells.strides[:-1], strict=True)]
    offsets = sum(np.meshgrid(*steps, indexing="ij"), np.zeros(cells.shape[:-1]))
    return (cells.__array_interface__["data"][0] + offsets).reshape(-1)
