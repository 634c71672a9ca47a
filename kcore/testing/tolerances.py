"""How far apart two right answers may lie: the one table of tolerances, by kind of op and dtype.

Each is relative to the size of the numbers compared, and absolute below 1. Integers and truth values must be
equal.
"""

from __future__ import annotations

from typing import Any

import numpy as np

TOLERANCES = {
    ("view", "float32"): 0.0,
    ("view", "float64"): 0.0,
    ("elementwise", "float32"): 1e-6,
    ("elementwise", "float64"): 1e-14,
    ("reduction", "float32"): 1e-5,
    ("reduction", "float64"): 1e-13,
    ("product", "float32"): 1e-5,
    ("product", "float64"): 1e-13,
    ("random", "float32"): 5e-6,
    ("random", "float64"): 1e-13,
    ("same order", "float64"): 1e-12,
    ("chain", "float64"): 1e-10,
    ("loop", "float64"): 1e-11,
    ("through float32", "float32"): 2e-5,
    ("through float32", "float64"): 2e-5,
    ("gradient", "float64"): 1e-6,
    ("second gradient", "float64"): 1e-5,
    ("training", "float64"): 1e-8,
    ("history", "float32"): 1e-4,
    ("peer", "float32"): 1e-5,
    ("peer", "float64"): 1e-9,
}

KINDS = {
    "view": "the same numbers elsewhere",
    "elementwise": "a few units in the last place",
    "reduction": "sums in another order",
    "product": "sums of products in another order",
    "random": "logarithms and angles of numbers rounded before",
    "same order": "the same steps in the same order, as after a reset; only the order within a sum may differ",
    "chain": "several ops in a row, each written in two ways",
    "loop": "a few turns, differentiated up to twice",
    "through float32": "results, in either dtype, of which something on the way was computed in float32",
    "gradient": "against central differences, which are good to about the square root of 1e-16",
    "second gradient": "the same of gradients",
    "training": "two backends after 20 steps, in which differences grow",
    "history": "several epochs, in which they grow more",
    "peer": "against Keras on JAX",
}
"""What is compared within each."""

TIMES, UNITS = 2, 4
"""Of float32 on two backends: so many times NumPy's own distance from float64, and so many units in the last place."""


def distances(a: Any, b: Any) -> np.ndarray[Any, Any]:
    """How far each element of an array is from another's; infinitely far if one of them alone is NaN."""
    a, b = np.asarray(a), np.asarray(b)
    same = (a == b) | ((a != a) & (b != b))
    with np.errstate(all="ignore"):
        apart = np.abs(a.astype("float64") - b.astype("float64"))
    least = 0 if a.dtype.kind == "f" else 1  # of whole numbers that are too large for float64 to tell apart
    return np.where(same, 0.0, np.where(np.isnan(apart), np.inf, np.maximum(apart, least)))


def difference(a: Any, b: Any) -> float:
    """The largest of them."""
    return float(distances(a, b).max(initial=0))


def allowed(kind: str, narrow: Any, exact: Any = None, size: float = 0.0) -> float:
    """How far another backend may be from NumPy.

    Args:
        kind: of which tolerance in float64, relative to the largest element.
        narrow: what NumPy gives.
        exact: of float32, what NumPy gives in float64.
        size: of numbers that it was made of, if they were larger.
    """
    narrow = np.asarray(narrow)
    if narrow.dtype.kind != "f":
        return 0.0
    largest = max(float(np.abs(narrow[np.isfinite(narrow)]).max(initial=0)), size)
    if narrow.dtype == np.float32 and exact is not None:
        return TIMES * difference(narrow, exact) + UNITS * float(np.spacing(np.float32(largest)))
    return TOLERANCES[kind, narrow.dtype.name] * largest


def assert_close(kind: str, got: Any, wanted: Any, what: str = "") -> None:
    """Compare shape, dtype and every number, NaN equal to NaN, within the tolerance of this kind of op."""
    got, wanted = np.asarray(got), np.asarray(wanted)
    assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype), (
        f"{what}: got {got.dtype}{list(got.shape)}, wanted {wanted.dtype}{list(wanted.shape)}"
    )
    if wanted.dtype.kind == "f":
        tolerance = TOLERANCES[kind, wanted.dtype.name]
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance, equal_nan=True, err_msg=what)
    else:
        np.testing.assert_array_equal(got, wanted, err_msg=what)


def table() -> str:
    """The tolerances as a table of Markdown."""
    head = "| kind | float32 | float64 | what is compared |\n| --- | --- | --- | --- |\n"
    told = {key: "equal" if not value else f"{value:.0e}".replace("e-0", "e-") for key, value in TOLERANCES.items()}
    rows = ([kind, *(told.get((kind, d), "") for d in ("float32", "float64")), what] for kind, what in KINDS.items())
    return head + "".join(f"| {' | '.join(row)} |\n".replace("|  |", "| |") for row in rows)
