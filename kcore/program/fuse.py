"""Fuse: long elementwise chains become kernels that run in one loop; any other node is a kernel of its own."""

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


def fuse(graph: Graph, worth: Callable[[Node], bool]) -> list[Kernel]:
    """The kernels in the order in which they run.

    A node joins the kernel of its earliest reader if every other reader comes at or after that, and never if that
    kernel reads it through a view, which would look at elements that the loop has not computed yet.

    Args:
        graph: a settled graph.
        worth: whether an elementwise node gains by sharing a loop; which is the backend's to say.
    """
    position = {n: i for i, n in enumerate(graph.nodes)}
    readers, kernel_of = graph.readers(), dict[Node, Kernel]()
    kernels: list[Kernel] = []

    def users(node: Node) -> Iterator[Node]:
        for reader in readers[node]:
            if reader.op.kind == "view":
                yield from users(reader)
            else:
                yield reader

    def when(kernel: Kernel) -> int:
        return position[kernel.root]

    def fits(node: Node, kernel: Kernel) -> bool:
        direct = set(readers[node])
        return (
            kernel.root.op.kind == "elementwise"
            and worth(kernel.root)
            and kernel.root.shape == node.shape
            and all((kernel_of[u] is kernel and u in direct) or when(kernel_of[u]) > when(kernel) for u in users(node))
            and not any(i is not node and i.owner is node for n in kernel.body for i in n.inputs)
        )

    for node in reversed(graph.nodes):
        if node.op.kind in NO_KERNEL:
            continue
        home = None
        if node.op.kind == "elementwise" and worth(node):
            direct = [kernel_of[r] for r in readers[node] if r in kernel_of]
            home = min(direct, key=when, default=None)
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
        read = (i for n in kernel.body for i in n.inputs if i not in inside and i.op is not CONSTANT)
        kernel.inputs = list(dict.fromkeys(read))
        kernel.outputs = [n for n in kernel.body if n in roots or any(r not in inside for r in readers[n])]
        if kernel.root.op is SCAN:
            kernel.outputs = readers[kernel.root]
            kernel.turn = fuse(loop_of(kernel.root).graph, lambda node: False)  # blocks would lie elsewhere each turn
    return kernels
