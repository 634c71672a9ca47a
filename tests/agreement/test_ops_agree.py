"""Every op and its gradient: one program on two backends, on the same arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agreement.bodies import check, traced
from tests.ops.table import ROWS

FEW = settings(
    max_examples=max(settings.default.max_examples // 8, 3), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TRACED = [row for row in ROWS if row.traced]
SOURCES = ("full", "ones", "zeros")


@pytest.mark.parametrize("row", TRACED, ids=lambda row: row.name)
@FEW
@given(data=st.data())
def test_an_op_agrees(row, other, data):
    case = data.draw(row.cases)
    dtype = data.draw(st.sampled_from(row.dtypes))
    floats = dtype in ("float32", "float64")
    arrays = [a if i in row.fixed else (a * (1 if floats else 3)).astype(dtype) for i, a in enumerate(case.arrays)]
    moves = floats and row.differentiable and row.name not in SOURCES
    moving = [i for i in range(len(arrays)) if i not in row.fixed] if moves else []
    body = traced(lambda *x: row.results(x, case.options), arrays, moving, **row.numbers)
    with np.errstate(all="ignore"):
        check(body, other, row.kind)
