"""Rows of functions that make and move arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import ANY, Array, Case, Row, converted, one, shapes


def _full(shape: tuple[int, ...], fill_value: float = 0, dtype: str = "float32") -> Array:
    return np.full(shape, fill_value, dtype)


FILLED = st.builds(lambda shape, dtype: Case([], {"shape": shape, "dtype": dtype}), shapes(), st.sampled_from(ANY))


ROWS = [
    Row("full", _full, FILLED.map(lambda c: Case([], {**c.options, "fill_value": 3})), ops=()),
    Row("zeros", _full, FILLED, ops=()),
    Row("ones", lambda shape, dtype: _full(shape, 1, dtype), FILLED, ops=()),
    Row("zeros_like", np.zeros_like, one(), ops=(), dtypes=ANY, differentiable=False),
    Row("convert_to_tensor", lambda x, dtype: x.astype(dtype), converted(), "view", ops=(), traced=False),
    Row("convert_to_numpy", np.array, one(), "view", ops=(), dtypes=ANY, traced=False),
]
