"""In place: how placed kernels are written, each line into memory that is there."""

from __future__ import annotations

import re

import attrs

from ..backend import Backend
from ..graph import CONSTANT, PACK, Graph, Node
from ..graph.loop import ITEM, SCAN, loop_of
from ..graph.types import DType, Shape
from ..ops.indexing import JOIN, tiles
from .blocks import Blocks, listed
from .fuse import Kernel
from .launches import Book, Launches
from .naming import carry_hint, chains, hint, item_hint
from .place import Buffer, Placement
from .writer import Text, Writer, parameters, turns


class InPlace(Writer):
    """Lines that write into buffers and views, made once: before the step, or of a loop for each of its turns."""

    def __init__(
        self,
        graph: Graph,
        backend: Backend,
        kernels: list[Kernel],
        placement: Placement,
        book: Book,
        around: InPlace | None = None,
    ) -> None:
        super().__init__(graph, backend, around)
        self.kernels, self.placement, self.book, self.around = kernels, placement, book, around
        self.numbers = {n for n in graph.inputs.values() if n not in placement.of}  # those that are passed at each call
        self.launches = Launches(self, book)
        self.first = chains(placement)
        self.setup: list[str] = []  # of a turn: the lines that are run for each turn
        self.varying: set[str] = set()  # the names that stand for another array each turn
        for buffer in placement.buffers:
            room = f"{self.spell('zeros')}({buffer.nbytes}, {self.spell('uint8')})"
            self.set_up(self.names.give(buffer, buffer.name), room)
        self.outside = {p.buffer: n for n, p in placement.of.items() if p.buffer.outside and n.op.kind == "source"}
        self.blocks = Blocks(self)

    def is_argument(self, node: Node) -> bool:
        """Whether an input is a number that is passed at each call."""
        return node in self.numbers

    def write_all(self) -> Text:
        """Write the kernels in their order."""
        for kernel in self.kernels:
            if kernel.root.op is PACK:
                self._pack(kernel.root)
            elif kernel.root.op is SCAN:
                self._loop(kernel)
            elif kernel.root.op is JOIN and tiles(kernel.root):
                self._tile(kernel.root)
            elif self.launches.take(kernel):
                pass
            elif kernel.fused:
                self.blocks.write(kernel)
            else:
                self._single(kernel.root)
        for target, node in self.placement.copies:
            self.write(self._copy(self.ref(target), self.ref(node)), "end of the step")
        self.launches.flush()
        return attrs.evolve(
            self.text(self.setup),
            kernels=self.kernels,
            placement=self.placement,
            scratch=self.blocks.scratch_bytes,
            described=list(self.book.described),
            writer=self.book.writer,
        )

    def write(self, line: str, scope: str, comment: str = "") -> None:
        """One more line, after the launches that wait for company."""
        self.launches.flush()
        super().write(line, scope, comment)

    def set_up(self, name: str, text: str) -> str:
        """Make an array or a view once: before the step, or before each turn if it looks into what varies."""
        return self.set_up_lines(name, [f"{name} = {text}"])

    def set_up_lines(self, name: str, lines: list[str]) -> str:
        """The same of what takes several lines."""
        if self.around is not None and self.varying.isdisjoint(re.findall(r"\w+", " ".join(lines))):
            return self.around.set_up_lines(name, lines)
        if self.around is not None:
            self.varying.add(name)
        self.setup += lines
        return name

    def ref(self, node: Node) -> str:
        """The name of a value; its view or buffer is set up when it is first named."""
        if node.op is CONSTANT:
            return self.constant(node)
        if node not in self.names.of:
            self.names.of[node] = self._view(node) if node.op.kind == "view" else self._owner(node)
        return self.names.of[node]

    def _view(self, node: Node) -> str:
        base = self.ref(node.inputs[0])
        text = self.call(node, [base], None)
        column = node.op.in_order and node.shape[1:] == (1,)
        name = self.names.give(node, node.name or f"{base}_{'column' if column else node.op.noun}")
        return self.set_up(name, text)

    def _owner(self, node: Node) -> str:
        place = self.placement.of[node]
        if place.whole is not None:
            part = f"{self.ref(place.whole)}[{place.index}]"
            return self.set_up(self.names.give(node, hint(node)), part)
        if place.buffer.outside:
            return self.ref(self.outside[place.buffer])
        if node in self.first:
            return self.ref(self.first[node])
        name = self.names.give(node, item_hint(node) if node.op is ITEM else hint(node))
        return self.set_up(name, self.at(place.buffer, node.shape, node.dtype, place.start))

    def at(self, buffer: Buffer, shape: Shape, dtype: DType, start: int = 0) -> str:
        """The text of an array in a buffer."""
        return f"at({self.names.of[buffer]}, {start}, {shape}, {self.spell(dtype)})"

    def _single(self, node: Node) -> None:
        heir = self.placement.heirs.get(node)
        lines = self.statements(node, [self.ref(i) for i in node.inputs], self.ref(node))
        if node in self.placement.constants:
            self.setup += lines
            return
        for line in lines[:-1]:
            self.write(line, node.scope)
        comment = str(node.shape) if node.op.kind == "product" else ""
        if heir is not None and self.ref(heir) != self.ref(node):
            comment = f"in the memory of {self.ref(heir)}"
        for line in lines[-1:]:
            self.write(line, node.scope, comment)

    def _loop(self, kernel: Kernel) -> None:
        """A `for` over arrays and views that were made once for each turn."""
        scan, names = kernel.root, self.names
        loop = loop_of(scan)
        inner = InPlace(loop.graph, self.backend, kernel.turn, self.placement.turns[scan], self.book, self)
        inner._scope = scan.scope
        left = {(n.option("what"), n.option("of")): n for n in kernel.outputs}
        t = self.turn_name()
        before, after = (f"{t} + 1", t) if loop.reverse else (t, f"{t} + 1")
        for name, node, given in parameters(scan):
            if node in loop.graph.writes:
                track = self._track(scan, name, node, self.ref(given), left)
                history = ("history", name) in left
                carry = inner.each_turn(node, carry_hint(scan, node), f"{track}[{_at(before, node, history)}]")
                inner.each_turn(loop.graph.writes[node], f"{carry}_new", f"{track}[{_at(after, node, history)}]")
            elif name in loop.each:
                inner.each_turn(node, f"{self.ref(given)}_{t}", f"{self.ref(given)}[{_at(t, node)}]")
            else:
                names.of[node] = self.ref(given)
                if given in self.numbers:
                    inner.numbers.add(node)
        for (what, of), node in left.items():
            if what == "stack":
                value = loop.value(of)
                inner.each_turn(value, hint(value), f"{self.ref(node)}[{_at(t, value)}]")
        inner.write_all()
        used = set(re.findall(r"\w+", " ".join(inner.body)))
        seen = [name for name in dict.fromkeys(names.of.values()) if name in inner.varying & used]
        scope = scan.scope.replace("gradient of ", "grad_")
        function, title = names.give(kernel, f"{scope} turn"), names.give(scan, f"{scope} turns")
        lines = [f"def {function}({t}):", *("    " + line for line in [*inner.setup, *listed("return ", seen)])]
        self.set_up_lines(title, [*lines, f"{title} = [{function}({t}) for {t} in {turns(loop)}]"])
        first, *rest = listed("for ", seen, f" in {title}:")
        self.write(first, scan.scope)
        self.body += [*rest, *("    " + line for line in inner.body)]

    def each_turn(self, node: Node, name_hint: str, text: str) -> str:
        """A value that lies elsewhere each turn."""
        name = self.names.give(node, name_hint)
        self.varying.add(name)
        self.setup.append(f"{name} = {text}")
        return name

    def _track(self, scan: Node, of: str, carry: Node, start: str, left: dict[tuple[str, str], Node]) -> str:
        """The places that a carry goes through, from its start to its last value."""
        loop = loop_of(scan)
        if ("history", of) in left:
            history = self.ref(left["history", of])
            first = str(loop.length if loop.reverse else 0)
            self.write(self._copy(f"{history}[{_at(first, carry)}]", start), scan.scope)
            return history
        rooms = [self.ref(left["last", of])] if ("last", of) in left else []
        for room in self.placement.turns[scan].spare[carry]:
            name = self.names.give(room, f"{carry_hint(scan, carry)} room")
            rooms.append(self.set_up(name, self.at(room.buffer, carry.shape, carry.dtype)))
        text = f"lane({start}, {', '.join(rooms)}, length={loop.length})" + "[::-1]" * loop.reverse
        return self.set_up(self.names.give((scan, of), f"{carry_hint(scan, carry)} lane"), text)

    def _pack(self, node: Node) -> None:
        pack, start = self.ref(node), 0
        for part in node.inputs:
            lies = self.placement.of.get(part.owner)  # none: a number that is passed at each call
            if lies is None or (lies.buffer, lies.start) != (self.placement.of[node].buffer, start):
                flat = self._copy(f"{pack}[{start}:{start + part.size}].reshape({part.shape})", self.ref(part))
                self.write(flat, node.scope)
            start += part.size

    def _tile(self, node: Node) -> None:
        """Copy what does not lie inside the join already."""
        for part, index in zip(node.inputs, node.option("indices"), strict=True):
            lies = self.placement.of.get(part)
            if lies is None or lies.whole is not node or lies.index is not index:
                self.write(self._copy(f"{self.ref(node)}[{index}]", self.ref(part)), node.scope)

    def _copy(self, target: str, source: str) -> str:
        return f"{self.spell('copyto')}({target}, {source})"


def _at(index: str, node: Node, stacked: bool = True) -> str:
    """The index of one turn: of values stacked in an array it leaves an array, not a number, where no axis is left."""
    return f"{index}, ..." if stacked and not node.shape else index
