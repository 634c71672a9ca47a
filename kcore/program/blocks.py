"""Blocks: how kernels of several nodes are written for NumPy, as loops over blocks of rows that stay in cache."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from ..graph import Node
from ..graph.types import Shape, itemsize, size_of
from .fuse import Kernel
from .place import Buffer
from .sharing import by_rows, row_size, rows, source

if TYPE_CHECKING:
    from .in_place import InPlace

WIDTH = 80  # of lists of names


class Blocks:
    """The loops of one page of lines, which share their scratch.

    Args:
        page: where they are written.
    """

    def __init__(self, page: InPlace) -> None:
        self._page = page
        self.scratch: dict[tuple[object, ...], list[str]] = {}  # by dtype, shape of a row, rows and buffer: names
        self.scratch_bytes = 0  # of those that lie in no buffer

    def write(self, kernel: Kernel) -> None:
        """A loop over blocks of rows that stay in cache; what only the loop reads lies in scratch, reused."""
        page, count = self._page, rows(kernel.root)
        size = min(count, max(1, (page.backend.block or 1) // max(map(row_size, kernel.body))))
        last = {source(i, count): n for n in kernel.body for i in n.inputs}
        local: dict[Node, str] = {}
        free: dict[tuple[str, Shape], list[str]] = {}
        arrays: dict[str, None] = {}  # those that are cut into blocks
        scratch: list[str] = []
        idle = list(page.placement.idle[kernel])
        lines: list[str] = []

        def cut(name: str) -> str:
            arrays[name] = None
            return f"{name}_"

        def operand(i: Node, reader: Node) -> str:
            held = source(i, count)
            if held not in local:
                return cut(page.ref(i)) if by_rows(i, reader) else page.ref(i)
            if i is held:
                return local[held]
            return f"{page.spell('reshape')}({local[held]}, (-1, {', '.join(map(str, i.shape[1:]))}))"

        for node in kernel.body:
            inputs = [operand(i, node) for i in node.inputs]
            sources = {source(i, count): i for i in node.inputs}
            dead = [n for n in sources if n in local and last[n] is node and n not in kernel.outputs]
            key = node.dtype, node.shape[1:]
            over = [
                local[n] for n in dead
                if node.op.kind == "elementwise" and sources[n] is n and (n.dtype, n.shape) == (node.dtype, node.shape)
                and n not in node.apart
            ]  # fmt: skip
            spare = free.setdefault(key, [])
            if node in kernel.outputs:
                local[node] = cut(page.ref(node))
            else:
                local[node] = over[0] if over else spare.pop() if spare else self._scratch(key, size, scratch, idle)
            for n in dead:
                if local[n] != local[node]:
                    free.setdefault((n.dtype, n.shape[1:]), []).append(local[n])
            lines += page.statements(node, inputs, local[node])
        title = page.names.give(kernel, f"{kernel.root.scope} blocks")
        page.set_up(title, f"blocks({size}, {', '.join([*arrays, *scratch])})")
        names = [*(f"{a}_" for a in arrays), *scratch]
        first, *rest = listed("for ", names, f" in {title}:")
        page.write(first, kernel.root.scope)
        page.body += [*rest, *("    " + line for line in lines)]

    def _scratch(self, key: tuple[str, Shape], size: int, used: list[str], idle: list[Buffer]) -> str:
        """Room for one more block of so many rows: in a buffer that is idle, or of its own; the loops share it."""
        page, (dtype, shape) = self._page, key
        need = size * size_of(shape) * itemsize(dtype)
        buffer = min((b for b in idle if b.nbytes >= need), key=lambda b: b.nbytes, default=None)
        names = self.scratch.setdefault((*key, size, buffer), [])
        fresh = next((n for n in names if n not in used), None)
        if fresh is None:
            number = sum(map(len, self.scratch.values()))
            fresh = page.names.give((key, size, buffer, len(names)), f"scratch_{number}")
            if buffer is None:
                page.set_up(fresh, f"{page.spell('zeros')}({(size, *shape)}, {page.spell(dtype)})")
                self.scratch_bytes += need
            else:
                page.set_up(fresh, page.at(buffer, (size, *shape), dtype))
            names.append(fresh)
        if buffer is not None:
            idle.remove(buffer)
        used.append(fresh)
        return fresh


def listed(before: str, names: list[str], after: str = "") -> list[str]:
    """A line with a tuple of names, or several if it is long."""
    text = ", ".join(names)
    if len(text) < WIDTH:
        return [f"{before}{text if len(names) > 1 else f'({text},)' if names else '()'}{after}"]
    return [f"{before}(", *textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    "), f"){after}"]
