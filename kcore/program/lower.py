"""Lower: compounds become the ops that they are written in, until only atoms are left."""

from __future__ import annotations

from ..graph import Graph, Node, Symbol, Trace, rewrite


def lower(graph: Graph) -> Graph:
    """The same computation in atoms alone."""
    while any(node.op.lowering for node in graph.nodes):
        graph = rewrite(graph, _lowered)
    return graph


def _lowered(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
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
