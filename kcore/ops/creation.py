"""Arrays made of numbers alone."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..backend import current_backend
from ..backend.memory import moved
from ..graph import Op, Symbol, call, current_trace, define
from ..graph.types import DEFAULT_FLOAT, agreed, dtype_name, is_float, is_integer
from ..graph.where import users_line
from .axes import dtype_of, shape_of, whole
from .shaping import broadcast_to, cast, moveaxis, reshape

_ARANGE = define(
    Op(
        "arange",
        "fresh",
        lambda *, start, stop, step, dtype: ((max(0, math.ceil((stop - start) / step)),), dtype),
        text="arange({start}, {stop}, {step}, dtype={dtype})",
        into="copyto({out}, arange({start}, {stop}, {step}, dtype={dtype}))",
        noun="range",
    )
)
_LINSPACE = define(
    Op(
        "linspace",
        "fresh",
        lambda *, start, stop, num, endpoint, dtype: ((num,), dtype),
        text="linspace({start}, {stop}, {num}, endpoint={endpoint}, dtype={dtype})",
        into="copyto({out}, linspace({start}, {stop}, {num}, endpoint={endpoint}, dtype={dtype}))",
        noun="range",
    )
)


def full(shape: int | Iterable[int], fill_value: Any, dtype: Any = None) -> Any:
    """An array of this shape, each element the same number; an array as `fill_value` is broadcast.

    The dtype is that of `fill_value` if it is an array, else float32, unless it is given.
    """
    shape = whole(shape)
    if hasattr(fill_value, "shape") and not isinstance(fill_value, np.generic):
        return broadcast_to(fill_value if dtype is None else cast(fill_value, dtype), shape)
    name = DEFAULT_FLOAT if dtype is None else dtype_name(dtype)
    trace = current_trace()
    if trace is not None:
        return Symbol(trace.constant(fill_value, shape, name))
    return moved(np.full(shape, fill_value, name), current_backend())


def zeros(shape: int | Iterable[int], dtype: Any = DEFAULT_FLOAT) -> Any:
    """An array of zeros."""
    return full(shape, 0, dtype)


def ones(shape: int | Iterable[int], dtype: Any = DEFAULT_FLOAT) -> Any:
    """An array of ones."""
    return full(shape, 1, dtype)


def empty(shape: int | Iterable[int], dtype: Any = DEFAULT_FLOAT) -> Any:
    """An array of zeros: one that was not written to would hold other numbers at each run."""
    return full(shape, 0, dtype)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> Any:
    """An array of the shape of `x`, and of its dtype unless another is given, each element the same number."""
    return full(shape_of(x), fill_value, dtype_of(x) if dtype is None else dtype)


def zeros_like(x: Any, dtype: Any = None) -> Any:
    """Zeros of the shape of `x`, and of its dtype unless another is given."""
    return full_like(x, 0, dtype)


def ones_like(x: Any, dtype: Any = None) -> Any:
    """Ones of the shape of `x`, and of its dtype unless another is given."""
    return full_like(x, 1, dtype)


def empty_like(x: Any, dtype: Any = None) -> Any:
    """Zeros, as `empty` gives them, of the shape of `x`, and of its dtype unless another is given."""
    return full_like(x, 0, dtype)


def _number(x: Any) -> float:
    """A Python number: what decides about a shape must be known before the program runs."""
    x = x.item() if isinstance(x, np.generic) else x
    if not isinstance(x, int | float):
        raise TypeError(f"{users_line()}a number was expected, since it decides about a shape; got {x!r:.80}.")
    return x


def arange(start: float, stop: float | None = None, step: float = 1, dtype: Any = None) -> Any:
    """Numbers from `start`, 0 if only one is given, up to but without `stop`, a step apart.

    They are int64 if all three are whole, else float32, unless a dtype is given.

    Raises:
        TypeError: one of them is no number, or the dtype is bool.
        ValueError: the step is 0, or a number is not finite.
    """
    numbers = [_number(n) for n in ((0, start, step) if stop is None else (start, stop, step))]
    name = agreed((), [*numbers, 0]) if dtype is None else dtype_name(dtype)
    if name == "bool":
        raise TypeError(f"{users_line()}ops.arange counts, which truth values do not.")
    if not numbers[2] or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{users_line()}ops.arange takes finite numbers and a step other than 0, got {numbers}.")
    return call(_ARANGE, start=numbers[0], stop=numbers[1], step=numbers[2], dtype=name)


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, dtype: Any = None, axis: int = 0) -> Any:
    """`num` numbers from `start` to `stop`, equally far apart; the last is `stop` if `endpoint`, else one step before.

    Args:
        start: a number, or an array: then each element begins a row of its own.
        stop: the same, broadcast with `start`.
        num: how many.
        endpoint: whether `stop` is one of them.
        dtype: its dtype; if None, that of the arrays, or float32. Integers are rounded down.
        axis: along which axis of the result they lie.

    Raises:
        ValueError: `num` is negative.
    """
    num, ends = operator.index(num), (start, stop)
    if num < 0:
        raise ValueError(f"{users_line()}ops.linspace makes no {num} numbers.")
    if not any(hasattr(a, "shape") and not isinstance(a, np.generic) for a in ends):
        low, high = (float(_number(a)) for a in ends)
        name = DEFAULT_FLOAT if dtype is None else dtype_name(dtype)
        kind = name if is_float(name) else "float64"
        made = call(_LINSPACE, start=low, stop=high, num=num, endpoint=bool(endpoint), dtype=kind)
        return cast(call("floor", made) if is_integer(name) else made, name)
    kind = agreed([dtype_of(a) for a in ends if hasattr(a, "dtype")], [1.0])
    rank = max(len(shape_of(a)) for a in ends)
    share = call(_LINSPACE, start=0.0, stop=1.0, num=num, endpoint=bool(endpoint), dtype=kind)
    share = reshape(share, (num, *[1] * rank))
    out = call("add", call("multiply", start, call("subtract", 1.0, share)), call("multiply", stop, share))
    out = moveaxis(out, 0, axis)
    if dtype is None:
        return out
    made = cast(out, dtype)
    return call("subtract", made, cast(call("greater", made, out), dtype)) if is_integer(dtype_name(dtype)) else made
