"""Scalar: a fused kernel of graph nodes, described in the scalar language for a backend that writes it."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ..backend.kernel import Body, Description, Literal, Reduction, Word
from ..graph import CONSTANT, Node
from .fuse import Kernel
from .sharing import domain

SPELT_OUT = {0, 1}  # constants that are part of a kernel's text; each of the others would compile it anew


@attrs.frozen
class Described:
    """A kernel in the scalar language, and which nodes its arrays and numbers are.

    Attributes:
        what: the description.
        reads: the nodes that it reads as arrays.
        numbers: those that are numbers given at each call of the program.
        writes: the nodes that it leaves in memory.
    """

    what: Description
    reads: list[Node]
    numbers: list[Node]
    writes: list[Node]


def describe(kernel: Kernel, is_number: Callable[[Node], bool]) -> Described:
    """Describe a kernel whose nodes are elementwise, the last of them perhaps a reduction.

    Args:
        kernel: of nodes that share a loop by elements.
        is_number: whether an input is a number that is given at each call.
    """
    root = kernel.root
    reduced = root if root.op.kind == "reduction" else None
    numbers = [n for n in kernel.inputs if is_number(n)]
    reads = [n for n in kernel.inputs if n not in numbers]
    constants = list(dict.fromkeys((i.option("value"), i.dtype) for n in kernel.body for i in n.inputs if _is_given(i)))
    position: dict[object, int] = {n: i for i, n in enumerate((*reads, *constants, *numbers))}

    def operand(node: Node) -> int | Literal:
        if node.op is CONSTANT and not _is_given(node):
            return Literal(node.option("value"), node.dtype)
        return position[(node.option("value"), node.dtype) if node.op is CONSTANT else node]

    words = []
    for node in kernel.body:
        if node is not reduced:
            words.append(Word(node.op.name, node.dtype, tuple(map(operand, node.inputs))))
            position[node] = len(position)
    kept = [n for n in kernel.outputs if n is not reduced]
    end = Reduction(root.op.name, root.dtype, operand(root.inputs[0]), root.option("axis")) if reduced else None
    body = Body(
        reads=tuple(n.dtype for n in reads),
        numbers=(*(dtype for _, dtype in constants), *(n.dtype for n in numbers)),
        words=tuple(words),
        writes=tuple(position[n] for n in kept),
        reduction=end,
    )
    what = Description(body, domain(root), tuple(value for value, _ in constants))
    return Described(what, reads, numbers, kept + ([reduced] if reduced else []))


def _is_given(node: Node) -> bool:
    """Whether a constant is given to a kernel rather than written into it."""
    return node.op is CONSTANT and (node.option("value") not in SPELT_OUT or str(node.option("value")) == "-0.0")
