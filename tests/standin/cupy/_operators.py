"""Operators and methods of arrays that are functions of the namespace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

METHODS = """
sum prod max min argmax argmin all any mean var std cumsum cumprod clip round take dot sort argsort repeat diagonal
"""
UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}
BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "matmul": "matmul", "and": "bitwise_and", "or": "bitwise_or",
    "xor": "bitwise_xor", "lshift": "left_shift", "rshift": "right_shift",
}  # fmt: skip
COMPARISONS = {
    "lt": "less", "le": "less_equal", "eq": "equal", "ne": "not_equal", "gt": "greater", "ge": "greater_equal",
}  # fmt: skip


class Operators:
    """What an array has of them."""

    __slots__ = ()


def _named(name: str) -> Callable[..., Any]:
    import cupy

    function: Callable[..., Any] = getattr(cupy, name)
    return function


def _method(name: str) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: _named(name)(self, *args, **kwargs)


def _mirrored(name: str) -> Callable[[Any, Any], Any]:
    return lambda self, other: _named(name)(other, self)


def _over(name: str) -> Callable[[Any, Any], Any]:
    return lambda self, other: _named(name)(self, other, self)


for _name in METHODS.split():
    setattr(Operators, _name, _method(_name))
for _name, _function in (UNARY | BINARY | COMPARISONS).items():
    setattr(Operators, f"__{_name}__", _method(_function))
for _name, _function in BINARY.items():
    setattr(Operators, f"__r{_name}__", _mirrored(_function))
    if _name != "matmul":
        setattr(Operators, f"__i{_name}__", _over(_function))
