"""The matrix product."""

from __future__ import annotations

from typing import Any

from ..graph import Op, call, define
from ..graph.node import Node
from ..graph.types import DType, Shape
from ..graph.where import users_line
from .axes import shape_of
from .shaping import reshape, transpose


def _product(a: Node, b: Node) -> tuple[Shape, DType]:
    return (a.shape[0], b.shape[1]), a.dtype


_MATMUL = define(
    Op(
        "matmul",
        "product",
        _product,
        (
            lambda g, out, a, b: call("matmul", g, transpose(b)),
            lambda g, out, a, b: call("matmul", transpose(a), g),
        ),
        noun="matmul",
    )
)


def matmul(x1: Any, x2: Any) -> Any:
    """The matrix product of x1 (..., n) and x2 (n, m): (..., m), as one product of two dimensions.

    Raises:
        ValueError: the inner lengths differ, or x2 is no matrix.
    """
    left, right = shape_of(x1), shape_of(x2)
    if not left or len(right) != 2 or left[-1] != right[0]:
        raise ValueError(f"{users_line()}ops.matmul multiplies (..., n) by (n, m): got shapes {left} and {right}.")
    rows = 1
    for n in left[:-1]:
        rows *= n
    if len(left) == 2:
        return call(_MATMUL, x1, x2)
    return reshape(call(_MATMUL, reshape(x1, (rows, left[-1])), x2), (*left[:-1], right[1]))
