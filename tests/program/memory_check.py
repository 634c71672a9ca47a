"""A check of placements that knows nothing of how they are made: it follows who lies in which byte."""

from __future__ import annotations

import numpy as np

from kcore.graph import CONSTANT, PACK, Graph, Node
from kcore.graph.types import itemsize
from kcore.program.fuse import Kernel
from kcore.program.place import Placement


class Memory:
    """Every byte of every buffer, and the number of the node whose value lies there."""

    def __init__(self, graph: Graph, placement: Placement) -> None:
        self.placement = placement
        self.number = {node: i for i, node in enumerate(graph.nodes, 1)}
        self.packed: dict[
            Node, np.ndarray
        ] = {}  # what lies in a pack: its own copies, and parts that were there before
        self.bytes = {p.buffer: np.zeros(p.buffer.nbytes, int) for p in placement.of.values()}
        for node in (*graph.inputs.values(), *graph.storages):
            if node in placement.of:
                self.put(node)

    def slot(self, node: Node, part: slice = slice(None)) -> np.ndarray:
        """The bytes of a node, by element."""
        place, size = self.placement.of[node], itemsize(node.dtype)
        cells = self.bytes[place.buffer][place.start * size :][: node.size * size]
        assert cells.size == node.size * size, f"{node!r} reaches beyond its buffer"
        return cells.reshape(-1, size)[part]

    def put(self, node: Node, part: slice = slice(None)) -> None:
        """The node is written."""
        self.slot(node, part)[...] = self.number[node]

    def expect(self, node: Node, reader: object, part: slice = slice(None)) -> None:
        """The node is read: its bytes must still be its own."""
        if node in self.placement.of:
            wanted = self.packed[node][part] if node in self.packed else self.number[node]
            assert (self.slot(node, part) == wanted).all(), f"{reader!r} reads {node!r}, which was overwritten"


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
    memory = Memory(graph, placement)
    for kernel in kernels:
        if kernel.root.op is PACK:
            _pack(memory, kernel.root)
        elif kernel.fused:
            half = kernel.root.size // 2
            for block in (slice(0, half), slice(half, None)):
                for node in kernel.body:
                    _compute(memory, kernel, node, block)
        else:
            _compute(memory, kernel, kernel.root, slice(None))
    for node in graph.outputs:
        memory.expect(node, "the caller")
    for target, node in placement.copies:
        memory.expect(node, "the end of the step")
        memory.slot(target)[...] = memory.number[node]
    for target in graph.storages:
        wanted = graph.writes.get(target, target)
        assert (memory.slot(target) == memory.number[wanted]).all(), f"{target!r} does not end up with {wanted!r}"


def _compute(memory: Memory, kernel: Kernel, node: Node, block: slice) -> None:
    elementwise = node.op.kind == "elementwise"
    for i in node.inputs:
        if i.op is CONSTANT or (i in kernel.body and i not in kernel.outputs):
            continue
        aligned = elementwise and same_order(i) and i.shape == node.shape
        memory.expect(i.owner, node, block if aligned else slice(None))
        if node in memory.placement.of and i.owner in memory.placement.of:
            shared = np.shares_memory(memory.slot(node), memory.slot(i.owner))
            assert aligned or not shared, f"{node!r} is written over {i!r}, which it reads at other elements"
    if node in kernel.outputs:
        memory.put(node, block)


def _pack(memory: Memory, pack: Node) -> None:
    """Parts that lie inside stay where they are; the others are copied there, in order."""
    place, start = memory.placement.of[pack], 0
    cells = memory.slot(pack)
    for part in pack.inputs:
        memory.expect(part.owner, pack)
        home = memory.placement.of.get(part.owner)
        inside = home is not None and home.buffer is place.buffer
        if not (inside and home.start == place.start + start):
            assert not np.shares_memory(cells[start : start + part.size], memory.slot(part.owner)) if home else True
            cells[start : start + part.size] = memory.number[pack]
        start += part.size
    for part in pack.inputs:  # no copy may have gone over a part that lies inside
        memory.expect(part.owner, pack)
    memory.packed[pack] = cells.copy()
