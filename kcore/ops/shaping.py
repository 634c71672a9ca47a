"""Views and casts: other shapes and dtypes for the same numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..graph import CAST, Op, Symbol, call, define
from ..graph.types import Shape, broadcast, dtype_name, size_of
from ..graph.where import users_line
from .axes import filled, shape_of, whole

define(CAST)
_RESHAPE = define(
    Op(
        "reshape",
        "view",
        lambda a, *, shape: (shape, a.dtype),
        (lambda g, out, a, *, shape: reshape(g, a.shape),),
        text="reshape({0}, {shape})",
        noun="reshaped",
    )
)
_TRANSPOSE = define(
    Op(
        "transpose",
        "view",
        lambda a: (a.shape[::-1], a.dtype),
        (lambda g, out, a: transpose(g),),
        text="{0}.T",
        noun="T",
    )
)
_BROADCAST = define(
    Op(
        "broadcast_to",
        "view",
        lambda a, *, shape: (shape, a.dtype),
        (lambda g, out, a, *, shape: g,),  # differentiate sums what was broadcast
        text="broadcast_to({0}, {shape})",
        noun="wide",
    )
)


def reshape(x: Any, newshape: Iterable[int]) -> Any:
    """The same elements in row-major order in another shape, of which one length may be -1."""
    old = shape_of(x)
    shape = filled(newshape, size_of(old))
    return x if isinstance(x, Symbol) and shape == old else call(_RESHAPE, x, shape=shape)


def transpose(x: Any) -> Any:
    """The axes in reverse order; of a matrix, its transpose."""
    if len(shape_of(x)) == 2:
        return call(_TRANSPOSE, x)
    raise ValueError(f"{users_line()}ops.transpose takes a matrix so far, got an array of shape {shape_of(x)}.")


def broadcast_to(x: Any, shape: Iterable[int]) -> Any:
    """x repeated along axes of length 1, and along new leading axes.

    Raises:
        ValueError: x does not broadcast to `shape`.
    """
    target: Shape = whole(shape)
    try:
        fits = broadcast(shape_of(x), target) == target
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"{users_line()}shape {shape_of(x)} does not broadcast to {target}.")
    return x if isinstance(x, Symbol) and x.shape == target else call(_BROADCAST, x, shape=target)


def cast(x: Any, dtype: Any) -> Any:
    """x in another dtype, as by assignment to an array of it: floats are cut towards zero to become integers."""
    name = dtype_name(dtype)
    return x if isinstance(x, Symbol) and x.dtype == name else call(CAST, x, dtype=name)
