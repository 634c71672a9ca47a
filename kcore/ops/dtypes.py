"""Questions about dtypes, and the constants of the standard."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.types import DType, agreed, dtype_name, is_float, is_integer
from ..graph.where import users_line
from .axes import dtype_of

e, pi, inf, nan, newaxis = math.e, math.pi, math.inf, math.nan, None

_KINDS: dict[str, Callable[[DType], bool]] = {
    "bool": lambda name: name == "bool",
    "signed integer": lambda name: name.startswith("int"),
    "unsigned integer": lambda name: name.startswith("uint"),
    "integral": is_integer,
    "real floating": is_float,
    "complex floating": lambda name: name.startswith("complex"),
    "numeric": lambda name: name != "bool",
}


def _named(x: Any) -> DType:
    """The dtype that a dtype or an array stands for."""
    return dtype_of(x) if hasattr(x, "dtype") and not isinstance(x, type) else dtype_name(x)


def dtype(x: Any) -> DType:
    """The name of the dtype of an array, a symbol or a number."""
    return dtype_of(x)


def result_type(*arrays_and_dtypes: Any) -> DType:
    """The name of the dtype in which these meet: dtypes, arrays, symbols, and Python numbers, which are weak.

    Raises:
        ValueError: none are given.
    """
    if not arrays_and_dtypes:
        raise ValueError(f"{users_line()}ops.result_type needs at least one dtype or array.")
    given = [x.item() if isinstance(x, np.generic) else x for x in arrays_and_dtypes]
    return agreed(
        (_named(x) for x in given if not isinstance(x, int | float)), [x for x in given if isinstance(x, int | float)]
    )


def can_cast(from_: Any, to: Any) -> bool:
    """Whether every number of a dtype, or of that of an array, can be held in the dtype `to`, by NumPy's rules."""
    return bool(np.can_cast(_named(from_), dtype_name(to)))


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: a dtype, a word of the standard as "real floating", or any of a tuple of them.

    Raises:
        ValueError: there is no such kind.
    """
    name = dtype_name(dtype)
    if isinstance(kind, tuple):
        return any(isdtype(name, k) for k in kind)
    if isinstance(kind, str) and kind in _KINDS:
        return _KINDS[kind](name)
    try:
        return name == dtype_name(kind)
    except TypeError:
        raise ValueError(
            f"{users_line()}{kind!r} is no kind of dtype: give a dtype, or one of {', '.join(map(repr, _KINDS))}."
        ) from None


def finfo(dtype: Any) -> Any:
    """What NumPy knows of a dtype of floats: `eps`, `max`, `min`, `smallest_normal`, `bits`."""
    return np.finfo(_named(dtype))


def iinfo(dtype: Any) -> Any:
    """What NumPy knows of a dtype of integers: `max`, `min`, `bits`."""
    return np.iinfo(_named(dtype))
