"""The table of layers: what each computes, in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.standard.row import Row, softmax

Array = np.ndarray


def sigmoid(x: Array) -> Array:
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def softsign(x: Array) -> Array:
    return x / (1 + np.abs(x))


def dense(activation: Callable[[Array], Array] = lambda x: x) -> Callable[..., Array]:
    return lambda x, kernel, bias=0.0: activation(x @ kernel + bias)


def recurrent(step: Callable[..., tuple[Array, ...]], count: int = 1, **how: bool) -> Callable[..., Array]:
    """What a recurrent layer gives, its states `count` arrays, the first of them the output."""

    def formula(x: Array, kernel: Array, recurrent_kernel: Array, bias: Any = 0.0) -> Array:
        states = (np.zeros((len(x), len(recurrent_kernel)), x.dtype),) * count
        outputs = []
        for t in range(x.shape[1])[:: -1 if how.get("backwards") else 1]:
            states = step(x[:, t], states, kernel, recurrent_kernel, bias)
            outputs.append(states[0])
        return np.stack(outputs, 1) if how.get("sequences") else outputs[-1]

    return formula


def lstm_step(
    x: Array, states: tuple[Array, ...], w: Array, u: Array, b: Any, act: Any = np.tanh, gate: Any = sigmoid
) -> tuple[Array, ...]:
    h, c = states
    i, f, g, o = np.split(x @ w + h @ u + b, 4, -1)
    c = gate(f) * c + gate(i) * act(g)
    return gate(o) * act(c), c


def simple_step(x: Array, states: tuple[Array, ...], w: Array, u: Array, b: Any) -> tuple[Array, ...]:
    return (np.tanh(x @ w + states[0] @ u + b),)


def gru_step(x: Array, states: tuple[Array, ...], w: Array, u: Array, b: Any) -> tuple[Array, ...]:
    h, of_x, of_h = states[0], *(b if np.ndim(b) else (0.0, 0.0))
    z, r, g = np.split(x @ w + of_x, 3, -1)
    hidden = np.split(h @ u + of_h, 3, -1)
    z, r = sigmoid(z + hidden[0]), sigmoid(r + hidden[1])
    return (z * h + (1 - z) * np.tanh(g + r * hidden[2]),)


def gru_before_step(x: Array, states: tuple[Array, ...], w: Array, u: Array, b: Any) -> tuple[Array, ...]:
    h, width = states[0], len(u)
    z, r, g = np.split(x @ w + b, 3, -1)
    z, r = sigmoid(z + h @ u[:, :width]), sigmoid(r + h @ u[:, width : 2 * width])
    return (z * h + (1 - z) * np.tanh(g + (r * h) @ u[:, 2 * width :]),)


def lstm_softly(x: Array, states: tuple[Array, ...], w: Array, u: Array, b: Any) -> tuple[Array, ...]:
    return lstm_step(x, states, w, u, b, softsign, softmax)


def cosines(x: Array) -> Array:
    lengths = np.maximum(np.linalg.norm(x, axis=-1), 1e-12)
    return np.einsum("abc,adc->abd", x[0] / lengths[0][..., None], x[1] / lengths[1][..., None])


DRAWN = {"bias_initializer": "random_normal", "unit_forget_bias": False}

LAYER_ROWS = [
    Row("activation", np.tanh, {"activation": "tanh"}),
    Row("dense", dense(), {"units": 3}, rank=2),
    Row("dense", dense(np.tanh), {"units": 2, "activation": "tanh"}, rank=3),
    Row("dense", dense(softmax), {"units": 4, "activation": "softmax", "use_bias": False}, rank=2),
    Row("dense", dense(), {"units": 2, "kernel_initializer": "ones", "bias_initializer": "ones"}, rank=2),
    Row("dropout", lambda x: x, {"rate": 0.5}),
    Row("flatten", lambda x: x.reshape(len(x), -1)),
    Row("lambda", np.square, {"function": "square"}),
    Row("lambda", lambda x: np.sum(x, -1), {"function": "sum", "arguments": {"axis": -1}}),
    Row("reshape", lambda x: x.reshape(len(x), 1, -1), {"target_shape": (1, -1)}),
    Row("permute", lambda x: x.transpose(0, 2, 1), {"dims": (2, 1)}, rank=3),
    Row("repeat_vector", lambda x: np.stack([x] * 3, 1), {"n": 3}, rank=2),
    # several inputs: of the formulas the first axis of x counts them
    Row("add", lambda x: x[0] + x[1] + x[2], inputs=3),
    Row("subtract", lambda x: x[0] - x[1], inputs=2),
    Row("multiply", lambda x: x[0] * x[1] * x[2], inputs=3),
    Row("average", lambda x: np.mean(x, 0), inputs=3),
    Row("maximum", lambda x: np.max(x, 0), inputs=3),
    Row("minimum", lambda x: np.min(x, 0), inputs=2),
    Row("concatenate", lambda x: np.concatenate(list(x), -1), inputs=3),
    Row("concatenate", lambda x: np.concatenate(list(x), 1), {"axis": 1}, inputs=2, rank=3),
    Row("dot", lambda x: np.sum(x[0] * x[1], -1, keepdims=True), {"axes": 1}, inputs=2, rank=2),
    Row("dot", lambda x: np.einsum("abc,abd->acd", *x), {"axes": (1, 1)}, inputs=2, rank=3),
    Row("dot", cosines, {"axes": -1, "normalize": True}, inputs=2, rank=3),
    # recurrent
    Row("lstm", recurrent(lstm_step, 2), {"units": 3}, rank=3),
    Row("lstm", recurrent(lstm_step, 2, sequences=True), {"units": 2, "return_sequences": True, **DRAWN}, rank=3),
    Row("lstm", recurrent(lstm_step, 2, backwards=True), {"units": 2, "go_backwards": True, "unroll": True}, rank=3),
    Row(
        "lstm",
        recurrent(lstm_step, 2, sequences=True, backwards=True),
        {"units": 1, "return_sequences": True, "go_backwards": True, "use_bias": False},
        rank=3,
    ),
    Row(
        "lstm",
        recurrent(lstm_softly, 2),
        {"units": 3, "activation": "softsign", "recurrent_activation": "softmax", **DRAWN},
        rank=3,
    ),
    Row("simple_rnn", recurrent(simple_step), {"units": 3, "bias_initializer": "random_normal"}, rank=3),
    Row("simple_rnn", recurrent(simple_step, sequences=True), {"units": 2, "return_sequences": True}, rank=3),
    Row("gru", recurrent(gru_step, sequences=True), {"units": 2, "return_sequences": True}, rank=3),
    Row("gru", recurrent(gru_step), {"units": 3, "bias_initializer": "random_normal"}, rank=3),
    Row("gru", recurrent(gru_step), {"units": 2, "use_bias": False}, rank=3),
    Row(
        "gru",
        recurrent(gru_before_step),
        {"units": 3, "reset_after": False, "bias_initializer": "random_normal"},
        rank=3,
    ),
]
