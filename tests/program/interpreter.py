"""The naive interpreter: each node of a recorded graph as one line of plain NumPy, in recorded order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kcore.graph import Graph, Node, Storage
from kcore.graph.loop import ITEM, SCAN, loop_of
from tests.ops import rows_activations, rows_elementwise, rows_nn
from tests.program import windows

Array = np.ndarray[Any, Any]


def random_bits(seed: int, step: int, turn: int, shape: tuple[int, ...], stream: int, call: int, bits: int) -> Array:
    """NumPy's Philox, asked directly: some bits an element, the low ones of each word first."""
    count, each = int(np.prod(shape)), 64 // bits
    generator = np.random.Philox(key=[int(seed), stream], counter=[0, int(step), call, int(turn)])
    words = generator.random_raw(-(-count // each))
    drawn = [(int(words[i // each]) >> bits * (i % each)) & ((1 << bits) - 1) for i in range(count)]
    return np.array(drawn, f"uint{bits}").reshape(shape)


def softmax(x: Array, axis: Any = -1) -> Array:
    """Its definition, shifted by the largest; shifted logits are held at -60 as kcore documents it."""
    powers = np.exp(np.maximum(x - x.max(axis, keepdims=True), x.dtype.type(-60)))
    return powers / powers.sum(axis, keepdims=True)


def softmax_crossentropy(target: Array, logits: Array, axis: Any = -1) -> Array:
    """-sum(target * log(softmax(logits))), in the widest float."""
    return -(target * np.log(softmax(logits.astype(np.longdouble), axis))).sum(axis)


def dropout_mask(bits: Array, rate: float, dtype: str) -> Array:
    """0 with probability `rate`, else 1 / (1 - rate)."""
    return np.where(bits >= round(rate * 65536), 1 / (1 - rate), 0).astype(dtype)


def replaced(a: Array, index: Any, part: Array) -> Array:
    """A copy of an array with another part."""
    new = a.copy()
    new[index.slices] = part
    return new


def joined(whole: Array, node: Node, parts: tuple[Array, ...]) -> Array:
    """An array with other parts, each added to the sum of those before it where it overlaps them."""
    written = np.zeros(whole.shape, bool)
    for index, part in zip(node.options["indices"], parts, strict=True):
        at = index.slices
        whole[at] = np.where(written[at], whole[at] + part, part)
        written[at] = True
    return whole


LOWEST: dict[str, Callable[..., Any]] = {"f": lambda _: -np.inf, "i": lambda d: np.iinfo(d).min, "u": lambda _: 0}


def by_segment(node: Node, how: Any, start: float, data: Array, ids: Array) -> Array:
    """The rows of each segment, one after the other; rows of no segment are left out."""
    out = np.full(node.shape, start, node.dtype)
    for row, i in zip(data, ids, strict=True):
        if 0 <= i < len(out):
            out[i] = how(out[i], row)
    return out


EVALUATE: dict[str, Callable[..., Any]] = {
    "constant": lambda node: np.full(node.shape, node.options["value"], node.dtype),
    "cast": lambda node, a: a.astype(node.dtype),
    "part": lambda node, a: a.reshape(-1)[node.options["start"] :][: node.size].reshape(node.shape),
    "pack": lambda node, *parts: np.concatenate([p.reshape(-1) for p in parts]),
    "reshape": lambda node, a: a.reshape(node.shape),
    "broadcast_to": lambda node, a: np.broadcast_to(a, node.shape),
    "permute_dims": lambda node, a: np.transpose(a, node.options["axes"]),
    "slice": lambda node, a: a[node.options["index"].slices],
    "take": lambda node, a, i: np.take(a, i, axis=node.options["axis"]),
    "segment_sum": lambda node, data, ids: by_segment(node, np.add, 0, data, ids),
    "segment_max": lambda node, data, ids: by_segment(node, np.maximum, LOWEST[data.dtype.kind](data.dtype), data, ids),
    "slice_update": lambda node, a, part: replaced(a, node.options["index"], part),
    "join": lambda node, *parts: joined(np.full(node.shape, node.options["value"], node.dtype), node, parts),
    "arange": lambda node: np.arange(*(node.options[k] for k in ("start", "stop", "step")), dtype=node.dtype),
    "linspace": lambda node: np.linspace(**node.options),
    "sort": lambda node, a: np.sort(a, axis=node.options["axis"]),
    "argsort": lambda node, a: np.argsort(a, axis=node.options["axis"], kind="stable"),
    "searchsorted": lambda node, a, b: np.searchsorted(a, b, side=node.options["side"]),
    "sum": lambda node, a: np.sum(a, axis=node.options["axis"]),
    "max": lambda node, a: np.max(a, axis=node.options["axis"]),
    "cumulative_sum": lambda node, a: np.cumsum(a, axis=node.options["axis"]),
    "cumulative_prod": lambda node, a: np.cumprod(a, axis=node.options["axis"]),
    "prod": lambda node, a: np.prod(a, axis=node.options["axis"]),
    "min": lambda node, a: np.min(a, axis=node.options["axis"]),
    "any": lambda node, a: np.any(a, axis=node.options["axis"]),
    "all": lambda node, a: np.all(a, axis=node.options["axis"]),
    "logsumexp": lambda node, a: np.log(np.exp(a.astype(np.longdouble)).sum(node.options["axis"])),
    "var": lambda node, a: np.var(a, axis=node.options["axis"], correction=node.options["correction"]),
    "argmin": lambda node, a: np.argmin(a, axis=node.options["axis"][0]),
    "argmax": lambda node, a: np.argmax(a, axis=node.options["axis"][0]),
    "random_bits": lambda node, seed, step, turn: random_bits(seed, step, turn, **node.options),
    "dropout_mask": lambda node, bits: dropout_mask(bits, **node.options),
    "erf": lambda node, a: rows_elementwise.erf(a),
    "erfinv": lambda node, a: rows_elementwise.erfinv(a),
    "sigmoid": lambda node, a: 1 / (1 + np.exp(-a.astype(np.longdouble))),
    "leaky_relu": lambda node, a: rows_activations.leaky_relu(a, **node.options),
    "elu": lambda node, a: rows_activations.elu(a, **node.options),
    "squareplus": lambda node, a: rows_activations.squareplus(a.astype(np.longdouble), **node.options),
    "gelu": lambda node, a: rows_activations.gelu(a.astype(np.longdouble), approximate=False),
    "gelu_tanh": lambda node, a: rows_activations.gelu(a.astype(np.longdouble)),
    **{
        name: lambda node, a: getattr(rows_activations, node.op.name)(a.astype(np.longdouble))
        for name in ("softplus", "silu", "mish")
    },
    "sigmoid_crossentropy": lambda node, *a: rows_nn.sigmoid_crossentropy(*(x.astype(np.longdouble) for x in a)),
    "sigmoid_error": lambda node, y, z: 1 / (1 + np.exp(-z.astype(np.longdouble))) - y,
    "log_softmax": lambda node, a: rows_nn.log_softmax(a.astype(np.longdouble), node.options["axis"]),
    "sparsemax": lambda node, a: rows_nn.sparsemax(a, node.options["axis"]),
    "softmax": lambda node, a: softmax(a, node.options["axis"]),
    "softmax_crossentropy": lambda node, target, logits: softmax_crossentropy(target, logits, node.options["axis"]),
} | windows.EVALUATE


def interpret(graph: Graph, given: Mapping[str, Any]) -> tuple[list[Array], dict[Storage, Array]]:
    """The outputs, and what each written storage holds afterwards, for the inputs and storages by name."""
    inputs = {n: given[n.name] for n in (*graph.inputs.values(), *graph.storages)}
    now = evaluate(graph, inputs)
    outputs = [now[n] for n in graph.outputs]
    return outputs, {graph.storages[target]: now[new] for target, new in graph.writes.items()}


def loop(scan: Node, inputs: list[Array]) -> dict[tuple[str, str], Array]:
    """What a scan leaves behind: its turns one after the other."""
    of = loop_of(scan)
    now = dict(zip(of.graph.inputs, inputs, strict=True))
    carries = {name: [now[name]] for name in of.carries}
    stacks: dict[str, dict[int, Array]] = {name: {} for name in of.stacks}
    for t in reversed(range(of.length)) if of.reverse else range(of.length):
        given = {n: now[name][t] if name in of.each else now[name] for name, n in of.graph.inputs.items()}
        given |= {n: carries[name][-1] for name, n in of.carries.items()}
        values = evaluate(of.graph, given)
        for name, n in of.carries.items():
            carries[name].append(values[of.graph.writes[n]])
        for name, value in zip(of.stacks, of.graph.outputs, strict=True):
            stacks[name][t] = values[value]
    left = {("stack", name): np.stack([turns[t] for t in sorted(turns)]) for name, turns in stacks.items()}
    left |= {("last", name): values[-1] for name, values in carries.items()}
    return left | {("history", name): np.stack(values[:: -1 if of.reverse else 1]) for name, values in carries.items()}


def evaluate(graph: Graph, given: Mapping[Node, Any]) -> dict[Node, Array]:
    """The value of each node, for those of the inputs."""
    now: dict[Node, Array] = {}
    loops: dict[Node, dict[tuple[str, str], Array]] = {}
    for node in graph.nodes:
        if node.op.name == "input":
            now[node] = np.array(given[node], node.dtype)
            continue
        inputs = [now[i] for i in node.inputs if i.op is not SCAN]
        if node.op is SCAN:
            loops[node] = loop(node, inputs)
            continue
        if node.op is ITEM:
            now[node] = loops[node.inputs[0]][node.options["what"], node.options["of"]]
            continue
        with np.errstate(all="ignore"):
            plain = EVALUATE.get(node.op.name) or (lambda node, *a: getattr(np, node.op.name)(*a))
            now[node] = np.array(plain(node, *inputs))
        if now[node].dtype == np.longdouble:
            now[node] = now[node].astype(node.dtype)
        assert (now[node].shape, now[node].dtype) == (node.shape, np.dtype(node.dtype)), (
            f"{node!r} is {now[node].dtype}"
        )
    return now
