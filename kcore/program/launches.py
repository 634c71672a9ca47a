"""Launches: how kernels that the backend writes, or that packages bring, are bound once and launched each step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import attrs

from ..backend.kernel import Description, KernelWriter
from ..graph import CAST, Node
from ..graph.types import size_of
from .choice import Choice, Chosen
from .fuse import Kernel
from .naming import hint
from .scalar import describe
from .sharing import by_writer

if TYPE_CHECKING:
    from .in_place import InPlace


TOGETHER = 24
"""How many launches become one at most: a GPU takes 4096 bytes of arguments, and a compiler its time."""


@attrs.frozen(eq=False)
class LaunchLine:
    """A call of a kernel that the backend writes.

    Attributes:
        name: of the function that launches it.
        numbers: what it is called with.
        scope, comment: for the reader.
    """

    name: str
    numbers: list[str]
    scope: str
    comment: str


@attrs.frozen(eq=False)
class Book:
    """The kernels of a program that are bound to their arrays once.

    Attributes:
        choice: those that packages bring.
        writer: what writes others for the backend, if anything does.
        described: all that are bound, with their numbers.
    """

    choice: Choice
    writer: KernelWriter | None
    described: dict[Description | Chosen, int] = attrs.field(factory=dict)


class Launches:
    """The launches of one page of lines.

    Args:
        page: where they are written.
        book: the program's kernels, to which is added.
    """

    def __init__(self, page: InPlace, book: Book) -> None:
        self._page, self._book = page, book
        self._together: list[LaunchLine] = []  # small ones that follow each other, not written yet

    def take(self, kernel: Kernel) -> bool:
        """Write the launch of a kernel, if it is one that is bound to its arrays."""
        chosen = self._book.choice.of(kernel.root)
        if chosen is not None:
            self._bring(kernel.root, chosen)
        elif by_writer(kernel.root, self._book.writer):
            self._add(kernel)
        else:
            return False
        return True

    def _bring(self, node: Node, chosen: Chosen) -> None:
        """Let a package's kernel compute a node each step."""
        name, writes = self._bound(chosen, f"{hint(node)} {chosen.kernel.op}", node.inputs, [node])
        self._page.write(f"{name}()", node.scope, f"{writes} {node.shape} by {chosen.name}")

    def _add(self, kernel: Kernel) -> None:
        """Launch a kernel that the backend writes each step, with the numbers that it needs."""
        page, phase = self._page, self._book.writer.phase if self._book.writer else 0
        if kernel.root.op is CAST and not kernel.fused and page.ref(kernel.root) == page.ref(kernel.root.inputs[0]):
            return  # a copy of what lies there already
        described = describe(kernel, page.is_argument)
        name, writes = self._bound(described.what, f"{hint(kernel.root)} loop", described.reads, described.writes)
        words = ", ".join(dict.fromkeys(n.op.name for n in kernel.body))
        launch = LaunchLine(name, list(map(page.ref, described.numbers)), kernel.root.scope, f"{words} -> {writes}")
        alone = size_of(described.what.shape) > phase
        if alone or len(self._together) == TOGETHER:
            self.flush()
        self._together.append(launch)
        if alone:
            self.flush()

    def _bound(
        self, what: Description | Chosen, name: str, reads: Iterable[Node], writes: Iterable[Node]
    ) -> tuple[str, str]:
        """Bind a kernel to its arrays once: its name, and those of what it writes."""
        page = self._page
        number = self._book.described.setdefault(what, len(self._book.described))
        read, written = (", ".join(map(page.ref, nodes)) for nodes in (reads, writes))
        text = f"bind({number}, [{read}], [{written}])"
        return page.set_up(page.names.give((what, name, written), name), text), written

    def flush(self) -> None:
        """Write the launches that wait for company."""
        launches, self._together = self._together, []
        if launches:
            self._write(launches)

    def _write(self, launches: list[LaunchLine]) -> None:
        """One line: a launch by itself, or several as one."""
        name, numbers = launches[0].name, [n for launch in launches for n in launch.numbers]
        if len(launches) > 1:
            parts = ", ".join(f"({launch.name}, {len(launch.numbers)})" for launch in launches)
            name = self._page.set_up(self._page.names.give(launches[0], f"{name}s"), f"chain({parts})")
        for launch in launches:
            self._page.append(f"#   {launch.comment}", launch.scope)
        self._page.append(f"{name}({', '.join(numbers)})", launches[-1].scope)
