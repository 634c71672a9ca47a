"""Choice: which ops of a program are computed by kernels that packages bring."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import attrs

from ..backend import Backend
from ..backend.kernel import Launch
from ..backend.op_kernel import Operand, OpKernel, Use
from ..config import config
from ..graph import Node
from ..plugin import entries


@attrs.frozen(eq=False)
class Chosen:
    """A kernel of a package, and what it computes."""

    name: str
    kernel: OpKernel
    use: Use

    def bind(self, reads: Sequence[Any], writes: Sequence[Any]) -> Launch:
        """What computes it each step."""
        (out,) = writes
        return self.kernel.bind(self.use, reads, out)


class Choice:
    """The kernels that are considered for programs of a backend, those with the highest priority first.

    What is elementwise or a reduction has none: it shares loops instead.

    Args:
        backend: whose; without one none are considered.
    """

    def __init__(self, backend: Backend | None = None) -> None:
        self._by_op: dict[str, list[tuple[str, OpKernel]]] = {}
        for name, kernel in considered(backend.name).items() if backend else ():
            self._by_op.setdefault(kernel.op, []).append((name, kernel))

    def of(self, node: Node) -> Chosen | None:
        """The kernel that computes a node, if there is one."""
        kernels = self._by_op.get(node.op.name)
        if not kernels or node.op.kind in ("elementwise", "reduction"):
            return None
        operands = tuple(Operand(i.shape, i.dtype) for i in node.inputs)
        use = Use(node.op.name, operands, node.shape, node.dtype, node.options)
        return next((Chosen(name, kernel, use) for name, kernel in kernels if kernel.takes(use)), None)


def considered(backend: str) -> dict[str, OpKernel]:
    """By name the kernels for a backend that can run here: kcore's and the user's own, and those of KCORE_KERNELS."""
    found = [e for e in entries("kernels", outsiders=config.kernels) if e.thing.backend == backend]
    found.sort(key=lambda e: (-e.thing.priority, e.qualified))
    return {e.qualified: _made(e.thing) for e in found if e.thing.probe() is None}


@functools.cache
def _made(kind: type[OpKernel]) -> OpKernel:
    return kind()
