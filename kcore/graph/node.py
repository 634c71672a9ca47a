"""Op, a word of the language, and Node, one use of it in a graph."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal

import attrs

from .types import DType, Shape, size_of

Kind = Literal["source", "elementwise", "reduction", "view", "product", "fresh", "pack", "compound"]
"""A view looks into its operand's memory; what is fresh comes from nothing, as random bits; a pack joins values."""
Rule = Callable[..., tuple[Shape, DType]]
GradientRule = Callable[..., Any]  # from symbols to a symbol


@attrs.frozen(eq=False)
class Op:
    """A word of the language: what it is called, what it makes of shapes, how its gradient is written in other ops.

    An *atom* is one function of the array namespace, written by its `text`; a *compound* has a `lowering`
    into other ops instead. A gradient rule is called `rule(g, out, *inputs, **options)` and may leave it to
    differentiate to undo broadcasting and to restore the dtype.
    """

    name: str
    kind: Kind
    rule: Rule
    gradients: tuple[GradientRule | None, ...] = ()
    lowering: Callable[..., Any] | None = None
    text: str = ""  # "permute_dims({0}, {axes})"; empty: name({0}, {1}, ...)
    into: str = ""  # the same with the result written to {out}; empty: `text` with `, out={out}`
    floating: bool = False  # whether integers and truth values become floats before it
    condition: int = 0  # how many truth values stand before the operands that agree on a dtype
    apart: tuple[int, ...] = ()  # operands whose memory the result may not take, since it is written in several passes
    noun: str = ""  # what its value is called in a program where nothing else names it

    def __repr__(self) -> str:
        return self.name


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

    @property
    def size(self) -> int:
        """The number of its elements."""
        return size_of(self.shape)

    @property
    def key(self) -> Hashable:
        """What makes two nodes the same computation; an input is like no other."""
        if self.op is INPUT:
            return self
        options = repr(sorted(self.options.items()))  # in which 0.0 and -0.0 differ
        return self.op.name, tuple(map(id, self.inputs)), options, self.shape, self.dtype

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
