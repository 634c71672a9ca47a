"""Shapes and dtypes: dtypes are names ("float32"), shapes are tuples; NumPy is asked only for its promotion table."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

Shape = tuple[int, ...]
DType = str

DEFAULT_FLOAT: DType = "float32"


def dtype_name(dtype: Any) -> DType:
    """The name of a dtype: of a name, of anything that NumPy takes for one, or of another library's."""
    if isinstance(dtype, np.dtype | str | type):
        return _numpy_name(dtype)
    return _numpy_name(str(dtype).rsplit(".", 1)[-1])


@functools.cache
def _numpy_name(dtype: Any) -> DType:
    return str(np.dtype(dtype).name)


@functools.cache
def itemsize(dtype: DType) -> int:
    """Bytes of one element."""
    return np.dtype(dtype).itemsize


@functools.cache
def changes_kind(dtype: DType, to: DType) -> bool:
    """Whether numbers of a dtype lose their kind by becoming `to`, as floats do that become integers."""
    return not np.can_cast(dtype, to, "same_kind")


def is_float(dtype: DType) -> bool:
    """Whether gradients flow through values of this dtype."""
    return dtype.startswith("float")


def is_integer(dtype: DType) -> bool:
    """Whether the dtype counts: signed or unsigned, but not bool."""
    return "int" in dtype


def lowest(dtype: DType) -> float | int | bool:
    """What no number of this dtype is below."""
    if is_float(dtype):
        return -math.inf
    return int(np.iinfo(dtype).min) if is_integer(dtype) else False


def rounded(value: float | int | bool, dtype: DType) -> float | int | bool:
    """The number of this dtype that is nearest to a Python number, as a Python number."""
    with np.errstate(all="ignore"):
        try:
            return np.dtype(dtype).type(value).item()  # type: ignore[no-any-return]
        except OverflowError:
            raise ValueError(f"the number {value} is out of the range of {dtype}.") from None


def literal(value: float | int | bool, dtype: DType) -> str:
    """The shortest text that gives this number in this dtype: `0.1`, and not the float64 nearest to it."""
    number = np.dtype(dtype).type(value)
    beyond = is_float(dtype) and np.isfinite(number) and abs(float(str(number))) > float(np.finfo(dtype).max)
    return repr(float(number)) if beyond else str(number)  # of the largest: libraries refuse what lies beyond it


def in_memory(shape: Shape) -> np.ndarray[Any, Any]:
    """A stand-in for an array of this shape in row-major order, over one byte: to ask how its views would lie."""
    strides = [size_of(shape[i + 1 :]) for i in range(len(shape))]
    return np.lib.stride_tricks.as_strided(np.empty((), np.uint8), shape, strides)


def size_of(shape: Iterable[int]) -> int:
    """How many elements an array of this shape has."""
    return math.prod(shape)


@functools.cache
def promote(*dtypes: DType) -> DType:
    """NumPy's promotion, except that an integer or bool that meets a float takes the float's dtype."""
    floats = [d for d in dtypes if is_float(d)]
    return np.result_type(*(floats or dtypes)).name


def agreed(dtypes: Iterable[DType], numbers: Iterable[float] = ()) -> DType:
    """The dtype in which arrays meet each other and Python's numbers, which are weak: they take that of the arrays.

    Only a float that meets integers makes them float32, and an integer that meets truth values makes them int64.
    """
    given, weak = tuple(dtypes), [type(n) for n in numbers]
    number = DEFAULT_FLOAT if float in weak else "int64" if int in weak else "bool"
    dtype = promote(*given) if given else number
    return number if (number == DEFAULT_FLOAT and not is_float(dtype)) or dtype == "bool" else dtype


def broadcast(*shapes: Shape) -> Shape:
    """The shape that these broadcast to.

    Raises:
        ValueError: an axis has two sizes, neither of them 1.
    """
    rank = max(map(len, shapes), default=0)
    result = []
    for axis in range(-rank, 0):
        sizes = {s[axis] for s in shapes if len(s) >= -axis} - {1}
        if len(sizes) > 1:
            raise ValueError(
                f"Shapes {' and '.join(map(str, shapes))} do not broadcast: along axis {axis} they are "
                f"{' and '.join(map(str, sorted(sizes)))} long. Sizes must be equal, or 1."
            )
        result.append(sizes.pop() if sizes else 1)
    return tuple(result)
