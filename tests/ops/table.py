"""One row for each function of kcore.ops: what NumPy gives, what arguments it takes, if it has a gradient."""

from __future__ import annotations

from tests.ops import (
    rows_activations,
    rows_convolution,
    rows_creation,
    rows_diagonals,
    rows_elementwise,
    rows_indexing,
    rows_joining,
    rows_nn,
    rows_products,
    rows_random,
    rows_reductions,
    rows_scattering,
    rows_shaping,
    rows_sorting,
    rows_statistics,
)
from tests.ops.draw import Row

FAMILIES = (
    rows_activations,
    rows_convolution,
    rows_creation,
    rows_diagonals,
    rows_elementwise,
    rows_indexing,
    rows_joining,
    rows_nn,
    rows_products,
    rows_random,
    rows_reductions,
    rows_scattering,
    rows_shaping,
    rows_sorting,
    rows_statistics,
)
ROWS: list[Row] = [row for family in FAMILIES for row in family.ROWS]

_REFUSED = ("argwhere", "flatnonzero", "nonzero")
_REFUSED += ("unique", "unique_all", "unique_counts", "unique_inverse", "unique_values")
_OF_DTYPES = ("can_cast", "dtype", "e", "finfo", "iinfo", "inf", "isdtype", "nan", "newaxis", "pi", "result_type")
NO_ROW = {
    "logits_of": "looks into the graph: test_logits_of",
    "join": "what concat and pad are made of",
    "scan": "tests/program/test_loops.py",
    **dict.fromkeys(("custom_gradient", "stop_gradient"), "changes gradients alone: test_own_gradients"),
    **dict.fromkeys(("Op", "call", "define", "get"), "for ops of one's own: test_own_ops"),
    **dict.fromkeys(_REFUSED, "refused: test_sorting_edges"),
    **dict.fromkeys(_OF_DTYPES, "gives no array: test_dtypes"),
    **dict.fromkeys(("is_tensor", "ndim", "shape", "size"), "gives no array: test_shaping_edges"),
    "broadcast_shapes": "gives no array: test_control",
    **dict.fromkeys(("cond", "fori_loop", "map", "select", "vectorized_map", "while_loop"), "test_control"),
}
