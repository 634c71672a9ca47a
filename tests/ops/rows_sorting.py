"""Rows of sorting and searching."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, FLOATS, REAL, Array, Case, Row, along_one, shapes, two, values


def _order(x: Array, axis: int | None = -1, descending: bool = False) -> Array:
    """By the rank of each element among the distinct ones: ties stay in order, whichever way is up."""
    rank = np.unique(x, return_inverse=True)[1].reshape(x.shape)
    return np.argsort(-rank if descending else rank, axis, kind="stable")


def _sorted(x: Array, axis: int | None = -1, descending: bool = False) -> Array:
    x, axis = (x.ravel(), 0) if axis is None else (x, axis)
    return np.take_along_axis(x, _order(x, axis, descending), axis)


def _top(x: Array, k: int, **_: Any) -> list[Array]:
    return [_sorted(x, -1, True)[..., :k], _order(x, -1, True)[..., :k]]


def _in_top(targets: Array, predictions: Array, k: int) -> Array:
    own = np.take_along_axis(predictions, targets[..., None], -1)
    return (predictions > own).sum(-1) < k


@st.composite
def top(draw: st.DrawFn) -> Case:
    """An array, and how many of its last axis."""
    (x,) = draw(values(draw(shapes(least=1))))
    return Case([x], {"k": draw(st.integers(0, x.shape[-1])), "sorted": draw(st.booleans())})


@st.composite
def classified(draw: st.DrawFn) -> Case:
    """Targets, predictions and how many of them count."""
    classes, rows = draw(st.integers(1, 5)), draw(shapes(most=2))
    (x,) = draw(values((*rows, classes)))
    targets = np.random.default_rng(draw(st.integers(0, 99))).integers(0, classes, rows)
    return Case([targets, x], {"k": draw(st.integers(1, 6))})


@st.composite
def searched(draw: st.DrawFn) -> Case:
    """A sorted vector, and values."""
    sequence, x = draw(values((draw(st.integers(0, 5)),), draw(shapes())))
    return Case([np.sort(sequence), x], {"side": draw(st.sampled_from(["left", "right"]))})


@st.composite
def ranked(draw: st.DrawFn) -> Case:
    """An array, one of its axes, and a rank along it."""
    case = draw(along_one(shortest=1))
    n = case.arrays[0].shape[case.options["axis"]]
    return Case(case.arrays, {**case.options, "kth": draw(st.integers(-n, n - 1))})


EITHER_WAY = st.builds(
    lambda case, descending: Case(case.arrays, {**case.options, "descending": descending}),
    along_one(none=True),
    st.booleans(),
)

BINNED = searched().map(lambda case: Case(case.arrays[::-1]))

ROWS = [
    Row("sort", _sorted, EITHER_WAY, "view", dtypes=ANY),
    Row("argsort", _order, EITHER_WAY, dtypes=ANY, differentiable=False),
    Row("argpartition", lambda x, axis, kth: _order(x, axis), ranked(), ops=(), dtypes=ANY, differentiable=False),
    Row("top_k", _top, top(), "view", ops=(), dtypes=ANY),
    Row("in_top_k", _in_top, classified(), ops=(), fixed=(0,), dtypes=FLOATS, differentiable=False),
    Row("digitize", np.digitize, BINNED, ops=(), dtypes=REAL, differentiable=False),
    Row("isin", np.isin, two(), ops=(), dtypes=ANY, differentiable=False),
    Row("searchsorted", np.searchsorted, searched(), dtypes=ANY, differentiable=False),
]
