"""Diagonals and triangles of matrices."""

from __future__ import annotations

import operator
from typing import Any

from ..graph.index import Index
from ..graph.types import DEFAULT_FLOAT, Shape
from ..graph.where import users_line
from .axes import axes, dtype_of, shape_of
from .creation import arange, ones
from .elementwise import greater_equal, where
from .indexing import cut, join
from .reductions import sum
from .shaping import cast, expand_dims, moveaxis, ravel, reshape


def _line(rows: int, columns: int, k: int) -> tuple[int, slice]:
    """How long diagonal k of a matrix is, k places right of the main one, and where it lies in the flat matrix."""
    length = max(0, min(rows + min(k, 0), columns - max(k, 0)))
    start = k if k >= 0 else -k * columns
    return length, slice(start, start + (length - 1) * (columns + 1) + 1 if length else start, columns + 1)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of the matrices along two axes, as the last axis of the result, `offset` places right of the main.

    Raises:
        ValueError: x has fewer than two axes, or the axes are one.
    """
    shape = shape_of(x)
    first, second = (axes(operator.index(a), len(shape))[0] for a in (axis1, axis2))
    if first == second:
        raise ValueError(f"{users_line()}a diagonal lies between two axes, got axis {axis1} twice.")
    matrices = moveaxis(x, (first, second), (-2, -1))
    *rest, rows, columns = shape_of(matrices)
    flat = reshape(matrices, (*rest, rows * columns))
    _, line = _line(rows, columns, operator.index(offset))
    return cut(flat, Index.of([*[slice(None)] * len(rest), line], shape_of(flat)))


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of each diagonal that `diagonal` gives."""
    return sum(diagonal(x, offset, axis1, axis2), -1)


def _on_diagonal(x: Any, rows: int, columns: int, k: int) -> Any:
    """A matrix of zeros but for diagonal k, which is x."""
    _, line = _line(rows, columns, k)
    flat: Shape = (rows * columns,)
    return reshape(join([x], [Index.of([line], flat)], flat), (rows, columns))


def diag(x: Any, k: int = 0) -> Any:
    """Of a matrix its diagonal, k places right of the main one; of a vector the matrix which has that diagonal.

    Raises:
        ValueError: x is neither.
    """
    shape = shape_of(x)
    if len(shape) == 2:
        return diagonal(x, k)
    if len(shape) != 1:
        raise ValueError(f"{users_line()}ops.diag takes a vector or a matrix, got shape {shape}.")
    n = shape[0] + abs(operator.index(k))
    return _on_diagonal(x, n, n, operator.index(k))


def diagflat(x: Any, k: int = 0) -> Any:
    """The matrix whose diagonal, k places right of the main one, has the elements of x in row-major order."""
    return diag(ravel(x), k)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = DEFAULT_FLOAT) -> Any:  # noqa: N803 - NumPy's names
    """A matrix of N rows and M columns, N if it is None, with ones on the diagonal k places right of the main one."""
    rows, columns = operator.index(N), operator.index(N if M is None else M)
    length, _ = _line(rows, columns, operator.index(k))
    return _on_diagonal(ones((length,), dtype), rows, columns, operator.index(k))


def identity(n: int, dtype: Any = DEFAULT_FLOAT) -> Any:
    """The matrix of n rows and columns with ones on the diagonal."""
    return eye(n, dtype=dtype)


def _below(rows: int, columns: int, k: int) -> Any:
    """Whether a place of a matrix is on the diagonal k places right of the main one, or below it."""
    return greater_equal(expand_dims(arange(operator.index(k), rows + operator.index(k)), 1), arange(columns))


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = DEFAULT_FLOAT) -> Any:  # noqa: N803 - NumPy's names
    """A matrix of N rows and M columns with ones on and below the diagonal k places right of the main one."""
    return cast(_below(operator.index(N), operator.index(N if M is None else M), k), dtype)


def _matrices(x: Any, what: str) -> tuple[int, int]:
    shape = shape_of(x)
    if len(shape) < 2:
        raise ValueError(f"{users_line()}ops.{what} takes matrices (..., n, m), got shape {shape}.")
    return shape[-2], shape[-1]


def tril(x: Any, k: int = 0) -> Any:
    """Each matrix with zeros above the diagonal k places right of the main one.

    Raises:
        ValueError: x has fewer than two axes.
    """
    return where(_below(*_matrices(x, "tril"), operator.index(k)), x, _nothing(x))


def triu(x: Any, k: int = 0) -> Any:
    """Each matrix with zeros below the diagonal k places right of the main one.

    Raises:
        ValueError: x has fewer than two axes.
    """
    return where(_below(*_matrices(x, "triu"), operator.index(k) - 1), _nothing(x), x)


def _nothing(x: Any) -> float | bool:
    return False if dtype_of(x) == "bool" else 0
