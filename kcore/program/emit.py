"""Emit: placed kernels become straight-line Python for the backend's namespace.

`setup` makes buffers and views once; the step's function then only calls functions with `out=`. For a backend without
`out=` the same lines assign instead, and there is no setup.
"""

from __future__ import annotations

from ..backend import Backend
from ..graph import CONSTANT, PACK, Graph, Node
from ..graph.loop import ITEM, SCAN, loop_of
from .choice import Choice
from .fuse import fuse
from .in_place import InPlace
from .launches import Book
from .naming import carry_hint, hint, item_hint
from .place import place
from .sharing import ByElements, ByRows
from .writer import Text, Writer, parameters, turns


def emit(graph: Graph, backend: Backend, choice: Choice) -> Text:
    """Lines that write into buffers made once."""
    writer = backend.kernels()
    kernels = fuse(graph, ByRows(backend.block) if writer is None else ByElements(writer))
    placement = place(graph, kernels, backend.numbers_in_memory)
    return InPlace(graph, backend, kernels, placement, Book(choice, writer)).write_all()


def emit_pure(graph: Graph, backend: Backend) -> Text:
    """Lines that assign: for arrays that cannot be written to, and for single ops, whose result is a new array."""
    writer = _Assigning(graph, backend)
    writer.write_all()
    return writer.text([], f"[{', '.join(map(writer.ref, graph.roots))}]")


class _Assigning(Writer):
    def ref(self, node: Node) -> str:
        return self.constant(node) if node.op is CONSTANT else self.names.of[node]

    def write_all(self) -> None:
        for node in self.graph.nodes:
            if node.op is SCAN:
                self._loop(node)
            elif node.op.kind not in ("source", "item"):
                call = (
                    self._packed(node) if node.op is PACK else self.call(node, [self.ref(i) for i in node.inputs], None)
                )
                comment = str(node.shape) * (node.op.kind == "product")
                self.write(f"{self.names.give(node, hint(node))} = {call}", node.scope, comment)

    def _packed(self, node: Node) -> str:
        flat = ", ".join(f"{self.spell('reshape')}({self.ref(i)}, (-1,))" for i in node.inputs)
        return f"{self.spell('concat')}([{flat}])"

    def _loop(self, scan: Node) -> None:
        """A `for` over the turns, which appends to a list whatever is kept of every turn."""
        loop, names = loop_of(scan), self.names
        turn = _Assigning(loop.graph, self.backend, self)
        turn._scope = scan.scope
        t = self.turn_name()
        for name, node, given in parameters(scan):
            if node in loop.graph.writes:
                self.write(f"{names.give(node, carry_hint(scan, node))} = {self.ref(given)}", scan.scope)
            elif name in loop.each:
                part = names.give(node, f"{self.ref(given)}_{t}")
                turn.write(f"{part} = {self.ref(given)}[{t}, ...]", scan.scope)
            else:
                names.of[node] = self.ref(given)
        turn.write_all()
        kept: list[str] = []
        carried: list[tuple[str, str]] = [(self.ref(c), turn.ref(new)) for c, new in loop.graph.writes.items()]
        if carried:
            turn.body.append(" = ".join(", ".join(side) for side in zip(*carried, strict=True)))
        for item in items(self.graph, scan):
            what, of = item.option("what"), item.option("of")
            value = self.ref(loop.carries[of]) if what != "stack" else turn.ref(loop.value(of))
            if what == "last":
                names.of[item] = value
                continue
            kept.append(names.give(item, item_hint(item)))
            self.write(f"{kept[-1]} = [{value if what == 'history' else ''}]", scan.scope)
            turn.body.append(f"{kept[-1]}.append({value})")
        self.body.append(f"for {t} in {turns(loop)}:")
        self.body += ["    " + line for line in turn.body]
        order = "[::-1]" if loop.reverse else ""
        self.body += [f"{name} = {self.spell('stack')}({name}{order})" for name in kept]


def items(graph: Graph, scan: Node) -> list[Node]:
    """What is left of a scan."""
    return [n for n in graph.nodes if n.op is ITEM and n.inputs[0] is scan]
