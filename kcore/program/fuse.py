"""Fuse: long elementwise chains and the reductions that they meet become kernels that run in one loop over rows.

Any other node is a kernel of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from ..graph import CONSTANT, Graph, Node
from ..graph.loop import SCAN, loop_of

NO_KERNEL = {"source", "view", "item"}


@attrs.define(eq=False)
class Kernel:
    """Nodes computed together, in order; the last is the root.

    Attributes:
        body: the nodes.
        inputs: what they read from outside, constants aside.
        outputs: those that are read outside; the rest needs no memory beyond the kernel. Of a loop, its items.
        turn: of a loop, the kernels of one turn.
    """

    body: list[Node]
    inputs: list[Node] = attrs.field(factory=list)
    outputs: list[Node] = attrs.field(factory=list)
    turn: list[Kernel] = attrs.field(factory=list)

    @property
    def root(self) -> Node:
        """The node that is computed last."""
        return self.body[-1]

    @property
    def fused(self) -> bool:
        """Whether it computes more than one node."""
        return len(self.body) > 1


def rows(node: Node) -> int:
    """How many rows its loop goes over: along the first axis of what it computes, or of what it reduces; 0 if none."""
    if node.op.kind == "elementwise" and node.shape:
        return node.shape[0]
    if node.op.kind == "reduction" and 0 not in node.option("axis"):
        return node.inputs[0].shape[0]
    return 0


def row_size(node: Node) -> int:
    """How many elements of one row its loop goes over."""
    return (node.inputs[0] if node.op.kind == "reduction" else node).size // max(rows(node), 1)


def by_rows(read: Node, reader: Node) -> bool:
    """Whether row i of the reader needs row i of what it reads and no other."""
    if not read.shape or read.shape[0] != rows(reader):
        return False
    return reader.op.kind == "reduction" or len(read.shape) == len(reader.shape)


def source(read: Node, count: int) -> Node:
    """What a node is read from, through views that keep its rows, of which there are so many."""
    while read.op.in_order and read.shape[:1] == (count,) == read.inputs[0].shape[:1]:
        read = read.inputs[0]
    return read


def fuse(graph: Graph, worth: Callable[[Node], bool]) -> list[Kernel]:
    """The kernels in the order in which they run.

    A kernel of several nodes can be computed row by row: elementwise chains, and the reductions along rows that they
    meet. A node joins the kernel of its earliest reader if every other reader comes at or after that, and never if
    that kernel reads other rows of it, as through a view, which the loop has not computed yet.

    Args:
        graph: a settled graph.
        worth: whether an elementwise node or a reduction gains by sharing a loop; which is the backend's to say.
    """
    position = {n: i for i, n in enumerate(graph.nodes)}
    readers, kernel_of = graph.readers(), dict[Node, Kernel]()
    kernels: list[Kernel] = []

    def uses(node: Node) -> Iterator[tuple[Node, Node]]:
        """What reads the node's memory, each with what it reads: the node or a view of it."""
        for reader in readers[node]:
            if reader.op.kind == "view":
                yield from uses(reader)
            else:
                yield reader, node

    def when(kernel: Kernel) -> int:
        return position[kernel.root]

    def fits(node: Node, kernel: Kernel) -> bool:
        count = rows(node)
        return (
            rows(kernel.root) == count
            and worth(kernel.root)
            and all(
                when(kernel_of[user]) > when(kernel)
                or (kernel_of[user] is kernel and by_rows(read, user) and source(read, count) is node)
                for user, read in uses(node)
            )
        )

    for node in reversed(graph.nodes):
        if node.op.kind in NO_KERNEL:
            continue
        home = None
        if rows(node) and worth(node):
            home = min((kernel_of[user] for user, _ in uses(node)), key=when, default=None)
        if home is not None and fits(node, home):
            home.body.insert(0, node)
        else:
            home = Kernel([node])
            kernels.append(home)
        kernel_of[node] = home
    kernels.reverse()
    roots = set(graph.roots)
    for kernel in kernels:
        inside = set(kernel.body)
        read = (i for n in kernel.body for i in n.inputs if i.owner not in inside and i.op is not CONSTANT)
        kernel.inputs = list(dict.fromkeys(read))
        kernel.outputs = [n for n in kernel.body if n in roots or any(u not in inside for u, _ in uses(n))]
        if kernel.root.op is SCAN:
            kernel.outputs = readers[kernel.root]
            kernel.turn = fuse(loop_of(kernel.root).graph, lambda node: False)  # blocks would lie elsewhere each turn
    return kernels
