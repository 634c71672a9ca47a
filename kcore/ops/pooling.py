"""Pooling over any number of axes: the largest or the mean of what each window sees of a channel."""

from __future__ import annotations

import functools
from math import nan
from typing import Any

from ..graph import Op, call, define
from ..graph.node import Node
from ..graph.types import DType, Shape, lowest
from ..graph.where import users_line
from .axes import shape_of
from .creation import ones
from .elementwise import add, maximum
from .shaping import cast
from .windows import DataFormat, Sizes, Windows, as_given, channels_last, windows_of, windows_over


def _rule(x: Node, *, windows: Windows) -> tuple[Shape, DType]:
    return (x.shape[0], *windows.count(x.shape), x.shape[-1]), x.dtype


def _largest(x: Any, *, windows: Windows) -> Any:
    return functools.reduce(maximum, windows.views(x, lowest(x.dtype)))


def _to_largest(g: Any, out: Any, x: Any, *, windows: Windows) -> Any:
    """Where several elements are the largest, each gets an equal share; padding, which no number equals, gets none."""
    chosen = [cast(view == out, x.dtype) for view in windows.views(x, nan)]
    share = g / functools.reduce(add, chosen)
    return windows.spread([share * each for each in chosen], x.shape)


def _mean(x: Any, *, windows: Windows) -> Any:
    return functools.reduce(add, windows.views(x)) / _seen(x, windows)


def _to_all(g: Any, out: Any, x: Any, *, windows: Windows) -> Any:
    taps = len(windows.taps(x.shape))
    return windows.spread([g / _seen(x, windows)] * taps, x.shape)


def _seen(x: Any, windows: Windows) -> Any:
    """How many elements each window sees that are no padding."""
    return functools.reduce(add, windows.views(ones((1, *x.shape[1:-1], 1), x.dtype)))


_MAX = define(Op("max_pool", "compound", _rule, (_to_largest,), _largest, noun="pooled"))
_AVERAGE = define(Op("average_pool", "compound", _rule, (_to_all,), _mean, floating=True, noun="pooled"))


def max_pool(
    inputs: Any, pool_size: Sizes, strides: Sizes | None = None, padding: str = "valid", data_format: DataFormat = None
) -> Any:
    """The largest element of each window, channel by channel; NaN where there is one.

    Where several elements of a window are the largest, each gets an equal share of the gradient.

    Args:
        inputs: (batch, *lengths, channels).
        pool_size: the lengths of a window, one number or one for each axis.
        strides: from one window to the next; None: `pool_size`, so that they do not overlap.
        padding: "valid" has only whole windows; "same" also those that begin or end outside, where there is nothing.
        data_format: "channels_first" for inputs and results (batch, channels, *lengths).

    Raises:
        ValueError: the window is longer than an axis, or an argument does not fit.
    """
    return _pool(_MAX, inputs, pool_size, strides, padding, data_format)


def average_pool(
    inputs: Any, pool_size: Sizes, strides: Sizes | None = None, padding: str = "valid", data_format: DataFormat = None
) -> Any:
    """The mean of each window, channel by channel; elements outside do not count.

    Args:
        inputs: (batch, *lengths, channels).
        pool_size: as of `max_pool`, like what follows.
        strides: from one window to the next; None: `pool_size`.
        padding: "valid" or "same".
        data_format: "channels_first" for inputs and results (batch, channels, *lengths).

    Raises:
        ValueError: the window is longer than an axis, or an argument does not fit.
    """
    return _pool(_AVERAGE, inputs, pool_size, strides, padding, data_format)


def _pool(op: Op, inputs: Any, size: Sizes, strides: Sizes | None, padding: str, data_format: DataFormat) -> Any:
    inputs = channels_last(inputs, data_format)
    lengths = shape_of(inputs)[1:-1]
    if not lengths:
        raise ValueError(
            f"{users_line()}ops.{op.name} takes inputs (batch, *lengths, channels), got {shape_of(inputs)}."
        )
    bare = windows_of(len(lengths), size, size if strides is None else strides, what="pool_size")
    return as_given(call(op, inputs, windows=windows_over(lengths, bare, padding, ("valid", "same"))), data_format)
