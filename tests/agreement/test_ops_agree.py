"""Every op and its gradient: one program on two backends, on the same arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.agreement.bodies import check, of_row
from tests.ops.table import ROWS

FEW = settings(
    max_examples=max(settings.default.max_examples // 8, 3), suppress_health_check=[HealthCheck.function_scoped_fixture]
)
TRACED = [row for row in ROWS if row.traced]


@pytest.mark.parametrize("row", TRACED, ids=lambda row: row.name)
@FEW
@given(data=st.data())
def test_an_op_agrees(row, other, data):
    case = data.draw(row.cases)
    body = of_row(row, case, data.draw(st.sampled_from(row.dtypes)))
    with np.errstate(all="ignore"):
        check(body, other, row.kind)
