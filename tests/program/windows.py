"""The naive interpreter's convolution and pooling: a loop over windows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from kcore.graph import Node

Array = np.ndarray[Any, Any]
Place = tuple[Any, ...]


def _pads(windows: Any) -> list[tuple[int, int]]:
    return [(0, 0), *((before, max(after, 0)) for before, after in windows.padding), (0, 0)]


def _each(windows: Any, counts: tuple[int, ...]) -> Iterator[tuple[Place, Place]]:
    """The place of each window in the result, and what it sees of the padded array."""
    for place in itertools.product(*map(range, counts)):
        axes = zip(place, windows.strides, windows.size, windows.dilation, strict=True)
        seen = [slice(p * s, p * s + (n - 1) * d + 1, d) for p, s, n, d in axes]
        yield (slice(None), *place), (slice(None), *seen)


def _groups(a: Array, count: int) -> Array:
    return a.reshape(*a.shape[:-1], count, a.shape[-1] // count)


def _product(letters: str, node: Node, a: Array, b: Array) -> Array:
    """An einsum in which * stands for the axes of a window."""
    return np.einsum(letters.replace("*", "xyz"[: len(node.option("windows").size)]), a, b)


def conv(node: Node, x: Array, k: Array) -> Array:
    """Each window times the kernel, group by group."""
    windows, groups = node.option("windows"), node.option("groups")
    padded, out = np.pad(x, _pads(windows)), np.zeros(node.shape, node.dtype)
    for place, seen in _each(windows, node.shape[1:-1]):
        product = _product("b*gc,*cgf->bgf", node, _groups(padded[seen], groups), _groups(k, groups))
        out[place] = product.reshape(len(x), node.shape[-1])
    return out


def input_gradient(node: Node, g: Array, k: Array) -> Array:
    """Each window gets its part of the gradient times the kernel."""
    windows, groups = node.option("windows"), node.option("groups")
    padded = np.pad(np.zeros(node.shape, node.dtype), _pads(windows))
    for place, seen in _each(windows, g.shape[1:-1]):
        part = _product("bgf,*cgf->b*gc", node, _groups(g[place], groups), _groups(k, groups))
        padded[seen] += part.reshape(padded[seen].shape)
    inside = [slice(b, b + n) for n, (b, _) in zip(node.shape, _pads(windows), strict=True)]
    return padded[tuple(inside)]


def kernel_gradient(node: Node, x: Array, g: Array) -> Array:
    """The sum over all windows of what they see times their part of the gradient."""
    windows, groups = node.option("windows"), node.option("groups")
    padded, out = np.pad(x, _pads(windows)), np.zeros(node.shape, node.dtype)
    for place, seen in _each(windows, g.shape[1:-1]):
        part = _product("b*gc,bgf->*cgf", node, _groups(padded[seen], groups), _groups(g[place], groups))
        out += part.reshape(out.shape)
    return out


def pool(fill: float, how: Callable[..., Any]) -> Callable[[Node, Array], Array]:
    """What `how` makes of each window, with `fill` around."""

    def pooled(node: Node, x: Array) -> Array:
        windows = node.option("windows")
        padded, out = np.pad(x, _pads(windows), constant_values=fill), np.zeros(node.shape, node.dtype)
        for place, seen in _each(windows, node.shape[1:-1]):
            out[place] = how(padded[seen], axis=tuple(range(1, x.ndim - 1)))
        return out

    return pooled


EVALUATE = {
    f"{name}{suffix}": of
    for name in ("conv", "depthwise_conv")
    for suffix, of in (("", conv), ("_input_gradient", input_gradient), ("_kernel_gradient", kernel_gradient))
} | {"max_pool": pool(-np.inf, np.max), "average_pool": pool(np.nan, np.nanmean)}
