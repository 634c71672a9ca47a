"""Lower: compounds become the ops that they are written in, until only atoms are left."""

from __future__ import annotations

from ..graph import Graph, Node, Symbol, Trace, rewrite
from ..graph.loop import SCAN, loop_of, through


def lower(graph: Graph) -> Graph:
    """The same computation in atoms alone."""
    while any(map(_high, graph.nodes)):
        graph = rewrite(graph, _lowered)
    return graph


def _high(node: Node) -> bool:
    """Whether a node, or one in the loop that it runs, is a compound."""
    return any(map(_high, loop_of(node).graph.nodes)) if node.op is SCAN else node.op.lowering is not None


def _lowered(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
    if node.op is SCAN:
        return through(trace, node, inputs, lower)
    if node.op.lowering is None:
        return trace.copy(node, inputs)
    made: Node = node.op.lowering(*map(Symbol, inputs), **node.options).node
    if (made.shape, made.dtype) != (node.shape, node.dtype):
        raise TypeError(
            f"The lowering of {node.op.name} gives {made.dtype}{list(made.shape)}, but its rule says "
            f"{node.dtype}{list(node.shape)}."
        )
    made.name = made.name or node.name or f"{node.scope}_{node.op.noun}"
    return made
