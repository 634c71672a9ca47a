"""What users give to random functions, checked."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any, SupportsFloat, SupportsIndex

from ..graph.types import DEFAULT_FLOAT, DType, Shape, dtype_name, is_integer
from ..graph.where import users_line
from ..ops.axes import whole

Numbers = SupportsIndex | Iterable[SupportsIndex]
WIDTHS = {"float32": (32, 24), "float64": (64, 53)}
"""By dtype, the bits that are drawn for a float, and the digits that it has."""


def checked_shape(where: str, shape: Numbers) -> Shape:
    """A shape of lengths from 0 up."""
    try:
        lengths = whole(shape)
    except TypeError:
        raise TypeError(f"{users_line()}{where}: a shape is made of whole numbers; got {shape!r:.80}.") from None
    if min(lengths, default=0) < 0:
        raise ValueError(f"{users_line()}{where}: lengths are at least 0; got {shape!r:.80}.")
    return lengths


def checked_float(where: str, dtype: Any) -> DType:
    """The name of a float dtype, float32 if it is None."""
    name = DEFAULT_FLOAT if dtype is None else dtype_name(dtype)
    if name not in WIDTHS:
        raise TypeError(f"{users_line()}{where}: dtype is {' or '.join(WIDTHS)}; got {name}. Use ops.cast for another.")
    return name


def checked_integer(where: str, dtype: Any) -> DType:
    """The name of an integer dtype."""
    name = dtype_name(dtype)
    if not is_integer(name):
        raise TypeError(f"{users_line()}{where}: dtype is one of integers; got {name}.")
    return name


def finite(where: str, name: str, value: Any, least: float = -math.inf, most: float = math.inf) -> float:
    """A finite number within limits, as Python's."""
    if isinstance(value, bool) or not isinstance(value, SupportsFloat) or getattr(value, "shape", ()) != ():
        raise TypeError(f"{users_line()}{where}: {name} is a number; got {type(value).__name__}: {value!r:.80}.")
    number = float(value)
    if not (least <= number <= most and math.isfinite(number)):
        limits = "finite" if least < -1 else f"at least {least:g}" if most > 1 else f"from {least:g} to {most:g}"
        raise ValueError(f"{users_line()}{where}: {name} is {limits}; got {value!r}.")
    return number


def whole_number(where: str, name: str, value: Any) -> int:
    """A whole number, NumPy's among them, as Python's."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{users_line()}{where}: {name} is a whole number; got {value!r:.80}.") from None


def checked_noise(where: str, noise_shape: Sequence[int | None], shape: Shape) -> Shape:
    """The shape of a mask that is broadcast, each None replaced by the inputs' own length."""
    given = tuple(noise_shape)
    own = (None,) * (len(given) - len(shape)) + shape[max(len(shape) - len(given), 0) :]
    lengths = checked_shape(where, [(m or 0) if n is None else n for n, m in zip(given, own, strict=True)])
    if len(lengths) > len(shape) or any(n not in (1, m) for n, m in zip(lengths, own, strict=True)):
        raise ValueError(f"{users_line()}{where}: noise_shape {given} does not broadcast to the inputs' {shape}.")
    return lengths
