"""Settle: what a step leaves behind, and what views look into, becomes memory of its own.

Every write and output becomes a distinct value that a kernel makes, and a view that cannot be one, since NumPy would
copy it in silence and the copy would go stale, reads a copy that each step makes anew.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from ..graph import CAST, CONSTANT, MAKES_MEMORY, Graph, Node, Op, Trace, rewrite
from ..graph.types import broadcast, in_memory, literal

FULL = Op(
    "full",
    "fresh",
    lambda *, shape, dtype, value: (shape, dtype),
    text="full({shape}, {value}, dtype={dtype})",
    into="copyto({out}, {value})",
    noun="constant",
)


def settle(graph: Graph) -> Graph:
    """The same computation with every root a value of its own and every view a true view."""
    graph = rewrite(graph, _solid)
    trace = Trace()
    trace.nodes = list(graph.nodes)
    taken: set[Node] = set()

    def own(node: Node) -> Node:
        if node.op is CONSTANT:
            node = _filled(trace, node)
        elif node in taken or node.op.kind not in MAKES_MEMORY:
            node = _copied(trace, node)
        taken.add(node)
        return node

    with trace.scope("end of the step"):
        graph.writes = {target: own(node) for target, node in graph.writes.items() if node is not target}
        graph.outputs = [own(node) for node in graph.outputs]
    graph.nodes = trace.nodes
    return graph


def _solid(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
    if node.op is CONSTANT:
        return trace.copy(node, inputs)
    if node.op.kind != "elementwise" or not _told_by_arrays(node, inputs):
        inputs = tuple(_filled(trace, i) if i.op is CONSTANT else i for i in inputs)
    if node.op.look is not None and not _is_view(node, inputs):
        inputs = (_copied(trace, inputs[0]),)
    return trace.copy(node, inputs)


def _told_by_arrays(node: Node, inputs: tuple[Node, ...]) -> bool:
    """Whether the operands that are arrays give the dtype and the shape, which literals beside them do not."""
    numbers = inputs[node.op.condition :]
    shapes = (i.shape for i in inputs if i.op is not CONSTANT)
    return any(i.op is not CONSTANT for i in numbers) and broadcast(*shapes) == node.shape


def _filled(trace: Trace, node: Node) -> Node:
    options = {"shape": node.shape, "dtype": node.dtype, "value": literal(node.option("value"), node.dtype)}
    return trace.add(FULL, (), options)


def _copied(trace: Trace, node: Node) -> Node:
    return trace.add(CAST, [node], {"dtype": node.dtype})


def _is_view(node: Node, inputs: tuple[Node, ...]) -> bool:
    """Whether a view can be had of the array of its operand without a copy."""
    try:
        _stand_in(attrs.evolve(node, inputs=inputs))
    except ValueError:
        return False
    return True


def _stand_in(node: Node) -> np.ndarray[Any, Any]:
    """An array of the shape and strides that the node's will have."""
    if node.op.look is None:
        return in_memory(node.shape)
    seen: np.ndarray[Any, Any] = node.op.look(_stand_in(node.inputs[0]), **node.options)
    return seen
