"""The table of what kcore's programs ask of an array library: each function that they call, at small shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs
import numpy as np

from .. import ops
from ..graph.index import Index
from .arrays import FLOATS, Array, cast

INTEGERS = ("int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
DTYPES = (*FLOATS, *INTEGERS, *UNSIGNED, "bool")
"""Those that a backend must have: the unsigned ones are what random bits and images are of."""


@attrs.frozen
class Row:
    """One function, and what it is called on.

    Attributes:
        name: the function of the library that computes it, and where it is not the same that of kcore.ops.
        function: of tensors.
        arrays: its arguments.
        kind: of which tolerance.
        hint: what is easily missed.
    """

    name: str
    function: Callable[..., Any]
    arrays: list[Array]
    kind: str | None = None
    hint: str = ""


SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -2.5, 3.0])
MET = [m.copy() for m in np.meshgrid(SPECIAL, SPECIAL)]
WHOLE = np.array([[-7, -2, 0], [1, 5, 7]])
DIVISORS = np.array([[2, -3, 4], [-2, 3, -5]])
BITS = np.array([[0, 1, 85], [170, 200, 255]])
TRUE = np.array([True, True, False, False])
GRID = np.linspace(-2, 3, 24).reshape(2, 3, 4)
TIES = np.array([[2.0, 1.0, 2.0, 1.0], [3.0, np.nan, np.nan, 3.0]])

NAN = "NaN meets no number without making it NaN"
FLOOR = "It rounds down, towards minus infinity, and a remainder has the sign of the divisor, as in Python"
WIDE = "kcore takes indices and counts as int64, whatever the library's own default is"
SUMS = "Whole numbers are summed as int64, truth values too"
STABLE = "Equal elements keep their order: ask the library for a stable sort"
WEAK = "A Python number takes the dtype of the array beside it, on either side"


def _rows(
    names: str, arrays: Sequence[Array], dtypes: Sequence[str], hint: str = "", kind: str | None = None
) -> list[Row]:
    """A row for each of these functions of kcore.ops, which the library calls the same, in each dtype."""
    return [
        Row(name, getattr(ops, name), [a.astype(dtype) for a in arrays], kind, hint)
        for name in names.split()
        for dtype in dtypes
    ]


def _calls(
    name: str, functions: Sequence[Callable[..., Any]], arrays: Sequence[Array], hint: str = "", kind: str | None = None
) -> list[Row]:
    """A row for each way to call a function, in both dtypes of floats if arrays are floats."""
    floats = any(a.dtype.kind == "f" for a in arrays)
    return [
        Row(name, f, cast(arrays, dtype), kind, hint) for f in functions for dtype in (FLOATS if floats else ("int64",))
    ]


def rows() -> Iterator[Row]:
    """All rows: what a library is most likely to do otherwise comes first within each family."""
    yield from _elementwise()
    yield from _reductions()
    yield from _shaping()
    yield from _gathering()
    yield from _composed()


def _elementwise() -> Iterator[Row]:
    for dtype in DTYPES:
        for to in DTYPES:
            start = TRUE if dtype == "bool" else np.array([0, 1, 2, 250])
            yield Row("astype", lambda x, to=to: ops.cast(x, to), [start.astype(dtype)], None, "")
    yield from _rows("maximum minimum", MET, FLOATS, NAN)
    yield from _rows("add subtract multiply divide copysign", MET, FLOATS, kind="elementwise")
    yield from _rows(
        "floor_divide remainder", [GRID * 7, np.array([2.0, -3.0, 0.5, -1.5])], FLOATS, FLOOR, "elementwise"
    )
    yield from _rows("floor_divide remainder", [WHOLE, DIVISORS], INTEGERS, FLOOR)
    yield from _rows("add subtract multiply maximum minimum", [WHOLE, DIVISORS], INTEGERS)
    yield from _rows("pow atan2 hypot logaddexp", [np.abs(GRID) + 0.1, GRID[:, :1]], FLOATS, kind="elementwise")
    yield from _rows("nextafter", [GRID, GRID[::-1]], FLOATS)
    yield from _rows("greater greater_equal less less_equal equal not_equal", MET, FLOATS, NAN)
    yield from _rows("greater equal", [WHOLE, DIVISORS], INTEGERS)
    yield from _rows("isfinite isinf isnan signbit abs negative sign square", [SPECIAL], FLOATS)
    yield from _rows("abs negative sign square", [WHOLE], INTEGERS)
    yield from _rows(
        "floor ceil trunc round",
        [np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.4])],
        FLOATS,
        "Halves go to the even neighbour",
    )
    positive = "sqrt reciprocal log log1p log2 log10 acosh"
    yield from _rows(positive, [np.abs(SPECIAL)], FLOATS, kind="elementwise")
    within = "asin acos atanh exp expm1 sin cos tan atan sinh cosh tanh asinh"
    yield from _rows(within, [np.array([-0.75, -1e-4, 0.0, 1e-9, 0.5, 0.99, np.nan])], FLOATS, kind="elementwise")
    yield from _rows("logical_and logical_or logical_xor", [TRUE, TRUE[[0, 2, 1, 3]]], ["bool"])
    yield from _rows("logical_not", [TRUE], ["bool"])
    yield from _rows("bitwise_and bitwise_or bitwise_xor", [BITS, BITS.T.reshape(2, 3)], [*INTEGERS, "uint8"])
    yield from _rows("bitwise_invert", [BITS], [*INTEGERS, "uint8"])
    for dtype in UNSIGNED:
        high = (BITS.astype("uint64") << np.uint64(8 * np.dtype(dtype).itemsize - 8)).astype(dtype)
        hint = "Random bits are unsigned and use the highest bit; where the library cannot, compute on NumPy's arrays"
        yield Row("bitwise_right_shift", lambda x: ops.bitwise_right_shift(x, 3), [high], None, hint)
        yield Row("bitwise_left_shift", lambda x: ops.bitwise_left_shift(x, 1), [high], None, hint)
        yield Row("greater_equal", lambda x, n=int(high[1, 0]): x >= n, [high], None, hint)
    yield from _calls("where", [ops.where], [MET[0] > 0, *MET])
    yield from _calls(
        "where", [lambda c, x: ops.where(c, x, 0.5), lambda c, x: ops.where(c, -1, x)], [MET[0] > 0, MET[1]], WEAK
    )
    numbers = [lambda x: x + 2.5, lambda x: 1 - x, lambda x: 2.0 / x, lambda x: ops.maximum(x, 0.0), lambda x: x > 0]
    for name, f in zip(("add", "subtract", "divide", "maximum", "greater"), numbers, strict=True):
        yield from _calls(name, [f], [SPECIAL], WEAK, "elementwise")


def _reductions() -> Iterator[Row]:
    axes: tuple[Any, ...] = (None, 0, -1, (0, 2))
    for name in ("sum", "prod", "max", "min"):
        reduced = [lambda x, n=name, a=axis: getattr(ops, n)(x, a) for axis in axes]
        yield from _calls(name, reduced, [GRID], "A sum over no axis left is an array of shape ()", "reduction")
        yield from _calls(name, reduced[:1], [SPECIAL], NAN, "reduction")
        yield from (Row(name, reduced[0], [WHOLE.astype(dtype)], None, SUMS) for dtype in INTEGERS)
    yield from _calls(
        "sum", [lambda x: ops.sum(x, 0), lambda x: ops.prod(x, 1)], [GRID[:0]], "A sum of nothing is 0", "reduction"
    )
    yield Row("sum", ops.sum, [TRUE], None, SUMS)
    for name in ("argmax", "argmin"):
        chosen = [lambda x, n=name, a=axis: getattr(ops, n)(x, a) for axis in (-1, None)]
        yield from _calls(name, chosen, [TIES], f"The first of several equal ones, or of NaN. {WIDE}")
    for name in ("all", "any"):
        yield from (Row(name, lambda x, n=name, a=a: getattr(ops, n)(x, a), [TRUE.reshape(2, 2)]) for a in (None, 0))
    for a, b in (((2, 3), (3, 4)), ((5, 2, 3), (3, 4)), ((3,), (3, 2)), ((2, 0), (0, 3))):
        one, other = (np.linspace(-1, 2, int(np.prod(s))).reshape(s) for s in (a, b))
        yield from _calls("matmul", [ops.matmul], [one, other], kind="product")
        yield Row("matmul", ops.matmul, [np.round(one * 5).astype("int64"), np.round(other * 5).astype("int64")])


def _shaping() -> Iterator[Row]:
    yield from _calls(
        "reshape", [lambda x: ops.reshape(x, (4, 6)), lambda x: ops.reshape(ops.transpose(x), (-1,))], [GRID]
    )
    yield from _calls("permute_dims", [ops.transpose, lambda x: ops.permute_dims(x, (1, 0, 2))], [GRID])
    yield from _calls("T", [lambda x: x * 1.0 + ops.transpose(x)], [GRID[:, :2, 0]])
    yield from _calls("broadcast_to", [lambda x: ops.broadcast_to(x, (5, 3, 4)) + 1.0], [GRID[:1]])
    parts: list[Callable[[Any], Any]] = [lambda x: x[1:, ::2], lambda x: x[0, 1, 2], lambda x: x[..., None, 1]]
    yield from _calls("[]", parts, [GRID])
    yield from _calls("flip", [lambda x: x[:, ::-1], lambda x: x[::-1, 1:, ::-2]], [GRID])
    yield from (Row("flip", lambda x: x[::-1], [BITS.astype(dtype)]) for dtype in UNSIGNED)
    yield Row("arange", lambda: ops.arange(2, 9, 3), [], None, WIDE)
    yield Row("arange", lambda: ops.arange(0.0, 1.0, 0.25), [])
    for end in (True, False):
        yield Row("linspace", lambda end=end: ops.linspace(-1, 2, 7, endpoint=end), [], "elementwise")
    for dtype in DTYPES:
        yield Row("full", lambda d=dtype: ops.full((2, 3), 1, d) == ops.ones((), d), [])


def _gathering() -> Iterator[Row]:
    yield from _calls(
        "argsort", [ops.argsort, lambda x: ops.argsort(x, 0)], [np.tile(TIES, (1, 9))], f"{STABLE}. {WIDE}"
    )
    yield from _calls("sort", [ops.sort, lambda x: ops.sort(x, 0, descending=True)], [TIES], "NaN is the largest")
    yield from (
        Row(name, f, [BITS.astype(d)], None, STABLE)
        for name, f in (("argsort", ops.argsort), ("sort", ops.sort))
        for d in UNSIGNED
    )
    for side in ("left", "right"):
        search = [lambda s, x, side=side: ops.searchsorted(s, x, side)]
        steps = np.array([-1.0, 0, 0, 2, np.inf, np.nan])
        looked_for = np.array([[-3.0, 0, np.inf], [2, 9, np.nan]])
        yield from _calls("searchsorted", search, [steps, looked_for], f"NaN is the largest. {WIDE}")
    indices = np.array([[2, 0], [1, 2]])
    yield from _calls("take", [lambda x, i, a=a: ops.take(x, i, axis=a) for a in (-2, 1, None)], [GRID, indices])
    yield from _calls("take", [lambda x, i: ops.take_along_axis(x, i, 1)], [GRID[0, :2], indices], "Indices are int64")
    sums = [lambda x: ops.cumulative_sum(x, axis=1, include_initial=True), lambda x: ops.cumulative_sum(x, axis=-1)]
    yield from _calls("cumulative_sum", sums, [GRID], "It may be asked to begin with a 0", "reduction")
    yield from _calls("cumulative_prod", [lambda x: ops.cumulative_prod(x, axis=-1)], [GRID], kind="reduction")
    yield from _calls(
        "concat", [lambda x, y: ops.concat([x, y], 1), lambda x, y: ops.stack([x[:, :2], y[:, :2]])], [GRID, -GRID]
    )
    yield from _calls(
        "full", [lambda x: ops.pad(x, ((1, 0), (0, 2), (1, 1)))], [GRID], "`array[index] = part` is used on it"
    )
    zeros, overlapping = np.zeros((2, 3, 4)), [Index.along(2, 3, 0, 2), Index.along(2, 3, 1, 3)]
    yield from _calls(
        "full", [lambda x, y: ops.join([x[..., :2], y[..., :2]], overlapping, x.shape)], [GRID, zeros + 1]
    )
    updated = [
        lambda x, y: ops.slice_update(x, (0, 1, 1), y[:, :2, :2]),
        lambda x, y: ops.slice_update(x, (1, 0, 0), y[:1]),
    ]
    copied = "`asarray(array, copy=True)` copies, and `array[index] = part` writes to the copy alone"
    yield from _calls("asarray", updated, [GRID, zeros], copied)


def _composed() -> Iterator[Row]:
    """Functions of several of them: long expressions, where the shapes and dtypes of one meet the next, and a loop."""
    yield from _calls("exp", [ops.softmax, ops.logsumexp, ops.erf, ops.gelu], [GRID], kind="reduction")
    labels = np.array([[2, 0, 1], [1, 1, 3]])
    yield from _calls("sum", [lambda x, y: ops.one_hot(y, 4) * ops.log_softmax(x)], [GRID, labels], kind="reduction")
    image, kernel = np.linspace(-1, 1, 50).reshape(1, 5, 5, 2), np.linspace(-1, 1, 24).reshape(2, 2, 2, 3)
    yield from _calls("matmul", [lambda x, k: ops.conv(x, k, 1, "valid")], [image, kernel], kind="product")
    yield from _calls("take", [lambda x, i: ops.segment_sum(x, i, 3)], [GRID[0], np.array([2, 0, 2])], kind="reduction")
    turns = [lambda x, w: ops.scan(lambda c, x: ((c := ops.tanh(ops.matmul(x + c, w))), c), x[0] * 0.0, x)[1]]
    yield from _calls(
        "stack",
        turns,
        [GRID, np.linspace(-1, 1, 16).reshape(4, 4)],
        "A loop appends results to a list and stacks it",
        "product",
    )
