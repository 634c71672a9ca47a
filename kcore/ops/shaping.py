"""Views and casts: other shapes and dtypes for the same numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

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
        look=lambda a, *, shape: a.reshape(shape, copy=False),
        in_order=True,
        merge=lambda shape, inner, outer: outer,
        noun="reshaped",
    )
)
_PERMUTE = define(
    Op(
        "permute_dims",
        "view",
        lambda a, *, axes: (tuple(a.shape[i] for i in axes), a.dtype),
        (lambda g, out, a, *, axes: permute_dims(g, _inverse(axes)),),
        text=lambda node: "{0}.T" if node.options["axes"] == (1, 0) else "permute_dims({0}, {axes})",
        look=lambda a, *, axes: a.transpose(axes),
        merge=lambda shape, inner, outer: {"axes": tuple(inner["axes"][i] for i in outer["axes"])},
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
        look=np.broadcast_to,
        merge=lambda shape, inner, outer: outer,
        noun="wide",
    )
)


def reshape(x: Any, newshape: Iterable[int]) -> Any:
    """The same elements in row-major order in another shape, of which one length may be -1."""
    old = shape_of(x)
    shape = filled(newshape, size_of(old))
    return x if isinstance(x, Symbol) and shape == old else call(_RESHAPE, x, shape=shape)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(i) for i in range(len(axes)))


def permute_dims(x: Any, axes: Iterable[int]) -> Any:
    """The axes in another order: axis i of the result is axis `axes[i]` of x.

    Raises:
        ValueError: `axes` does not name each axis of x once.
    """
    rank = len(shape_of(x))
    order = tuple(range(rank)[a] if -rank <= a < rank else a for a in whole(axes))
    if sorted(order) != list(range(rank)):
        raise ValueError(f"{users_line()}axes {order} do not name each of the {rank} axes of the array once.")
    return x if isinstance(x, Symbol) and order == tuple(range(rank)) else call(_PERMUTE, x, axes=order)


def transpose(x: Any, axes: Iterable[int] | None = None) -> Any:
    """The axes in reverse order, or in that of `axes`; of a matrix, its transpose."""
    return permute_dims(x, range(len(shape_of(x)))[::-1] if axes is None else axes)


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
