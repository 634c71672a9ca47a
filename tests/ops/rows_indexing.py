"""Rows of parts of arrays."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.ops.draw import ANY, Array, Case, Row, shapes, values


@st.composite
def indexed(draw: st.DrawFn) -> Case:
    """An array, and a key of integers, slices, None and an ellipsis."""
    (x,) = draw(values(draw(shapes())))
    keys = [draw(st.integers(-n, n - 1) | st.slices(n) if n else st.slices(n)) for n in x.shape]
    keys = keys[: draw(st.integers(0, len(keys)))]
    if draw(st.booleans()):
        keys.insert(draw(st.integers(0, len(keys))), None)
    if draw(st.booleans()):
        keys.append(...)
    return Case([x], {"key": tuple(keys)})


def _getitem(x: Array, key: tuple[object, ...]) -> Array:
    return x[key]


ROWS = [
    Row("getitem", _getitem, indexed(), "view", ops=("slice", "join", "slice_update"), dtypes=ANY),
]
