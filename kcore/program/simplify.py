"""Simplify: constants are folded, what changes nothing is dropped, and nothing is computed twice."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable

import numpy as np

from ..graph import CAST, CONSTANT, Graph, Node, Op, Trace, constant_value, rewrite
from ..graph.types import Shape, broadcast, in_memory

NEUTRAL = {"add": 0, "subtract": 0, "multiply": 1, "divide": 1}
"""The second operand that changes nothing; the first may be it too where the op commutes."""
COMMUTE = {"add", "multiply"}


def simplify(graph: Graph) -> Graph:
    """The same numbers from fewer nodes: rewritten until no node can be saved."""
    while True:
        simpler = rewrite(graph, _once())
        if len(simpler.nodes) == len(graph.nodes):
            return simpler
        graph = simpler


def _once() -> Callable[[Trace, Node, tuple[Node, ...]], Node]:
    seen: dict[Hashable, Node] = {}

    def rule(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
        made = _folded(trace, node, inputs) or trace.copy(node, inputs)
        first = seen.setdefault(made.key, made)
        first.name = first.name or made.name
        return first

    return rule


def _folded(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node | None:
    """A simpler node of the same numbers, if there is one."""
    kind = node.op.kind
    if kind == "view" and inputs[0].op is CONSTANT:
        return _constant(trace, node, inputs[0].option("value"))
    if kind == "view":
        return _folded_view(trace, node, inputs[0])
    if kind != "elementwise":
        return None
    if node.op is CAST and inputs[0].dtype == node.dtype:
        return inputs[0]
    if all(i.op is CONSTANT for i in inputs):
        return _constant(trace, node, _number(node, inputs))
    narrow = _narrowed(trace, node, inputs)
    return _neutral(node, narrow) or trace.copy(node, narrow)


def _neutral(node: Node, inputs: tuple[Node, ...]) -> Node | None:
    """The other operand where one changes nothing, as in x + 0."""
    if node.op.name in NEUTRAL:
        for other, i in (inputs, inputs[::-1]) if node.op.name in COMMUTE else (inputs,):
            if constant_value(i) == NEUTRAL[node.op.name] and other.shape == node.shape:
                return other
    return None


def _number(node: Node, inputs: tuple[Node, ...]) -> float | int | bool:
    values = [np.dtype(i.dtype).type(i.option("value")) for i in inputs]
    with np.errstate(all="ignore"):
        result = values[0].astype(node.dtype) if node.op is CAST else getattr(np, node.op.name)(*values)
    return result.item()  # type: ignore[no-any-return]


def _constant(trace: Trace, node: Node, value: float | int | bool) -> Node:
    return trace.constant(value, node.shape, node.dtype)


def _folded_view(trace: Trace, node: Node, viewed: Node) -> Node | None:
    """What the view shows of itself, or the one view that two views in a row are."""
    if viewed.op is node.op and node.op.merge is not None:
        source = viewed.inputs[0]
        options = node.op.merge(source.shape, viewed.options, node.options)
        one = trace.add(node.op, [source], options, (node.shape, node.dtype), node.name)
        return _folded_view(trace, one, source) or one
    return viewed if _shows_all(node.op, viewed.shape, tuple(node.options.items())) else None


@functools.lru_cache(4096)
def _shows_all(op: Op, shape: Shape, options: tuple[tuple[str, Hashable], ...]) -> bool:
    """Whether a view of an array in row-major order is that array again."""
    whole = in_memory(shape)
    seen = op.look(whole, **dict(options)) if op.look else None
    return seen is not None and (seen.shape, seen.strides, seen.ctypes.data) == (
        whole.shape,
        whole.strides,
        whole.ctypes.data,
    )


def _narrowed(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> tuple[Node, ...]:
    """Operands as before they were broadcast by hand, and constants as one number, where the others give the shape."""
    narrow = list(inputs)
    for k, i in enumerate(inputs):
        wide = i.op.name == "broadcast_to" or (i.op is CONSTANT and i.shape)
        source_shape = i.inputs[0].shape if i.inputs else ()
        others = [n.shape for j, n in enumerate(narrow) if j != k]
        if wide and broadcast(source_shape, *others) == node.shape:
            narrow[k] = i.inputs[0] if i.inputs else trace.constant(i.option("value"), (), i.dtype)
    return tuple(narrow)
