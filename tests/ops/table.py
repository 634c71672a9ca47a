"""One row for each function of kcore.ops: what NumPy gives, what arguments it takes, if it has a gradient."""

from __future__ import annotations

from tests.ops import (
    rows_creation,
    rows_elementwise,
    rows_indexing,
    rows_nn,
    rows_products,
    rows_random,
    rows_reductions,
    rows_shaping,
)
from tests.ops.draw import Row

FAMILIES = (
    rows_creation,
    rows_elementwise,
    rows_indexing,
    rows_nn,
    rows_products,
    rows_random,
    rows_reductions,
    rows_shaping,
)
ROWS: list[Row] = [row for family in FAMILIES for row in family.ROWS]

NO_ROW = {"logits_of": "looks into the graph: test_logits_of", "join": "what concat and pad are made of"}
