"""Parts of arrays: cut out, joined, replaced, and elements taken by index."""

from __future__ import annotations

import builtins
import functools
import operator
from collections.abc import Iterable
from itertools import starmap
from typing import Any

from ..graph import Op, Symbol, Variable, call, define
from ..graph.index import WHOLE, Index
from ..graph.node import Node
from ..graph.types import Shape, broadcast, is_integer, size_of
from ..graph.where import users_line
from .axes import axes, dtype_of, shape_of
from .convert import convert_to_numpy, convert_to_tensor
from .creation import arange
from .elementwise import clip, where
from .shaping import broadcast_to, cast, moveaxis, ravel, reshape


def _turned(text: str, index: Index) -> str:
    """The text of a part turned around, along the axes that its index goes through backwards."""
    return f"flip({text}, axis={index.turned})" if index.turned else text


def _part_text(node: Node) -> str:
    index = node.option("index")
    return _turned(f"{{0}}[{index.forward()}]", index)


def _updated_text(node: Node) -> str:
    index = node.option("index")
    return f"updated({{0}}, part[{index.forward()}], {_turned('{1}', index)})"


_SLICE = define(
    Op(
        "slice",
        "view",
        lambda a, *, index: (index.shape(a.shape), a.dtype),
        (lambda g, out, a, *, index: join([g], [index], a.shape),),
        text=_part_text,
        look=lambda a, *, index: a[*index.slices, ...],  # the dots keep a view of no axes an array
        merge=lambda shape, inner, outer: {"index": outer["index"].within(inner["index"], shape)},
        batched=lambda inputs, stacked, *, index: cut(inputs[0], index.behind()),
        noun="part",
    )
)


def _joined_all(
    inputs: list[Symbol], stacked: list[bool], *, indices: tuple[Index, ...], shape: Shape, value: float
) -> Any:
    """A join for all turns of a loop, along a new first axis; what is the same every turn is repeated."""
    length = next(x.shape[0] for x, many in zip(inputs, stacked, strict=True) if many)
    wide = [x if many else broadcast_to(x, (length, *x.shape)) for x, many in zip(inputs, stacked, strict=True)]
    return call(JOIN, *wide, indices=tuple(i.behind() for i in indices), shape=(length, *shape), value=value)


@functools.lru_cache(1024)
def _meeting(indices: tuple[Index, ...], shape: Shape) -> tuple[bool, ...]:
    """For each index, whether it picks an element that one before it has picked."""
    seen = [i.elements(shape) for i in indices]
    return tuple(any(_share(a, b) for b in seen[:n]) for n, a in enumerate(seen))


def _share(one: list[range], other: list[range]) -> bool:
    return all(starmap(_meet, zip(one, other, strict=True)))


def _meet(a: range, b: range) -> bool:
    if not a or not b or max(a[0], a[-1]) < min(b[0], b[-1]) or max(b[0], b[-1]) < min(a[0], a[-1]):
        return False
    return a == b or not set(a).isdisjoint(b)


def tiles(node: Node) -> bool:
    """Whether the parts of a join are all of it, and none meets another."""
    return sum(i.size for i in node.inputs) == node.size and not any(_meeting(node.option("indices"), node.shape))


def _join_text(node: Node) -> str:
    indices = node.option("indices")
    parts = ", ".join(
        f"(part[{index.forward()}], {_turned(f'{{{i}}}', index)}, {meets})"
        for i, (index, meets) in enumerate(zip(indices, _meeting(indices, node.shape), strict=True))
    )
    return f"joined({{shape}}, {{dtype}}, {{value}}, [{parts}])"


def _join_into(node: Node) -> str:
    indices = node.option("indices")
    meeting = _meeting(indices, node.shape)
    lines = [] if tiles(node) else ["copyto({out}, {value})"]
    for i, (index, meets) in enumerate(zip(indices, meeting, strict=True)):
        place = f"{{out}}[{index}]"
        lines.append(f"add({place}, {{{i}}}, out={place})" if meets else f"copyto({place}, {{{i}}})")
    return "; ".join(lines)


JOIN = define(
    Op(
        "join",
        "gather",
        lambda *parts, indices, shape, value: (shape, parts[0].dtype),
        lambda i: lambda g, out, *parts, indices, shape, value: call(_SLICE, g, index=indices[i]),
        batched=lambda inputs, stacked, **options: _joined_all(inputs, stacked, **options),
        text=_join_text,
        into=_join_into,
        noun="joined",
    )
)
"""An array of one number but for its parts, which are added where they overlap: the gradient of slices, and what
concatenate, pad, the patches of a convolution and their gradient are."""

_UPDATE = define(
    Op(
        "slice_update",
        "gather",
        lambda a, part, *, index: (a.shape, a.dtype),
        (
            lambda g, out, a, part, *, index: call("slice_update", g, call("multiply", part, 0), index=index),
            lambda g, out, a, part, *, index: call(_SLICE, g, index=index),
        ),
        text=_updated_text,
        into="copyto({out}, {0}); copyto({out}[{index}], {1})",
        noun="updated",
    )
)


def join(parts: Iterable[Any], indices: Iterable[Index], shape: Shape, value: float = 0) -> Any:
    """An array of this shape, each element `value` but for the parts, each at an index.

    Where parts overlap they are added.
    """
    return call(JOIN, *parts, indices=tuple(indices), shape=shape, value=value)


def cut(x: Any, index: Index) -> Any:
    """The part of x at an index, as a view."""
    return x if isinstance(x, Symbol) and set(index.ranges) <= {WHOLE} else call(_SLICE, x, index=index)


