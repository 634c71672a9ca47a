"""Graph, what a trace has recorded and every stage hands to the next, and `rewrite`, the walk that stages share."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

import attrs

from .node import INPUT, Node
from .storage import Storage
from .symbol import Symbol
from .trace import Trace, recording


@attrs.define(eq=False)
class Graph:
    """Nodes in recorded order, with what comes in and what goes out."""

    name: str
    nodes: list[Node]
    inputs: dict[str, Node]  # by name, the arrays and numbers that the caller gives
    storages: dict[Node, Storage]  # the inputs that are storages
    writes: dict[Node, Node]  # what a storage's input holds when the step ends
    outputs: list[Node]

    @property
    def roots(self) -> list[Node]:
        """What the graph is computed for."""
        return [*self.outputs, *self.writes.values()]

    def readers(self) -> dict[Node, list[Node]]:
        """For each node, those that read it, in order."""
        readers: dict[Node, list[Node]] = {n: [] for n in self.nodes}
        for node in self.nodes:
            for i in dict.fromkeys(node.inputs):
                readers[i].append(node)
        return readers

    def __str__(self) -> str:
        names = {n: f"%{i}" for i, n in enumerate(self.nodes)}
        lines, scope = list[str](), ""
        for n in self.nodes:
            if n.scope not in ("", scope):
                scope = n.scope
                lines.append(f"# {scope}")
            operands = [*(names[i] for i in n.inputs), *(f"{k}={v!r}" for k, v in n.options.items())]
            lines.append(f"{names[n]} = {n.op}({', '.join(operands)})  # {n.dtype}{list(n.shape)} {n.name}".rstrip())
            if n.op.kind == "loop":
                lines.append(textwrap.indent(str(n.options["loop"]), "    "))
        held = {n: storage.name for n, storage in self.storages.items()}
        lines += [f"{held.get(a, names[a])} <- {names[b]}" for a, b in self.writes.items()]
        return "\n".join([*lines, f"return {', '.join(names[n] for n in self.outputs)}"])


def finish(trace: Trace, name: str, outputs: Iterable[Symbol]) -> Graph:
    """The graph of a finished trace."""
    storages = {s.node: storage for storage, s in trace.storages.items()}
    writes = {trace.storages[storage].node: new.node for storage, new in trace.writes.items()}
    return Graph(name, trace.nodes, trace.inputs, storages, writes, [s.node for s in outputs])


def live(graph: Graph) -> set[Node]:
    """The nodes that some root needs, and the storages that are written."""
    return ancestors([*graph.roots, *graph.writes])


def ancestors(nodes: Iterable[Node], within: Callable[[Node], bool] = lambda node: True) -> set[Node]:
    """The nodes and all that they are made of; what makes those that are not `within` is not looked at."""
    stack = list(nodes)
    seen = set(stack)
    while stack:
        node = stack.pop()
        for i in node.inputs if within(node) else ():
            if i not in seen:
                seen.add(i)
                stack.append(i)
    return seen


def rewrite(graph: Graph, rule: Callable[[Trace, Node, tuple[Node, ...]], Node]) -> Graph:
    """A new graph in the old one's order, without what no root needs.

    `rule(trace, node, inputs)` gives the node that stands for `node`, whose inputs are now `inputs`; whatever
    ops it calls are recorded in `node`'s place and scope.
    """
    needed = live(graph)
    now: dict[Node, Node] = {}
    trace = Trace()
    with recording(trace):
        for node in graph.nodes:
            if node in needed:
                with trace.scope(node.scope):
                    inputs = tuple(now[i] for i in node.inputs)
                    now[node] = trace.copy(node, ()) if node.op is INPUT else rule(trace, node, inputs)
    made = Graph(
        graph.name,
        trace.nodes,
        {name: now[n] for name, n in graph.inputs.items() if n in now},
        {now[n]: s for n, s in graph.storages.items() if n in now},
        {now[a]: now[b] for a, b in graph.writes.items()},
        [now[n] for n in graph.outputs],
    )
    needed = live(made)  # the rule may have passed over what it was given, or over what it recorded
    made.nodes = [n for n in made.nodes if n in needed]
    made.inputs = {name: n for name, n in made.inputs.items() if n in needed}
    made.storages = {n: s for n, s in made.storages.items() if n in needed}
    return made
