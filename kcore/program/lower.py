"""Lower: compounds become the ops that they are written in, until only atoms are left."""

from __future__ import annotations

from collections.abc import Callable

from ..graph import Graph, Node, Symbol, Trace, rewrite
from ..graph.loop import SCAN, loop_of, through


def lower(graph: Graph, keeps: Callable[[Node], object] = lambda node: None) -> Graph:
    """The same computation in atoms, and in compounds that are kept.

    Args:
        graph: what was recorded.
        keeps: whether the backend computes a compound as it is.
    """

    def high(node: Node) -> bool:
        """Whether a node, or one in the loop that it runs, is to be lowered."""
        if node.op is SCAN:
            return any(map(high, loop_of(node).graph.nodes))
        return node.op.lowering is not None and not keeps(node)

    def lowered(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
        if node.op is SCAN:
            return through(trace, node, inputs, lambda inner: lower(inner, keeps))
        return _lowered(node, inputs) if high(node) else trace.copy(node, inputs)

    while any(map(high, graph.nodes)):
        graph = rewrite(graph, lowered)
    return graph


def _lowered(node: Node, inputs: tuple[Node, ...]) -> Node:
    assert node.op.lowering is not None
    made: Node = node.op.lowering(*map(Symbol, inputs), **node.options).node
    if (made.shape, made.dtype) != (node.shape, node.dtype):
        raise TypeError(
            f"The lowering of {node.op.name} gives {made.dtype}{list(made.shape)}, but its rule says "
            f"{node.dtype}{list(node.shape)}."
        )
    made.name = made.name or node.name or f"{node.scope}_{node.op.noun}"
    return made
