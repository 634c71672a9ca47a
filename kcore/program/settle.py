"""Settle: what a step leaves behind, and what views look into, becomes memory of its own.

Every write and output becomes a distinct value that a kernel makes, and a view that cannot be one, since NumPy would
copy it in silence and the copy would go stale, reads a copy that each step makes anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np

from ..graph import CAST, CONSTANT, INPUT, MAKES_MEMORY, Graph, Node, Op, Trace, rewrite
from ..graph.loop import SCAN, loop_of, through
from ..graph.types import broadcast, in_memory, literal

FULL = Op(
    "full",
    "fresh",
    lambda *, shape, dtype, value: (shape, dtype),
    text="full({shape}, {value}, dtype={dtype})",
    into="copyto({out}, {value})",
    noun="constant",
)


Lies = Mapping[Node, np.ndarray[Any, Any]]
"""How the arrays of some inputs lie in memory, by stand-ins; the others lie in row-major order."""


def settle(graph: Graph, lies: Lies | None = None, end: str = "end of the step") -> Graph:
    """The same computation with every root a value of its own and every view a true view."""
    graph = rewrite(graph, _Solid(lies or {}).rule)
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

    with trace.scope(end):
        graph.writes = {target: own(node) for target, node in graph.writes.items() if node is not target}
        graph.outputs = [own(node) for node in graph.outputs]
    graph.nodes = trace.nodes
    return graph


class _Solid:
    """The rule that gives arrays where arrays are read, and views that are views."""

    def __init__(self, lies: Lies) -> None:
        self._of = lies  # for the inputs of the graph as it was
        self._lies: dict[Node, np.ndarray[Any, Any]] = {}  # for those that it has now

    def rule(self, trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
        self._lies |= {now: self._of[old] for old, now in zip(node.inputs, inputs, strict=True) if old in self._of}
        if node.op is CONSTANT:
            return trace.copy(node, inputs)
        if node.op.kind != "fresh" and not (node.op.kind == "elementwise" and _told_by_arrays(node, inputs)):
            inputs = tuple(_filled(trace, i) if i.op is CONSTANT else i for i in inputs)
        if node.op.kind in ("gather", "product", "compound"):
            inputs = tuple(_copied(trace, i) if _may_be_number(i) else i for i in inputs)
        if node.op is SCAN:
            return self._loop(trace, node, inputs)
        if node.op.look is not None and (_may_be_number(inputs[0]) or not self._is_view(node, inputs)):
            inputs = (_copied(trace, inputs[0]),)
        return trace.copy(node, inputs)

    def _loop(self, trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
        loop = loop_of(node)
        carries = (n in loop.graph.writes for n in loop.graph.inputs.values())
        inputs = tuple(
            _copied(trace, i) if carry and _may_be_number(i) else i for carry, i in zip(carries, inputs, strict=True)
        )
        lies = {
            n: self._stand_in(i)[0] if name in loop.each else self._stand_in(i)
            for (name, n), i in zip(loop.graph.inputs.items(), inputs, strict=True)
            if n not in loop.graph.writes
        }
        return through(trace, node, inputs, lambda graph: settle(graph, lies, "end of the turn"))

    def _is_view(self, node: Node, inputs: tuple[Node, ...]) -> bool:
        """Whether a view can be had of the array of its operand without a copy."""
        try:
            self._stand_in(attrs.evolve(node, inputs=inputs))
        except ValueError:
            return False
        return True

    def _stand_in(self, node: Node) -> np.ndarray[Any, Any]:
        """An array of the shape and strides that the node's will have."""
        if node.op.look is None:
            return self._lies[node] if node in self._lies else in_memory(node.shape)
        seen: np.ndarray[Any, Any] = node.op.look(self._stand_in(node.inputs[0]), **node.options)
        return seen


def _may_be_number(node: Node) -> bool:
    """Whether it may be passed at each call, so that it is no array yet when views are made."""
    return node.op is INPUT and not node.shape


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
