"""How an elementwise atom is made together with its public function: one call, with its gradient rules."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from ..graph import Op, call, define
from ..graph.node import GradientRule, Node, Template
from ..graph.types import DType, Shape, broadcast, is_float, is_integer
from ..graph.where import users_line
from .axes import dtype_of
from .shaping import cast

F = TypeVar("F", bound=Callable[..., Any])
Unary = Callable[[Any], Any]
Binary = Callable[[Any, Any], Any]
NUMBERS = "number float"
"""Kinds of dtypes: "truth" values, "number" for integers, "float"."""
COUNTS = "truth number"
ANY = "truth number float"
_WORDS = {"truth": "truth values", "number": "integers", "float": "floats"}


def kind_of(dtype: DType) -> str:
    """What a dtype is of: truth, number or float."""
    return "float" if is_float(dtype) else "number" if is_integer(dtype) else "truth"


def elementwise(name: str, takes: str = ANY, truth: bool = False) -> Callable[..., tuple[Shape, DType]]:
    """The rule of an op whose operands broadcast; it gives their dtype, or truth values.

    The rule raises TypeError for a dtype of a kind that the op does not take.
    """

    def rule(*inputs: Node, **_: object) -> tuple[Shape, DType]:
        dtype = inputs[-1].dtype
        if kind_of(dtype) not in takes:
            cure = 'kcore.ops.cast(x, "int64")' if "float" not in takes else 'kcore.ops.cast(x, "float32")'
            known = " and ".join(_WORDS[k] for k in takes.split())
            raise TypeError(f"{users_line()}ops.{name} takes {known}, got {dtype}. Use {cure}.")
        return broadcast(*(i.shape for i in inputs)), "bool" if truth else dtype

    return rule


def atom(
    name: str,
    *gradients: GradientRule | None,
    takes: str = ANY,
    truth: bool = False,
    floating: bool = False,
    condition: int = 0,
    text: Template = "",
    cheap: bool = False,
    noun: str = "",
) -> Op:
    """An elementwise function of the namespace. Without gradient rules nothing flows through it."""
    rules = gradients or (None, None)
    rule = elementwise(name, takes, truth)
    more: dict[str, Any] = {"floating": floating, "condition": condition, "text": text, "cheap": cheap}
    return define(Op(name, "elementwise", rule, rules, noun=noun or name, **more))


def unary(name: str, doc: str, *gradients: GradientRule | None, unchanged: str = "", **how: Any) -> Unary:
    """The function of an atom of one operand, which leaves the kinds of dtypes in `unchanged` as they are."""
    op = atom(name, *gradients, **how)

    def function(x: Any) -> Any:
        if unchanged and kind_of(dtype_of(x)) in unchanged:
            return cast(x, dtype_of(x))
        return call(op, x)

    return called(name, doc, function)


def binary(name: str, doc: str, *gradients: GradientRule | None, counts: DType = "", **how: Any) -> Binary:
    """The function of an atom of two operands; truth values alone are first numbers of the dtype `counts`, if given."""
    op = atom(name, *gradients, **how)

    def function(x1: Any, x2: Any) -> Any:
        if counts and dtype_of(x1) == dtype_of(x2) == "bool":
            x1, x2 = cast(x1, counts), cast(x2, counts)
        return call(op, x1, x2)

    return called(name, doc, function)


def called(name: str, doc: str, function: F) -> F:
    """The function under another name, with a docstring, as if it stood in the module that makes it."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = sys._getframe(2).f_globals["__name__"]
    function.__doc__ = doc
    return function
