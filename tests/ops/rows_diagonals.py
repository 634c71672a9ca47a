"""Rows of diagonals and triangles."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Case, Row, one, shapes, values

OFFSET = st.integers(-5, 5)


@st.composite
def crossed(draw: st.DrawFn) -> Case:
    """An array of two axes or more, two of them, and an offset."""
    (x,) = draw(values(draw(shapes(least=2))))
    first, second = draw(st.permutations(range(x.ndim)))[:2]
    return Case([x], {"offset": draw(OFFSET), "axis1": first - x.ndim * draw(st.booleans()), "axis2": second})


def _shifted(cases: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    return st.builds(lambda case, k: Case(case.arrays, {"k": k}), cases, OFFSET)


SIZES = st.builds(
    lambda n, m, k, dtype: Case([], {"N": n, "M": m, "k": k, "dtype": dtype}),
    st.integers(0, 4),
    st.one_of(st.none(), st.integers(0, 4)),
    OFFSET,
    st.sampled_from(ANY),
)
SQUARES = SIZES.map(lambda case: Case([], {"n": case.options["N"], "dtype": case.options["dtype"]}))

ROWS = [
    Row("diagonal", np.diagonal, crossed(), "view", ops=(), dtypes=ANY),
    Row("trace", np.trace, crossed(), "reduction", ops=()),
    Row("diag", np.diag, _shifted(one(least=1, most=2)), "view", ops=(), dtypes=ANY),
    Row("diagflat", np.diagflat, _shifted(one(most=2)), "view", ops=(), dtypes=ANY),
    Row("tril", np.tril, _shifted(one(least=2)), "view", ops=(), dtypes=ANY),
    Row("triu", np.triu, _shifted(one(least=2)), "view", ops=(), dtypes=ANY),
    Row("eye", np.eye, SIZES, ops=(), differentiable=False),
    Row("tri", np.tri, SIZES, ops=(), differentiable=False),
    Row("identity", np.identity, SQUARES, ops=(), differentiable=False),
]
