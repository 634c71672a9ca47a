"""Rows of arrays that are put together, taken apart and turned."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Array, Case, Row, along_one, along_some, shapes, values


@st.composite
def joined(draw: st.DrawFn, least: int = 1) -> Case:
    """Arrays that differ along one axis alone; or of any shapes, and None for the axis."""
    count = draw(st.integers(1, 3))
    if draw(st.integers(0, 3)) == 0:
        return Case(draw(values(*[draw(shapes()) for _ in range(count)])), {"axis": None})
    shape = draw(shapes(least=least))
    axis = draw(st.integers(0, len(shape) - 1))
    lengths = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    arrays = draw(values(*[(*shape[:axis], n, *shape[axis + 1 :]) for n in lengths]))
    return Case(arrays, {"axis": axis - len(shape) * draw(st.booleans())})


@st.composite
def stacked(draw: st.DrawFn) -> Case:
    """Arrays of one shape, and an axis of the result."""
    shape = draw(shapes(most=2))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return Case(draw(values(*[shape] * draw(st.integers(1, 3)))), {"axis": axis})


@st.composite
def beside(draw: st.DrawFn, along: dict[int, int]) -> Case:
    """Arrays that are joined along this axis for each number of axes; others are of one shape."""
    shape = draw(shapes())
    if len(shape) not in along:
        return Case(draw(values(*[shape] * draw(st.integers(1, 3)))))
    axis = along[len(shape)]
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    return Case(draw(values(*[(*shape[:axis], n, *shape[axis + 1 :]) for n in lengths])))


@st.composite
def parted(draw: st.DrawFn, equal: bool) -> Case:
    """An array, an axis, and into how many parts or at which places it is cut."""
    case = draw(along_one())
    n = case.arrays[0].shape[case.options["axis"]]
    counts = [k for k in range(1, 6) if not equal or n % k == 0]
    places = st.lists(st.integers(-n, n + 1), max_size=3)
    return Case(case.arrays, {**case.options, "indices_or_sections": draw(st.one_of(st.sampled_from(counts), places))})


@st.composite
def rolled(draw: st.DrawFn) -> Case:
    """An array, and shifts for some axes or for all elements."""
    case = draw(along_some())
    axis = case.options["axis"] if case.options["axis"] != () else None
    shift = st.integers(-6, 6)
    if isinstance(axis, tuple) and draw(st.booleans()):
        return Case(case.arrays, {"axis": axis, "shift": tuple(draw(shift) for _ in axis)})
    if isinstance(axis, int) and draw(st.booleans()):
        return Case(case.arrays, {"axis": axis, "shift": (draw(shift), draw(shift))})
    return Case(case.arrays, {"axis": axis, "shift": draw(shift)})


@st.composite
def turned(draw: st.DrawFn) -> Case:
    """An array of two axes or more, two of them, and a number of right angles."""
    (x,) = draw(values(draw(shapes(least=2))))
    first, second = draw(st.permutations(range(x.ndim)))[:2]
    return Case([x], {"k": draw(st.integers(-5, 5)), "axes": (first, second - x.ndim * draw(st.booleans()))})


@st.composite
def gridded(draw: st.DrawFn) -> Case:
    """Vectors and numbers."""
    arrays = draw(values(*draw(st.lists(shapes(most=1), min_size=1, max_size=3))))
    return Case(arrays, {"indexing": draw(st.sampled_from(["xy", "ij"]))})


def _elements(x: Array, axis: int = 0) -> list[Array]:
    return list(np.moveaxis(x, axis, 0))


def _row(name: str, cases: st.SearchStrategy[Case], ops: tuple[str, ...] = (), listed: bool = False) -> Row:
    return Row(name, getattr(np, name), cases, "view", listed=listed, ops=ops, dtypes=ANY)


ROWS = [
    _row("concatenate", joined(), listed=True),
    _row("concat", joined(), listed=True),
    _row("append", joined().filter(lambda case: len(case.arrays) == 2)),
    _row("stack", stacked(), listed=True),
    _row("hstack", beside({1: 0, 2: 1, 3: 1}), listed=True),
    _row("vstack", beside({2: 0, 3: 0}), listed=True),
    _row("dstack", beside({3: 2}), listed=True),
    _row("split", parted(equal=True)),
    _row("array_split", parted(equal=False)),
    Row("unstack", _elements, along_one(shortest=1), "view", ops=(), dtypes=ANY),
    _row("flip", along_some()),
    _row("roll", rolled()),
    _row("rot90", turned()),
    _row("meshgrid", gridded()),
]
