"""Launches: how kernels that the backend writes are bound to their arrays once, and launched each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..backend.kernel import Description, Kernels
from ..graph.types import size_of
from .fuse import Kernel
from .naming import hint
from .scalar import describe

if TYPE_CHECKING:
    from .in_place import InPlace


@attrs.frozen(eq=False)
class Launch:
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


class Launches:
    """Those of one page of lines.

    Args:
        page: where they are written.
        writer: the backend's, if it writes kernels.
        described: what the writer is told, to which is added.
    """

    def __init__(self, page: InPlace, writer: Kernels | None, described: list[Description] | None = None) -> None:
        self.writer = writer
        self.described = [] if described is None else described
        self._page = page
        self._together: list[Launch] = []  # small ones that follow each other, not written yet

    def add(self, kernel: Kernel) -> None:
        """Bind a kernel to its arrays, and launch it each step with the numbers that it needs."""
        page, phase = self._page, self.writer.phase if self.writer else 0
        described = describe(kernel, page.is_argument)
        if described.what not in self.described:
            self.described.append(described.what)
        number = self.described.index(described.what)
        reads, writes = (", ".join(map(page.ref, nodes)) for nodes in (described.reads, described.writes))
        name = page.names.give(kernel, f"{hint(kernel.root)} kernel")
        name = page.set_up(name, f"bind({number}, [{reads}], [{writes}])")
        words = ", ".join(dict.fromkeys(n.op.name for n in kernel.body))
        launch = Launch(name, list(map(page.ref, described.numbers)), kernel.root.scope, f"{words} -> {writes}")
        if size_of(described.what.shape) > phase:
            self.flush()
            self._write([launch])
        else:
            self._together.append(launch)

    def flush(self) -> None:
        """Write the launches that wait for company."""
        launches, self._together = self._together, []
        if launches:
            self._write(launches)

    def _write(self, launches: list[Launch]) -> None:
        """One line: a launch by itself, or several as one."""
        name, numbers = launches[0].name, [n for launch in launches for n in launch.numbers]
        if len(launches) > 1:
            parts = ", ".join(f"({launch.name}, {len(launch.numbers)})" for launch in launches)
            name = self._page.set_up(self._page.names.give(launches[0], f"{name}s"), f"chain({parts})")
        for launch in launches[:-1]:
            self._page.append(f"# {launch.comment}", launch.scope)
        self._page.append(f"{name}({', '.join(numbers)})", launches[-1].scope, launches[-1].comment)
