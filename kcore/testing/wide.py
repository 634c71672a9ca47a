"""Wide: a graph again with float64 where it has float32, to see how far rounding takes a program from exact numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..graph import CONSTANT, INPUT, Graph, Node, Storage, Trace
from ..graph.loop import SCAN, through

NARROW, WIDE = "float32", "float64"


def is_narrow(graph: Graph) -> bool:
    """Whether anything in it is rounded to float32."""
    return any(node.dtype == NARROW for node in graph.nodes)


def widened(graph: Graph, storages: Mapping[Storage, Storage] | None = None) -> Graph:
    """The same computation in float64, of the same constants and the same random bits.

    Args:
        graph: one without compounds, as a settled one.
        storages: what stands for each of its storages.
    """
    trace, now = Trace(), dict[Node, Node]()
    for node in graph.nodes:
        with trace.scope(node.scope):
            now[node] = _again(trace, node, [now[i] for i in node.inputs])
    return Graph(
        graph.name,
        trace.nodes,
        {name: now[n] for name, n in graph.inputs.items()},
        {now[n]: storages[s] if storages else s for n, s in graph.storages.items()},
        {now[a]: now[b] for a, b in graph.writes.items()},
        [now[n] for n in graph.outputs],
    )


def _again(trace: Trace, node: Node, inputs: Sequence[Node]) -> Node:
    if node.op is SCAN:
        return through(trace, node, inputs, widened)
    source = node.op in (INPUT, CONSTANT)
    options = {name: WIDE if value == NARROW else value for name, value in node.options.items()}
    return trace.add(node.op, inputs, options, (node.shape, _wide(node.dtype)) if source else None, node.name)


def _wide(dtype: str) -> str:
    return WIDE if dtype == NARROW else dtype
