"""Rows of statistics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, REAL, Array, Case, Row, shapes, values
from tests.ops.rows_reductions import reduced


@st.composite
def spread(draw: st.DrawFn) -> Case:
    """An array, and how much its number of elements is corrected by; some are left."""
    case = draw(reduced(shortest=1))
    corrections = [0, 1, 0.5] if np.var(case.arrays[0], axis=case.options["axis"]).size < case.arrays[0].size else [0]
    return Case(case.arrays, case.options | {"correction": draw(st.sampled_from(corrections))})


@attrs.frozen
class Weighted(Row):
    """Of an array and weights, which are given by keyword."""

    def call(self, function: Callable[..., Any], arrays: Sequence[Any], options: dict[str, Any]) -> list[Any]:
        """The results of the function, or of its reference."""
        return [function(arrays[0], weights=arrays[1], **options)]


@st.composite
def weighted(draw: st.DrawFn) -> Case:
    """An array, and weights of its shape or of that of some of its axes."""
    shape = draw(shapes(shortest=1))
    some = draw(st.lists(st.integers(0, len(shape) - 1), unique=True, min_size=1)) if shape else []
    if not some or draw(st.booleans()):
        axis, given = draw(st.sampled_from([None, tuple(some) or None])), shape
    else:
        axis, given = tuple(some), tuple(shape[a] for a in some)
    return Case(draw(values(shape, given, low=0.5, high=2)), {"axis": axis})


@st.composite
def shares(draw: st.DrawFn) -> Case:
    """An array, and a share, or an array of shares, whose places are known alike in float32 and float64."""
    case = draw(reduced(shortest=1))
    part = st.integers(0, 8).map(lambda k: k / 8)
    q = draw(part | st.lists(part, min_size=1, max_size=3) | st.just([[0.25, 0.5]]))
    method = draw(st.sampled_from(["linear", "lower", "higher", "midpoint", "nearest"]))
    return Case(case.arrays, case.options | {"q": q, "method": method})


def _quantile(x: Array, q: Any, axis: Any, method: str, keepdims: bool) -> Array:
    if axis == () or not x.ndim:
        return np.broadcast_to(x, (*np.shape(q), *x.shape))
    return np.quantile(x, q, axis=axis, method=method, keepdims=keepdims).astype(x.dtype)


def _median(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.median(x, axis=axis, keepdims=keepdims) if axis != () and x.ndim else x


@st.composite
def moved(draw: st.DrawFn) -> Case:
    """An array, and the axes of its moments."""
    case = draw(reduced(shortest=1))
    return Case(case.arrays, {"axes": case.options["axis"], "keepdims": case.options["keepdims"]})


def _moments(x: Array, axes: Any, keepdims: bool) -> list[Array]:
    return [np.mean(x, axis=axes, keepdims=keepdims), np.var(x, axis=axes, keepdims=keepdims)]


@st.composite
def stepped(draw: st.DrawFn) -> Case:
    """An array, along which axis and how often its elements' differences are taken, and what stands around them."""
    (x,) = draw(values(draw(shapes(least=1))))
    ends = draw(st.dictionaries(st.sampled_from(["prepend", "append"]), st.sampled_from([0, 1]), max_size=2))
    return Case([x], {"n": draw(st.integers(0, 3)), "axis": draw(st.integers(-x.ndim, x.ndim - 1)), **ends})


def _diff(x: Array, **options: Any) -> Array:
    return np.diff(x, **options).astype(x.dtype)  # its numbers around x are weak


@st.composite
def normed(draw: st.DrawFn) -> Case:
    """An array, one or two of its axes, and a norm of vectors or of matrices."""
    (x,) = draw(values(draw(shapes(shortest=1)), gap=0.3))
    count = draw(st.integers(0, min(x.ndim, 2)))
    if not count:
        return Case([x], {"keepdims": draw(st.booleans())})
    order = draw(st.permutations(range(x.ndim)))[:count]
    axis = tuple(a - x.ndim * draw(st.booleans()) for a in order)
    vector, matrix = [None, 0, 1, 2, 3, 2.5, -1, np.inf, -np.inf], [None, "fro", 1, -1, np.inf, -np.inf]
    chosen = draw(st.sampled_from(vector if count == 1 else matrix))
    every = None if x.ndim == count and draw(st.booleans()) and axis == tuple(range(count)) else axis
    given = axis[0] if every is not None and count == 1 and draw(st.booleans()) else every
    return Case([x], {"ord": chosen, "axis": given, "keepdims": draw(st.booleans())})


def _ptp(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.max(x, axis=axis, keepdims=keepdims) - np.min(x, axis=axis, keepdims=keepdims)


full = reduced(shortest=1)
ROWS = [
    Row("var", np.var, spread(), "reduction", dtypes=ANY, floating=True),
    Row("std", np.std, spread(), "reduction", ops=("var", "sqrt"), dtypes=ANY, floating=True),
    Row("moments", _moments, moved(), "reduction", ops=("var",), dtypes=ANY, floating=True),
    Row("ptp", _ptp, full, ops=("max", "min", "subtract")),
    Weighted("average", np.average, weighted(), "reduction", ops=("sum", "multiply"), dtypes=ANY, floating=True),
    Row("median", _median, full, "reduction", ops=("sort",), dtypes=ANY, floating=True),
    Row("quantile", _quantile, shares(), "reduction", ops=("sort",), dtypes=ANY, floating=True),
    Row("diff", _diff, stepped(), ops=("subtract",), dtypes=REAL),
    Row("norm", np.linalg.norm, normed(), "reduction", ops=("sum", "sqrt", "abs"), dtypes=ANY, floating=True),
]