def _taken_all(inputs: list[Symbol], stacked: list[bool], *, axis: int) -> Any:
    """A take for all turns of a loop, along a new first axis."""
    a, indices = inputs
    if not stacked[1]:
        return call(_TAKE, a, indices, axis=axis + 1)
    turns, n = indices.shape[0], a.shape[axis + stacked[0]]
    if stacked[0]:
        rows = moveaxis(a, axis + 1, 1)
        rows = reshape(rows, (turns * n, *rows.shape[2:]))
        indices = indices + reshape(arange(turns), (turns, 1)) * n
    else:
        rows = moveaxis(a, axis, 0)
    return moveaxis(gathered(rows, indices, 0), 1, axis + 1)


_TAKE = define(
    Op(
        "take",
        "gather",
        lambda a, indices, *, axis: ((*a.shape[:axis], *indices.shape, *a.shape[axis + 1 :]), a.dtype),
        (
            lambda g, out, a, indices, *, axis: moveaxis(_put(moveaxis(g, axis, 0), indices, a.shape[axis]), 0, axis),
            None,
        ),
        batched=_taken_all,
        text="take({0}, {1}, axis={axis})",
        into="take_into({out}, {0}, {1}, {axis})",
        promotes=False,
        noun="taken",
    )
)
"""Elements at indices, a vector that is known to be in range."""


def _put(g: Any, indices: Any, count: int) -> Any:
    return call("segment_sum", g, indices, count=count, sorted=False)


def gathered(x: Any, indices: Any, axis: int) -> Any:
    """`take` at indices that are known to be in range, as `positions` gives them."""
    shape, places = shape_of(x), shape_of(indices)
    out = call(_TAKE, x, reshape(indices, (size_of(places),)), axis=axis)
    return reshape(out, (*shape[:axis], *places, *shape[axis + 1 :]))


def integers(indices: Any, refusal: type[Exception] = TypeError) -> tuple[Any, Any]:
    """Indices as int64 if a program computes them; else as they are, and as int64 on the host.

    Raises:
        Exception: they are no integers; a `refusal`.
    """
    indices = indices.value if isinstance(indices, Variable) else indices
    known = None if isinstance(indices, Symbol) else convert_to_numpy(indices)
    if known is not None and not known.size and not hasattr(indices, "dtype"):
        known = known.astype("int64")  # of an empty list
    dtype = dtype_of(indices if known is None else known)
    if not is_integer(dtype):
        cure = "Choose with kcore.ops.where(condition, a, b)." if dtype == "bool" else 'Use kcore.ops.cast(x, "int64").'
        raise refusal(f"{users_line()}indices are integers, got {dtype}. {cure}")
    if known is None:
        return cast(indices, "int64"), None
    return indices, known.astype("int64")


def counted(known: Any, length: int, axis: int) -> Any:
    """Known indices into an axis of this length, counted from its front.

    Raises:
        IndexError: one is out of range.
    """
    wrong = known[(known < -length) | (known >= length)]
    if wrong.size:
        raise IndexError(f"{users_line()}index {wrong[0]} is out of range for axis {axis} of length {length}.")
    return known + length * (known < 0)


def positions(indices: Any, length: int, axis: int, refusal: type[Exception] = TypeError) -> Any:
    """Indices of any shape as int64 that count from the front of an axis of this length.

    Those of a program, which are not known yet, are held within the axis.

    Raises:
        IndexError: one that is known is out of range.
        Exception: they are no integers; a `refusal`.
    """
    wide, known = integers(indices, refusal)
    if known is not None:
        return convert_to_tensor(counted(known, length, axis))
    if not length and size_of(wide.shape):
        raise IndexError(f"{users_line()}there is nothing to take along axis {axis} of length 0.")
    return clip(where(wide < 0, wide + length, wide), 0, builtins.max(length - 1, 0))


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The elements of x at `indices` along `axis`, whose place the axes of the indices take; of all if it is None.

    Negative indices count from the end. Called on arrays it refuses what is out of range; inside a program, which
    cannot stop, an index before the first element is taken for the first, and one behind the last for the last.

    Raises:
        IndexError: an index that is known is out of range.
        TypeError: the indices are no integers.
    """
    x, axis = (ravel(x), 0) if axis is None else (x, axis)
    (along,) = axes(operator.index(axis), len(shape_of(x)))
    return gathered(x, positions(indices, shape_of(x)[along], along), along)


def take_along_axis(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Of each row along `axis` the elements at the indices of the same row; what `argsort` gives sorts so.

    Both are broadcast along the other axes. If `axis` is None, x is taken as a vector. Indices are as of `take`.

    Raises:
        IndexError: an index that is known is out of range.
        TypeError: the indices are no integers.
        ValueError: x and the indices have different numbers of axes, or do not broadcast.
    """
    x, axis = (ravel(x), 0) if axis is None else (x, axis)
    shape, rows = shape_of(x), shape_of(indices)
    (along,) = axes(operator.index(axis), len(shape))
    if len(rows) != len(shape):
        raise ValueError(
            f"{users_line()}ops.take_along_axis takes an array and indices of as many axes: got {shape} and {rows}."
        )
    places = positions(indices, shape[along], along)
    others = list(broadcast((*shape[:along], 1, *shape[along + 1 :]), (*rows[:along], 1, *rows[along + 1 :])))
    before, behind = size_of(others[:along]), size_of(others[along + 1 :])
    wide = [(*others[:along], s[along], *others[along + 1 :]) for s in (shape, rows)]
    places = reshape(broadcast_to(places, wide[1]), (before, rows[along], behind))
    outer = reshape(arange(before), (before, 1, 1)) * shape[along]
    flat = (outer + places) * behind + arange(behind)
    return reshape(gathered(ravel(broadcast_to(x, wide[0])), flat, 0), wide[1])
