"""Op, a word of the language, and Node, one use of it in a graph."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal

import attrs

from .types import DType, Shape, size_of

Kind = Literal[
    "source", "elementwise", "reduction", "view", "product", "gather", "fresh", "pack", "compound", "loop", "item"
]
"""A view looks into its operand's memory; a gather reads any elements of its operands into memory of its own, as `take`
and `sort` do; what is fresh comes from nothing, as random bits; a compound
that is not lowered has a kernel; a pack joins values; an item is what a loop leaves behind."""
MAKES_MEMORY: frozenset[Kind] = frozenset(
    {"elementwise", "reduction", "product", "gather", "fresh", "compound", "item"}
)
Rule = Callable[..., tuple[Shape, DType]]
GradientRule = Callable[..., Any]  # from symbols to a symbol
Template = str | Callable[["Node"], str]


@attrs.frozen(eq=False)
class Op:
    """A word of the language: what it is called, what it makes of shapes, how its gradient is written in other ops.

    An *atom* is one function of the array namespace, written by its `text`; a *compound* has a `lowering`
    into other ops instead. A gradient rule is called `rule(g, out, *inputs, **options)` and may leave it to
    differentiate to undo broadcasting and to restore the dtype. An op of any number of operands gives a function
    from the position of an operand to its rule.
    """

    name: str
    kind: Kind
    rule: Rule
    gradients: tuple[GradientRule | None, ...] | Callable[[int], GradientRule | None] = ()
    lowering: Callable[..., Any] | None = None
    text: Template = ""  # "sum({0}, axis={axis})", or made for a node; empty: name({0}, {1}, ...)
    into: Template = ""  # the same with the result written to {out}; empty: `text` with `, out={out}`
    look: Callable[..., Any] | None = None  # of a view: what it is of any array, by strides; ValueError if a copy
    in_order: bool = False  # of a view: whether it keeps the elements in row-major order
    merge: Callable[..., dict[str, Hashable]] | None = None  # of a view: (shape, inner, outer options) -> those of one
    batched: Callable[..., Any] | None = None  # (inputs, which of them hold all turns, **options) -> the same, of all
    promotes: bool = True  # whether operands are cast to one dtype
    floating: bool = False  # whether integers and truth values become floats before it
    condition: int = 0  # how many truth values stand before the operands that agree on a dtype
    apart: Callable[[Node], tuple[int, ...]] | None = None  # operands read after the first pass over the result
    cheap: bool = False  # whether a loop computes it again on its way back rather than keeping every turn's value
    noun: str = ""  # what its value is called in a program where nothing else names it

    def gradient(self, position: int) -> GradientRule | None:
        """The gradient rule of the operand at this position, None if nothing flows back to it.

        Raises:
            TypeError: the op has no rules.
        """
        if callable(self.gradients):
            return self.gradients(position)
        if position >= len(self.gradients):
            raise TypeError(f"ops.{self.name} has no gradient rule.")
        return self.gradients[position]

    def __repr__(self) -> str:
        return self.name


OPS: dict[str, Op] = {}
"""Every op by its name."""


@attrs.define(eq=False)
class Node:
    """One use of an op. Nodes are compared by identity, so that they can be keys; users hold a Symbol instead."""

    op: Op
    inputs: tuple[Node, ...]
    options: Mapping[str, Hashable]
    shape: Shape
    dtype: DType
    scope: str = ""  # the layer or phase that it belongs to
    name: str = ""
    value: Any = None  # its array, if ops compute while they are recorded

    @property
    def size(self) -> int:
        """The number of its elements."""
        return size_of(self.shape)

    @property
    def key(self) -> Hashable:
        """What makes two nodes the same computation; an input or a loop is like no other."""
        if self.op is INPUT or self.op.kind == "loop":
            return self
        options = repr(sorted(self.options.items()))  # in which 0.0 and -0.0 differ
        return self.op.name, tuple(map(id, self.inputs)), options, self.shape, self.dtype

    @property
    def apart(self) -> list[Node]:
        """The operands whose memory it may not take."""
        return [self.inputs[k] for k in self.op.apart(self)] if self.op.apart else []

    @property
    def owner(self) -> Node:
        """The node whose memory this one looks into: itself, unless it is a view."""
        node = self
        while node.op.kind == "view":
            node = node.inputs[0]
        return node

    def option(self, name: str) -> Any:
        """The value of an option, for rules that know its type."""
        return self.options[name]

    def __repr__(self) -> str:
        inputs = ", ".join(i.name or i.op.name for i in self.inputs)
        return f"{self.op}({inputs}) {self.dtype}{list(self.shape)}" + (f" '{self.name}'" if self.name else "")


def _given(*_: Node, **__: object) -> tuple[Shape, DType]:
    raise TypeError("A source states its own shape.")


INPUT = Op("input", "source", _given)
CONSTANT = Op("constant", "source", _given)  # one number, of any shape; written as a literal


def constant_value(node: Node) -> float | int | bool | None:
    """The number that a constant stands for, None for any other node."""
    return node.option("value") if node.op is CONSTANT else None
