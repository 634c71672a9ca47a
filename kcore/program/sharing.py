"""Sharing: which nodes are computed in one loop, as the backend can have it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol

from ..backend.kernel import KernelWriter
from ..graph import Node
from ..graph.types import Shape


class Sharing(Protocol):
    """Which nodes may share a loop."""

    def over(self, node: Node) -> Hashable:
        """What a node's loop goes over, the same for nodes that may share one; None if it shares none."""

    def local(self, node: Node, read: Node, reader: Node) -> bool:
        """Whether a turn of the reader's loop, which reads a node or a view of it, needs what that turn made of it."""

    @property
    def in_turns(self) -> Sharing:
        """The same within the turns of a scan."""


class ByRows:
    """Long elementwise chains and the reductions along rows that they meet share a loop over blocks of rows.

    Args:
        block: how many elements of a row or less gain nothing by it; None: no nodes share a loop.
    """

    def __init__(self, block: int | None) -> None:
        self._block = block

    def over(self, node: Node) -> Hashable:
        """How many rows there are."""
        count = rows(node) if self._block is not None else 0
        return count if count > 1 and count * row_size(node) > (self._block or 0) else None

    def local(self, node: Node, read: Node, reader: Node) -> bool:
        """Row by row."""
        return by_rows(read, reader) and source(read, rows(node)) is node

    @property
    def in_turns(self) -> Sharing:
        """None: blocks would lie elsewhere each turn."""
        return ByRows(None)


class ByElements:
    """Elementwise nodes of one shape share a loop, which may end in a reduction: for a backend that writes kernels."""

    def __init__(self, kernels: KernelWriter) -> None:
        self._kernels = kernels

    def over(self, node: Node) -> Hashable:
        """The shape, if the backend writes the op."""
        return domain(node) if by_writer(node, self._kernels) else None

    def local(self, node: Node, read: Node, reader: Node) -> bool:
        """Element by element."""
        return read is node and read.shape == domain(reader)

    @property
    def in_turns(self) -> Sharing:
        """The same."""
        return self


def by_writer(node: Node, kernels: KernelWriter | None) -> bool:
    """Whether it is computed by a loop over elements, or over those that it reduces, which the backend writes."""
    if kernels is None or node.op.kind not in ("elementwise", "reduction"):
        return False
    return kernels.takes(node.op.name, [*(i.dtype for i in node.inputs), node.dtype])


def domain(node: Node) -> Shape:
    """The shape that a node's loop goes over."""
    return node.inputs[0].shape if node.op.kind == "reduction" else node.shape


def rows(node: Node) -> int:
    """How many rows its loop goes over: along the first axis of what it computes, or of what it reduces; 0 if none."""
    if node.op.kind == "elementwise" and node.shape:
        return node.shape[0]
    if node.op.kind == "reduction" and 0 not in node.option("axis"):
        return node.inputs[0].shape[0]
    return 0


def row_size(node: Node) -> int:
    """How many elements of one row its loop goes over."""
    return (node.inputs[0] if node.op.kind == "reduction" else node).size // max(rows(node), 1)


def by_rows(read: Node, reader: Node) -> bool:
    """Whether row i of the reader needs row i of what it reads and no other."""
    if not read.shape or read.shape[0] != rows(reader):
        return False
    return reader.op.kind == "reduction" or len(read.shape) == len(reader.shape)


def source(read: Node, count: int) -> Node:
    """What a node is read from, through views that keep its rows, of which there are so many."""
    while read.op.in_order and read.shape[:1] == (count,) == read.inputs[0].shape[:1]:
        read = read.inputs[0]
    return read
