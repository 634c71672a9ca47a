"""Rows of products."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import Case, Row, shapes, values


@st.composite
def multiplied(draw: st.DrawFn) -> Case:
    """A matrix, or several, and a matrix that fits."""
    n, m = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return Case(draw(values((*draw(shapes(most=2)), n), (n, m))))


ROWS = [
    Row("matmul", np.matmul, multiplied(), "product"),
]
