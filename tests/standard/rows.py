"""The table: of all that kcore registers, how to make it and what it computes, in plain NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from kcore.interfaces import get
from kcore.plugin import entries
from tests.ops.rows_nn import sparsemax
from tests.standard.initializers_rows import INITIALIZER_ROWS
from tests.standard.layers_rows import LAYER_ROWS, sigmoid
from tests.standard.losses_rows import LOSS_ROWS
from tests.standard.metrics_rows import METRIC_ROWS, of_losses
from tests.standard.row import Row, softmax

KINDS = ("activations", "initializers", "layers", "losses", "metrics", "optimizers")


def relu(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, 0)


def gelu(x: np.ndarray) -> np.ndarray:
    return x * (1 + np.vectorize(math.erf, otypes="d")(x / math.sqrt(2))) / 2


def elu(x: np.ndarray, alpha: float = 1) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def softplus(x: np.ndarray) -> np.ndarray:
    return np.logaddexp(0, x)


def squareplus(x: np.ndarray) -> np.ndarray:
    large = (np.abs(x) + np.hypot(x, 2)) / 2
    return np.where(x > 0, large, 1 / large)


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.clip(x / 6 + 0.5, 0, 1)


ROWS: dict[str, list[Row]] = {
    "activations": [
        Row("celu", elu),
        Row("elu", elu),
        Row("exponential", np.exp),
        Row("gelu", gelu),
        Row("glu", lambda x: np.split(x, 2, -1)[0] * sigmoid(np.split(x, 2, -1)[1])),
        Row("hard_shrink", lambda x: np.where(np.abs(x) > 0.5, x, 0)),
        Row("hard_sigmoid", hard_sigmoid),
        Row("hard_silu", lambda x: x * hard_sigmoid(x)),
        Row("hard_tanh", lambda x: np.clip(x, -1, 1)),
        Row("leaky_relu", lambda x: np.where(x > 0, x, 0.2 * x)),
        Row("linear", lambda x: x),
        Row("log_sigmoid", lambda x: -softplus(-x)),
        Row("log_softmax", lambda x: x - np.logaddexp.reduce(x, -1, keepdims=True)),
        Row("mish", lambda x: x * np.tanh(softplus(x))),
        Row("relu", relu),
        Row("relu6", lambda x: np.clip(x, 0, 6)),
        Row("selu", lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772)),
        Row("sigmoid", sigmoid),
        Row("silu", lambda x: x * sigmoid(x)),
        Row("soft_shrink", lambda x: x - np.clip(x, -0.5, 0.5)),
        Row("softmax", softmax),
        Row("softplus", softplus),
        Row("softsign", lambda x: x / (1 + np.abs(x))),
        Row("sparse_plus", lambda x: np.where(x < 1, np.clip((x + 1) / 2, 0, 1) ** 2, x)),
        Row("sparse_sigmoid", lambda x: np.clip((x + 1) / 2, 0, 1)),
        Row("sparsemax", sparsemax),
        Row("squareplus", squareplus),
        Row("tanh", np.tanh),
        Row("tanh_shrink", lambda x: x - np.tanh(x)),
    ],
    "initializers": INITIALIZER_ROWS,
    "layers": LAYER_ROWS,
    "losses": LOSS_ROWS,
    "metrics": METRIC_ROWS,  # and every loss: see below
    "optimizers": [],  # each is a rule over time: see test_standard_optimizers.py
}

ROWS["metrics"] += of_losses(ROWS["losses"])


def make(kind: str, row: Row, **options: Any) -> Any:
    """What a row describes; an activation is a function already."""
    return get(kind, row.name, **row.options, **options)


def rows(kind: str) -> list[Any]:
    """The rows of a kind, as parameters of a test."""
    import pytest

    return [pytest.param(row, id=str(row)) for row in ROWS[kind]]


def registered(kind: str) -> set[str]:
    """The names of all that the distribution kcore registers under a kind."""
    return {
        e.name for e in entries(kind, outsiders=False) if e.distribution == "kcore" and not hasattr(e.thing, "refused")
    }


def differences(function: Callable[[np.ndarray], float], x: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """The gradient of a function of a float64 array, by central differences."""
    result = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        moved = np.zeros_like(x)
        moved[i] = step
        result[i] = (float(function(x + moved)) - float(function(x - moved))) / (2 * step)
    return result
