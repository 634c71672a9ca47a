"""Fuse: elementwise chains and the reductions that they meet become kernels of one loop, as the backend can have them.

Any other node is a kernel of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ..graph import CONSTANT, Graph, Node
from ..graph.loop import SCAN, loop_of
from .sharing import Sharing

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


def fuse(graph: Graph, sharing: Sharing) -> list[Kernel]:
    """The kernels in the order in which they run.

    A node joins the kernel of its earliest reader if both may share a loop and every other reader comes at or after
    that, and never if that kernel reads other elements of it, as through a view, which the loop has not computed yet.

    Args:
        graph: a settled graph.
        sharing: which nodes gain by sharing a loop; which is the backend's to say.
    """
    position = {n: i for i, n in enumerate(graph.nodes)}
    over = {n: sharing.over(n) for n in graph.nodes if n.op.kind not in NO_KERNEL}
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
        return over[kernel.root] == over[node] and all(
            when(kernel_of[user]) > when(kernel) or (kernel_of[user] is kernel and sharing.local(node, read, user))
            for user, read in uses(node)
        )

    for node in reversed(over):
        home = None
        if over[node] is not None:
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
            kernel.turn = fuse(loop_of(kernel.root).graph, sharing.in_turns)
    return kernels
