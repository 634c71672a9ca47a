"""Parts of arrays: cut out, joined, replaced."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Iterable
from typing import Any

from ..graph import Op, Symbol, call, define
from ..graph.index import WHOLE, Index
from ..graph.node import Node
from ..graph.types import Shape, size_of
from ..graph.where import users_line
from .axes import shape_of
from .shaping import reshape

_SLICE = define(
    Op(
        "slice",
        "view",
        lambda a, *, index: (index.shape(a.shape), a.dtype),
        (lambda g, out, a, *, index: join([g], [index], a.shape),),
        text="{0}[{index}]",
        look=lambda a, *, index: a[*index.slices, ...],  # the dots keep a view of no axes an array
        merge=lambda shape, inner, outer: {"index": outer["index"].within(inner["index"], shape)},
        noun="part",
    )
)


def _parts_join(node: Node) -> list[tuple[int, Index]]:
    return list(enumerate(node.option("indices")))


def _join_text(node: Node) -> str:
    parts = ", ".join(f"(part[{index}], {{{i}}})" for i, index in _parts_join(node))
    return f"joined({node.shape}, {{dtype}}, [{parts}])"


def _join_into(node: Node) -> str:
    covered = sum(size_of(i.shape) for i in node.inputs) == node.size
    lines = [] if covered else ["copyto({out}, 0)"]
    return "; ".join(lines + [f"copyto({{out}}[{index}], {{{i}}})" for i, index in _parts_join(node)])


JOIN = define(
    Op(
        "join",
        "gather",
        lambda *parts, indices, shape: (shape, parts[0].dtype),
        lambda i: lambda g, out, *parts, indices, shape: call(_SLICE, g, index=indices[i]),
        text=_join_text,
        into=_join_into,
        noun="joined",
    )
)
"""An array of zeros but for its parts, which do not overlap: the gradient of a slice, and what concat and pad are."""

_UPDATE = define(
    Op(
        "slice_update",
        "gather",
        lambda a, part, *, index: (a.shape, a.dtype),
        (
            lambda g, out, a, part, *, index: call("slice_update", g, call("multiply", part, 0), index=index),
            lambda g, out, a, part, *, index: call(_SLICE, g, index=index),
        ),
        text="updated({0}, part[{index}], {1})",
        into="copyto({out}, {0}); copyto({out}[{index}], {1})",
        noun="updated",
    )
)


def join(parts: Iterable[Any], indices: Iterable[Index], shape: Shape) -> Any:
    """An array of zeros of this shape but for the parts, each at an index; they must not overlap."""
    return call(JOIN, *parts, indices=tuple(indices), shape=shape)


def cut(x: Any, index: Index) -> Any:
    """The part of x at an index, as a view."""
    return x if isinstance(x, Symbol) and set(index.ranges) <= {WHOLE} else call(_SLICE, x, index=index)


def getitem(x: Any, key: Any) -> Any:
    """x[key], for a key of integers, slices, `...` and `None`.

    Raises:
        IndexError: an integer is out of range, or there are more of them than axes.
        TypeError: the key holds anything else.
    """
    shape = shape_of(x)
    keys = list(key) if isinstance(key, tuple) else [key]
    ranges: list[slice] = []
    kept: list[int] = []  # the shape of the result
    for k in _spelled_out(keys, len(shape)):
        if k is None:
            kept.append(1)
            continue
        n = shape[len(ranges)]
        if isinstance(k, builtins.slice):
            ranges.append(
                builtins.slice(*(None if i is None else operator.index(i) for i in (k.start, k.stop, k.step)))
            )
            kept.append(len(range(n)[ranges[-1]]))
        else:
            start = _position(k, n, len(ranges))
            ranges.append(builtins.slice(start, start + 1))
    return reshape(cut(x, Index.of(ranges, shape)), kept)


def _spelled_out(keys: list[Any], rank: int) -> list[Any]:
    """The key with a slice for each axis that it leaves out."""
    named = sum(k is not None and k is not Ellipsis for k in keys)
    if named > rank or sum(k is Ellipsis for k in keys) > 1:
        raise IndexError(f"{users_line()}the index {keys} is too long for an array of {rank} axes.")
    rest = [builtins.slice(None)] * (rank - named)
    where = next((i for i, k in enumerate(keys) if k is Ellipsis), None)
    return [*keys, *rest] if where is None else [*keys[:where], *rest, *keys[where + 1 :]]


def _position(k: Any, n: int, axis: int) -> int:
    try:
        i = operator.index(k)
    except TypeError:
        raise TypeError(
            f"{users_line()}an index is made of integers, slices, `...` and None; got {type(k).__name__}: {k!r:.80}."
        ) from None
    if isinstance(k, bool) or not -n <= i < n:
        raise IndexError(f"{users_line()}index {k} is out of range for axis {axis} of length {n}.")
    return i % n
