"""Truth values and bits, and what sort of number an element is."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..graph.types import is_float
from . import atoms
from .atoms import COUNTS
from .axes import dtype_of
from .elementwise import abs, add, equal, greater, less, less_equal, multiply, subtract, where
from .shaping import cast

_unary = functools.partial(atoms.unary, truth=True)
_logical = functools.partial(atoms.binary, truth=True, condition=2, cheap=True)
_bits = functools.partial(atoms.binary, takes=COUNTS)

logical_and = _logical("logical_and", "Whether both hold, as bool; numbers other than 0 hold.", noun="both")
logical_or = _logical("logical_or", "Whether one holds, as bool; numbers other than 0 hold.", noun="either")
logical_xor = _logical(
    "logical_xor", "Whether just one holds, as bool; numbers other than 0 count as True.", noun="one"
)
logical_not = _unary("logical_not", "Whether it does not hold, as bool.", condition=1, cheap=True, noun="other")

isfinite = _unary("isfinite", "Whether x is neither infinite nor NaN, as bool.", floating=True, noun="finite")
isinf = _unary("isinf", "Whether x is infinite, as bool.", floating=True, noun="infinite")
isnan = _unary("isnan", "Whether x is NaN, as bool.", floating=True, noun="nan")

bitwise_and = _bits("bitwise_and", "The bits that are set in both, of integers or truth values.")
bitwise_or = _bits("bitwise_or", "The bits that are set in one or both, of integers or truth values.")
bitwise_xor = _bits("bitwise_xor", "The bits that are set in just one, of integers or truth values.")
bitwise_invert = atoms.unary("bitwise_invert", "The bits that are not set, of integers or truth values.", takes=COUNTS)
bitwise_left_shift = _bits(
    "bitwise_left_shift", "The bits of integers x1, moved up by x2 places.", takes="number", counts="int8"
)
bitwise_right_shift = _bits(
    "bitwise_right_shift",
    "The bits of integers x1, moved down by x2 places.",
    takes="number",
    counts="int8",
)
bitwise_not = invert = bitwise_invert
left_shift, right_shift = bitwise_left_shift, bitwise_right_shift


def isclose(x1: Any, x2: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether |x1 - x2| <= atol + rtol * |x2|, as bool; what is infinite is close only to itself.

    Args:
        x1: numbers.
        x2: the numbers that they should be.
        rtol: how far they may lie apart, relative to x2.
        atol: how far they may lie apart besides.
        equal_nan: whether NaN is close to NaN.
    """
    a, b = (x if is_float(dtype_of(x)) else cast(x, "float64") for x in (x1, x2))
    near = less_equal(abs(subtract(a, b)), add(multiply(abs(b), rtol), atol))
    close = logical_or(logical_and(near, isfinite(b)), equal(a, b))
    return logical_or(close, logical_and(isnan(a), isnan(b))) if equal_nan else close


def heaviside(x1: Any, x2: Any) -> Any:
    """0 where x1 is below 0, 1 where it is above, x2 where it is 0, NaN where it is NaN."""
    x1 = x1 if is_float(dtype_of(x1)) or is_float(dtype_of(x2)) else cast(x1, "float32")
    off = where(less(x1, 0.0), 0.0, where(equal(x1, 0.0), x2, x1))
    return where(greater(x1, 0.0), 1.0, off)


def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    """x with a number for NaN, and for infinity; the largest and smallest of the dtype if those are None.

    No gradient flows to what was replaced.
    """
    dtype = dtype_of(x)
    if not is_float(dtype):
        return cast(x, dtype)
    largest = float(np.finfo(dtype).max)
    x = where(isnan(x), nan, x)
    x = where(equal(x, float("inf")), largest if posinf is None else posinf, x)
    return where(equal(x, -float("inf")), -largest if neginf is None else neginf, x)
