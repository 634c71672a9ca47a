"""Choice: which ops of a program are computed by kernels that packages bring."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from ..backend import Backend
from ..backend.kernel import Launch
from ..backend.op_kernel import Operand, OpKernel, Use
from ..config import config
from ..graph import Node
from ..plugin import PluginError, UnknownNameError, entries
from ..plugin.errors import sentence


@attrs.frozen(eq=False)
class Chosen:
    """A kernel of a package, and what it computes."""

    name: str
    kernel: OpKernel
    use: Use

    def bind(self, reads: Sequence[Any], writes: Sequence[Any]) -> Launch:
        """What computes it each step.

        Raises:
            PluginError: `bind` fails or gives nothing that can be called; later, what it gave fails.
        """
        (out,) = writes
        with _blamed(self, "bind"):
            bound = self.kernel.bind(self.use, reads, out)
            if not callable(bound):
                raise TypeError(f"it must return a function of nothing, which computes `out`; got {bound!r:.80}")

        def launch() -> None:
            try:
                bound()
            except Exception:
                with _blamed(self, "the function that bind returned"):
                    raise

        return launch

    @property
    def place(self) -> str:
        """Which kernel, and what it is to compute."""
        kind = type(self.kernel)
        operands = ", ".join(f"{each.dtype}{list(each.shape)}" for each in self.use.inputs)
        return f"Kernel {self.name!r} ({kind.__module__}.{kind.__qualname__}), for {self.use.op}({operands})"


@contextlib.contextmanager
def _blamed(chosen: Chosen, what: str) -> Iterator[None]:
    """An error inside is told as the kernel's; that memory is exhausted is nobody's fault."""
    try:
        yield
    except MemoryError:
        raise
    except Exception as cause:
        told = sentence(f"{type(cause).__name__}: {cause}")
        cure = "Mend it (kcore.testing.check_kernel tries it alone), or leave its package out of KCORE_KERNELS."
        raise PluginError(f"{chosen.place}: {what} failed: {told} {cure}") from cause


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
        for name, kernel in kernels:
            chosen = Chosen(name, kernel, use)
            with _blamed(chosen, "takes"):
                if kernel.takes(use):
                    return chosen
        return None


def considered(backend: str) -> dict[str, OpKernel]:
    """By name the kernels for a backend that can run here: kcore's and the user's own, and those of KCORE_KERNELS.

    Raises:
        UnknownNameError, PluginError: KCORE_KERNELS names what is not there, or is broken.
    """
    named = f"KCORE_KERNELS={os.environ.get('KCORE_KERNELS')}"
    for name in config.kernels:
        if "/" in name:
            namespace = name.partition("/")[0]
            raise UnknownNameError(f"{named}: it takes namespaces, not kernels. Write {namespace} instead of {name}.")
    try:
        every = entries("kernels", outsiders=config.kernels)
    except (UnknownNameError, PluginError) as error:
        raise type(error)(f"{named}: {error}") from error
    found = [e for e in every if e.thing.backend == backend]
    found.sort(key=lambda e: (-e.thing.priority, e.qualified))
    return {e.qualified: _made(e.thing) for e in found if e.thing.probe() is None}


@functools.cache
def _made(kind: type[OpKernel]) -> OpKernel:
    return kind()
