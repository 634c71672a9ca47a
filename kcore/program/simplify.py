"""Simplify: constants are folded, what changes nothing is dropped, and nothing is computed twice."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable

import attrs
import numpy as np

from ..graph import CAST, CONSTANT, OPS, Graph, Node, Op, Trace, constant_value, live, rewrite
from ..graph.graph import ancestors
from ..graph.loop import ITEM, SCAN, Loop, loop_of, through
from ..graph.types import Shape, broadcast, in_memory
from ..ops.indexing import JOIN

NEUTRAL = {"add": 0, "subtract": 0, "multiply": 1, "divide": 1}
"""The second operand that changes nothing; the first may be it too where the op commutes."""
COMMUTE = {"add", "multiply"}


def simplify(graph: Graph) -> Graph:
    """The same numbers from fewer nodes: rewritten until no node can be saved."""
    while True:
        simpler = rewrite(graph, _once(graph))
        if _count(simpler) == _count(graph):
            return simpler
        graph = simpler


def _count(graph: Graph) -> int:
    return len(graph.nodes) + sum(_count(loop_of(n).graph) for n in graph.nodes if n.op is SCAN)


def _once(graph: Graph) -> Callable[[Trace, Node, tuple[Node, ...]], Node]:
    seen: dict[Hashable, Node] = {}
    unchanged: dict[tuple[Node, str], Node] = {}  # by scan and name, carries that stay what they were at the start
    asked: dict[Node, set[str]] = {}
    if any(n.op is SCAN for n in graph.nodes):
        needed = live(graph)
        for n in graph.nodes:
            if n.op is ITEM and n in needed:
                asked.setdefault(n.inputs[0], set()).add(n.option("of"))

    def rule(trace: Trace, node: Node, inputs: tuple[Node, ...]) -> Node:
        if node.op is SCAN:
            loop = loop_of(node)
            starts = dict(zip(loop.graph.inputs, inputs, strict=True))
            unchanged.update({(node, k): starts[k] for k, n in loop.carries.items() if loop.graph.writes[n] is n})
            return through(trace, node, inputs, lambda graph: simplify(_asked(graph, loop, asked[node])), asked[node])
        if node.op is ITEM and node.option("what") == "last" and (node.inputs[0], node.option("of")) in unchanged:
            return unchanged[node.inputs[0], node.option("of")]
        made = _folded(trace, node, inputs) or trace.copy(node, inputs)
        first = seen.setdefault(made.key, made)
        first.name = first.name or made.name
        return first

    return rule


def _asked(graph: Graph, loop: Loop, asked: set[str]) -> Graph:
    """The turn of a loop with those stacks and carries alone that are asked for, or that these are made of."""
    carries = {name: n for name, n in loop.carries.items() if graph.writes[n] is not n}
    ends = [n for name, n in zip(loop.stacks, graph.outputs, strict=True) if name in asked]
    kept: dict[Node, Node] = {}
    while True:
        needed = ancestors([*ends, *kept.values()])
        more = {n: graph.writes[n] for name, n in carries.items() if n not in kept and (name in asked or n in needed)}
        if not more:
            break
        kept |= more
    return attrs.evolve(graph, writes={n: new for n, new in graph.writes.items() if n in kept}, outputs=ends)


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
    if node.op.name == "add" and all(i.op is JOIN and i.shape == node.shape and not i.option("value") for i in inputs):
        return _joined(trace, inputs)
    if node.op.name == "where" and inputs[0].op is CONSTANT:
        return _widened(trace, node, inputs[1 if inputs[0].option("value") else 2])
    narrow = _narrowed(trace, node, inputs)
    return _neutral(node, narrow) or trace.copy(node, narrow)


def _widened(trace: Trace, node: Node, source: Node) -> Node:
    """What a node is that repeats another along some axes."""
    if source.op is CONSTANT:
        return _constant(trace, node, source.option("value"))
    return source if source.shape == node.shape else trace.add(OPS["broadcast_to"], [source], {"shape": node.shape})


def _joined(trace: Trace, joins: tuple[Node, ...]) -> Node:
    """The sum of two arrays of zeros but for their parts, as one."""
    indices = tuple(index for join in joins for index in join.option("indices"))
    options = {"indices": indices, "shape": joins[0].shape, "value": 0}
    return trace.add(JOIN, [part for join in joins for part in join.inputs], options)


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
