"""The naive interpreter: each node of a recorded graph as one line of plain NumPy, in recorded order."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kcore.graph import Graph, Node, Storage

Array = np.ndarray[Any, Any]


def random_bits(seed: int, step: int, shape: tuple[int, ...], stream: int, call: int) -> Array:
    """NumPy's Philox, asked directly: 16 bits an element, the low ones of each word first."""
    count = int(np.prod(shape))
    generator = np.random.Philox(key=[int(seed), stream], counter=[0, int(step), call, 0])
    words = generator.random_raw(-(-count // 4))
    bits = [(int(words[i // 4]) >> 16 * (i % 4)) & 0xFFFF for i in range(count)]
    return np.array(bits, np.uint16).reshape(shape)


def softmax(x: Array) -> Array:
    """Its definition, shifted by the largest; shifted logits are held at -60 as kcore documents it."""
    powers = np.exp(np.maximum(x - x.max(-1, keepdims=True), x.dtype.type(-60)))
    return powers / powers.sum(-1, keepdims=True)


def softmax_crossentropy(target: Array, logits: Array) -> Array:
    """-sum(target * log(softmax(logits))), in the widest float."""
    return -(target * np.log(softmax(logits.astype(np.longdouble)))).sum(-1)


def dropout_mask(bits: Array, rate: float, dtype: str) -> Array:
    """0 with probability `rate`, else 1 / (1 - rate)."""
    return np.where(bits >= round(rate * 65536), 1 / (1 - rate), 0).astype(dtype)


def replaced(a: Array, index: Any, part: Array) -> Array:
    """A copy of an array with another part."""
    new = a.copy()
    new[index.slices] = part
    return new


EVALUATE: dict[str, Callable[..., Any]] = {
    "constant": lambda node: np.full(node.shape, node.options["value"], node.dtype),
    "cast": lambda node, a: a.astype(node.dtype),
    "part": lambda node, a: a.reshape(-1)[node.options["start"] :][: node.size].reshape(node.shape),
    "pack": lambda node, *parts: np.concatenate([p.reshape(-1) for p in parts]),
    "reshape": lambda node, a: a.reshape(node.shape),
    "broadcast_to": lambda node, a: np.broadcast_to(a, node.shape),
    "permute_dims": lambda node, a: np.transpose(a, node.options["axes"]),
    "slice": lambda node, a: a[node.options["index"].slices],
    "slice_update": lambda node, a, part: replaced(a, node.options["index"], part),
    "join": lambda node, *parts: functools.reduce(
        lambda whole, at: replaced(whole, *at),
        zip(node.options["indices"], parts, strict=True),
        np.zeros(node.shape, node.dtype),
    ),
    "sum": lambda node, a: np.sum(a, axis=node.options["axis"]),
    "max": lambda node, a: np.max(a, axis=node.options["axis"]),
    "argmax": lambda node, a: np.argmax(a, axis=node.options["axis"][0]),
    "random_bits": lambda node, seed, step: random_bits(seed, step, **node.options),
    "dropout_mask": lambda node, bits: dropout_mask(bits, **node.options),
    "sigmoid": lambda node, a: 1 / (1 + np.exp(-a.astype(np.longdouble))),
    "softmax": lambda node, a: softmax(a),
    "softmax_crossentropy": lambda node, target, logits: softmax_crossentropy(target, logits),
}


def interpret(graph: Graph, given: Mapping[str, Any]) -> tuple[list[Array], dict[Storage, Array]]:
    """The outputs, and what each written storage holds afterwards, for the inputs and storages by name."""
    now: dict[Node, Array] = {}
    for node in graph.nodes:
        if node.op.name == "input":
            now[node] = np.array(given[node.name], node.dtype)
            continue
        inputs = [now[i] for i in node.inputs]
        with np.errstate(all="ignore"):
            plain = EVALUATE.get(node.op.name) or (lambda node, *a: getattr(np, node.op.name)(*a))
            now[node] = np.array(plain(node, *inputs))
        if now[node].dtype == np.longdouble:
            now[node] = now[node].astype(node.dtype)
        assert (now[node].shape, now[node].dtype) == (node.shape, np.dtype(node.dtype)), (
            f"{node!r} is {now[node].dtype}"
        )
    outputs = [now[n] for n in graph.outputs]
    return outputs, {graph.storages[target]: now[new] for target, new in graph.writes.items()}
