"""Products of matrices and of vectors."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from typing import Any

from ..graph import Op, call, define
from ..graph.node import Node
from ..graph.types import DType, Shape, broadcast, size_of
from ..graph.where import users_line
from .axes import axes as counted
from .axes import dtype_of, shape_of
from .elementwise import multiply, subtract
from .joining import stack, unstack
from .reductions import sum
from .shaping import cast, expand_dims, matrix_transpose, moveaxis, of_rank, ravel, reshape


def _product(a: Node, b: Node) -> tuple[Shape, DType]:
    return (*broadcast(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1]), a.dtype


_MATMUL = define(
    Op(
        "matmul",
        "product",
        _product,
        (
            lambda g, out, a, b: call("matmul", g, matrix_transpose(b)),
            lambda g, out, a, b: call("matmul", matrix_transpose(a), g),
        ),
        batched=lambda inputs, stacked: _multiplied_all(inputs, stacked),
        noun="matmul",
    )
)


def _multiplied_all(inputs: Sequence[Any], stacked: Sequence[bool]) -> Any:
    """The products of all turns of a loop; one product, if what is on the right is the same every turn."""
    rank = max(x.ndim - many for x, many in zip(inputs, stacked, strict=True))
    return matmul(*(of_rank(x, rank) if many else x for x, many in zip(inputs, stacked, strict=True)))


def multiplied(a: Any, b: Any) -> Any:
    """The product of matrices; of truth values whether any pair is true."""
    if dtype_of(a) == dtype_of(b) == "bool":
        return cast(call(_MATMUL, cast(a, "int64"), cast(b, "int64")), "bool")
    return call(_MATMUL, a, b)


def summed(x: Any, axis: Iterable[int], dtype: DType) -> Any:
    """A sum that does not widen integers, as that within a product."""
    return cast(sum(x, tuple(axis)), dtype)


def matmul(x1: Any, x2: Any) -> Any:
    """The matrix product of x1 (..., n, m) and x2 (..., m, k): (..., n, k), the leading axes broadcast.

    A vector x1 (m) counts as a row, a vector x2 (m) as a column, and the result is without that axis. If x2 is one
    matrix, x1 is multiplied by it as one matrix, however many axes it has.

    Raises:
        ValueError: the inner lengths differ, the leading axes do not broadcast, or one has no axes.
    """
    left, right = shape_of(x1), shape_of(x2)
    if not left or not right or left[-1] != right[max(len(right) - 2, 0)]:
        raise ValueError(
            f"{users_line()}ops.matmul multiplies (..., n) by (n, m), or (..., n, m) by (..., m, k): "
            f"got shapes {left} and {right}."
        )
    if len(right) == 1:
        return reshape(matmul(x1, expand_dims(x2, 1)), left[:-1])
    if len(right) > 2 and len(left) > 1:
        return multiplied(x1, x2)
    if len(right) > 2:
        return reshape(multiplied(expand_dims(x1, 0), x2), (*right[:-2], right[-1]))
    if len(left) == 2:
        return multiplied(x1, x2)
    return reshape(multiplied(reshape(x1, (size_of(left[:-1]), left[-1])), x2), (*left[:-1], right[1]))


def vecdot(x1: Any, x2: Any, axis: int = -1) -> Any:
    """The sum of the products over one axis of both, the other axes broadcast.

    Raises:
        ValueError: the axis differs in length, or the others do not broadcast.
    """
    (ours,), (theirs,) = (counted(operator.index(axis), len(shape_of(x))) for x in (x1, x2))
    if shape_of(x1)[ours] != shape_of(x2)[theirs]:
        raise ValueError(
            f"{users_line()}ops.vecdot sums over axis {axis} of shapes {shape_of(x1)} and {shape_of(x2)}, which must "
            "be as long in both."
        )
    product = multiply(moveaxis(x1, ours, -1), moveaxis(x2, theirs, -1))
    return summed(product, (-1,), dtype_of(product))


def outer(x1: Any, x2: Any) -> Any:
    """The product of each element of x1 with each of x2, both in row-major order: (size of x1, size of x2)."""
    return multiply(expand_dims(ravel(x1), 1), ravel(x2))


def kron(x1: Any, x2: Any) -> Any:
    """x2 times each element of x1, laid out as blocks in the place of these elements: Kronecker's product."""
    left, right = shape_of(x1), shape_of(x2)
    rank = max(len(left), len(right))
    left, right = (1,) * (rank - len(left)) + left, (1,) * (rank - len(right)) + right
    wide = reshape(x1, [n for length in left for n in (length, 1)])
    fine = reshape(x2, [n for length in right for n in (1, length)])
    return reshape(multiply(wide, fine), [a * b for a, b in zip(left, right, strict=True)])


def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The cross product of vectors of three components, the other axes broadcast.

    Args:
        x1: vectors along `axisa`.
        x2: vectors along `axisb`.
        axisa: an axis of x1 of length 3.
        axisb: an axis of x2 of length 3.
        axisc: the axis of the result along which its vectors lie.
        axis: all three in one.

    Raises:
        ValueError: a vector has another number of components.
    """
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    x1, x2 = moveaxis(x1, axisa, 0), moveaxis(x2, axisb, 0)
    if shape_of(x1)[0] != 3 or shape_of(x2)[0] != 3:
        raise ValueError(
            f"{users_line()}ops.cross takes vectors of 3 components, got {shape_of(x1)[0]} and {shape_of(x2)[0]}."
        )
    a, b = unstack(x1), unstack(x2)
    parts = [
        subtract(multiply(a[i - 2], b[i - 1]), multiply(a[i - 1], b[i - 2]))
        for i in range(3)
    ]  # fmt: skip
    return moveaxis(stack(parts), 0, axisc)
