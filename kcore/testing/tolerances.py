"""How far apart two right answers may lie: the one table of tolerances, by kind of op and dtype.

Each is relative to the size of the numbers compared, and absolute below 1. Integers and truth values must be
equal.
"""

from __future__ import annotations

from typing import Any

import numpy as np

TOLERANCES = {
    (
        "same order",
        "float64",
    ): 1e-12,  # one computation, written in two ways: only sums may differ in their order
    ("through float32", "float32"): 2e-5,  # some of what a number was made of had this precision
    ("through float32", "float64"): 2e-5,
    ("chain", "float64"): 1e-10,  # several ops in a row, each written in two ways
    ("loop", "float64"): 1e-11,  # a few turns, differentiated up to twice
    ("elementwise", "float64"): 1e-14,  # a few units in the last place
    ("elementwise", "float32"): 1e-6,
    ("reduction", "float64"): 1e-13,
    ("reduction", "float32"): 1e-5,
    ("product", "float64"): 1e-13,
    ("product", "float32"): 1e-5,
    ("random", "float64"): 1e-13,  # logarithms and angles of numbers rounded before
    ("random", "float32"): 5e-6,
    ("peer", "float64"): 1e-9,  # against Keras on JAX
    ("peer", "float32"): 1e-5,
    ("history", "float32"): 1e-4,  # several epochs, in which such differences grow
    ("training", "float64"): 1e-8,  # two backends after 20 steps, in which such differences grow
    ("view", "float64"): 0.0,
    ("view", "float32"): 0.0,
    (
        "gradient",
        "float64",
    ): 1e-6,  # against central differences, which are good to about the square root of 1e-16
    ("second gradient", "float64"): 1e-5,
}

TIMES, UNITS = 2, 4
"""Of float32 on two backends: so many times NumPy's own distance from float64, and so many units in the last place."""


def difference(a: Any, b: Any) -> float:
    """The largest difference between two arrays; of NaN and infinity only from what is not the same."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype.kind == "b":
        return float(np.any(a != b))
    wide = np.promote_types(np.promote_types(a.dtype, b.dtype), "float64")
    with np.errstate(all="ignore"):
        apart = np.where((a == b) | ((a != a) & (b != b)), 0, np.abs(a.astype(wide) - b.astype(wide)))
    return float(np.where(np.isnan(apart), np.inf, apart).max(initial=0))


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
