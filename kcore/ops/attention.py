"""Attention: means of values, weighted by how well their keys meet a query."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..graph.where import users_line
from .axes import dtype_of, shape_of
from .contraction import einsum
from .creation import arange
from .elementwise import add, greater_equal, multiply, where
from .nn import softmax
from .shaping import reshape


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
) -> Any:
    """softmax(query key^T * scale + bias) value, for each head: Vaswani et al., Attention Is All You Need, 2017.

    What is masked has at most the e^-60th part of the largest weight, which no float can tell from 0; a query that
    may see nothing gets the mean of all values.

    Args:
        query: shape (batch, queries, heads, width).
        key: shape (batch, keys, heads, width); with fewer heads, each is for several heads of the query that follow
            one another (grouped-query attention).
        value: shape (batch, keys, heads of the key, width of the result).
        bias: what is added before the softmax; it broadcasts to (batch, heads, queries, keys).
        mask: truth values that broadcast to the same shape, whether a query sees a key.
        scale: None for 1 / sqrt(width).
        is_causal: whether a query sees no key behind its own place.

    Returns:
        Shape (batch, queries, heads, width of the result).

    Raises:
        ValueError: the shapes do not fit.
    """
    shapes = [shape_of(a) for a in (query, key, value)]
    if any(len(s) != 4 for s in shapes) or len({s[0] for s in shapes}) > 1 or not _fit(*shapes):
        raise ValueError(
            f"{users_line()}ops.dot_product_attention takes a query (batch, queries, heads, width), a key "
            "(batch, keys, groups, width) and a value (batch, keys, groups, n), where groups divides heads: got shapes "
            f"{shapes[0]}, {shapes[1]} and {shapes[2]}."
        )
    (batch, queries, heads, width), (_, keys, groups, _) = shapes[:2]
    grouped = (batch, queries, groups, heads // max(groups, 1), width)
    scaled = reshape(multiply(query, 1 / math.sqrt(width) if scale is None else scale), grouped)
    logits = reshape(einsum("bqghd,bkgd->bghqk", scaled, key), (batch, heads, queries, keys))
    logits = logits if bias is None else add(logits, bias)
    masks = [] if mask is None else [mask]
    masks += [greater_equal(reshape(arange(queries), (queries, 1)), arange(keys))] if is_causal else []
    for seen in masks:
        logits = where(seen, logits, float(np.finfo(dtype_of(logits)).min))
    weights = reshape(softmax(logits), (batch, groups, grouped[3], queries, keys))
    return reshape(einsum("bghqk,bkgd->bqghd", weights, value), (batch, queries, heads, shapes[2][3]))


def _fit(query: tuple[int, ...], key: tuple[int, ...], value: tuple[int, ...]) -> bool:
    return query[3] == key[3] and key[:3] == value[:3] and not query[2] % max(key[2], 1)
