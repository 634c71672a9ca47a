"""Whole random networks, built and fitted on two backends: first weights and orders are equal, what follows is close.

A network whose fits part is raced again step by step, to print the program and the first kernel that differs.
"""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kcore.backend import Backend, use_backend
from kcore.backend.selection import backend_named
from kcore.interfaces import get
from kcore.layers import GRU, LSTM, Activation, Dense, Dropout, Flatten, SimpleRNN
from kcore.models import Sequential
from kcore.testing import compare_backends
from kcore.testing.making import seeded
from kcore.testing.tolerances import allowed, difference

SMOOTH = ("tanh", "sigmoid", "softplus", "softsign", "gelu", "silu", "linear")
KINKED = ("relu", "leaky_relu", "hard_sigmoid")
LOSSES = {
    "mean_squared_error": "linear", "log_cosh": "linear", "mean_absolute_error": "linear", "poisson": "softplus",
    "binary_crossentropy": "sigmoid", "categorical_crossentropy": "softmax", "kl_divergence": "softmax",
    "sparse_categorical_crossentropy": "softmax",
}  # fmt: skip
OPTIMIZERS = ("sgd", "rmsprop", "adam", "adamw", "nadam", "adagrad", "adadelta", "adamax", "lamb")
FEW = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink whole networks takes minutes
    max_examples=max(settings.default.max_examples // 2, 5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@attrs.frozen
class Network:
    """What a network is made of.

    Attributes:
        steps: of a sample, 0 where it has no axis of time.
        features: of a sample, or of each of its steps.
        recurrent: the layer that ends the axis of time, or "flatten".
        hidden: width, activation and dropout of each layer.
        loss, optimizer: their names.
        weighted: whether samples have weights.
        samples, batch: how many.
        seed: of data and weights.
    """

    steps: int
    features: int
    recurrent: str
    hidden: list[tuple[int, str, float]]
    loss: str
    optimizer: str
    weighted: bool
    samples: int
    batch: int
    seed: int

    def smooth(self) -> Network:
        """The same without kinks, which make float32's rounding large."""
        hidden = [(width, act if act in SMOOTH else "tanh", rate) for width, act, rate in self.hidden]
        return attrs.evolve(self, hidden=hidden, loss=self.loss.replace("mean_absolute_error", "log_cosh"))

    def model(self, dtype: str) -> Sequential:
        """The network, compiled."""
        shape = (self.steps, self.features) if self.steps else (self.features,)
        layers: list[Any] = [Dense(4, activation="tanh", input_shape=shape, dtype=dtype)]
        if self.steps:
            kinds = {"lstm": LSTM, "gru": GRU, "simple_rnn": SimpleRNN}
            flat = self.recurrent == "flatten"
            layers.append(Flatten(dtype=dtype) if flat else kinds[self.recurrent](3, dtype=dtype))
        for width, activation, rate in self.hidden:
            layers += [Dense(width, activation=activation, dtype=dtype)]
            layers += [Dropout(rate, dtype=dtype) for _ in range(rate > 0)]
        layers += [Dense(3, dtype=dtype), Activation(LOSSES[self.loss], dtype=dtype)]
        model = Sequential(layers)
        metrics = [] if "sparse" in self.loss else ["mean_squared_error", "root_mean_squared_error"]
        model.compile(get("optimizers", self.optimizer), self.loss, metrics)
        return model

    def data(self) -> list[Any]:
        """Samples, targets that fit the loss, and weights."""
        rng = np.random.default_rng(self.seed)
        shape = (self.samples, self.steps, self.features) if self.steps else (self.samples, self.features)
        classes = rng.integers(0, 3, self.samples)
        y: Any = rng.uniform(0.1, 1, (self.samples, 3))
        if LOSSES[self.loss] == "softmax":
            y = classes if "sparse" in self.loss else np.eye(3)[classes] * 0.8 + 0.2 / 3
        return [rng.normal(size=shape), y] + [rng.uniform(0.5, 2, self.samples)] * self.weighted


networks = st.builds(
    Network,
    steps=st.sampled_from([0, 0, 0, 3]),
    features=st.integers(1, 6),
    recurrent=st.sampled_from(["lstm", "gru", "simple_rnn", "flatten"]),
    hidden=st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from(SMOOTH + KINKED), st.sampled_from([0.0, 0.0, 0.2, 0.5])),
        max_size=3,
    ),
    loss=st.sampled_from(sorted(LOSSES)),
    optimizer=st.sampled_from(OPTIMIZERS),
    weighted=st.booleans(),
    samples=st.integers(8, 24),
    batch=st.integers(3, 24),
    seed=st.integers(0, 2**31),
)


@attrs.define
class Fit:
    """What a fit left: first weights, orders, then all weights as one array, outputs, and the history by name."""

    first: list[np.ndarray]
    orders: list[np.ndarray]
    ends: dict[str, np.ndarray]


def fitted(network: Network, backend: Backend, dtype: str, widened: list[np.ndarray] | None = None) -> Fit:
    """Build and fit on a backend, for 20 steps at least in float64 and 5 in float32.

    Args:
        widened: the first weights, if the seed does not give them.
    """
    x, y, *of_samples = network.data()
    per_epoch = -(-network.samples // network.batch)
    count = 5 if dtype == "float32" or widened else 20
    with use_backend(backend), seeded(network.seed):
        model = network.model(dtype)
        if widened:
            model.set_weights(widened)
        first = model.get_weights()
        orders: list[np.ndarray] = []
        shuffled = model.next_order

        def noted(samples: int) -> np.ndarray:
            orders.append(shuffled(samples))
            return orders[-1]

        model.__dict__["next_order"] = noted
        told = model.fit(
            x, y, network.batch, -(-count // per_epoch), 0,
            sample_weight=of_samples[0] if of_samples else None, steps_per_epoch=min(per_epoch, count),
        )  # fmt: skip
        weights = np.concatenate([w.reshape(-1) for w in model.get_weights()])
        measured = {name: np.asarray(values) for name, values in told.history.items()}
        ends = {"weights": weights, "outputs": model.predict(x)} | measured
    return Fit(first, orders, ends)


def report(network: Network, other: Backend, dtype: str) -> str:
    """Where the two part, for a failing test."""
    with seeded(network.seed):
        model = network.model(dtype)
    found = compare_backends(model, network.data(), [other], batch_size=network.batch)
    return f"\n\n{found}\n\nThe step on {other.name}:\n\n{found.programs[other.name]}"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@FEW
@given(network=networks)
def test_a_network_agrees(network, dtype, other):
    home = backend_named("numpy")
    network = network if dtype == "float64" else network.smooth()
    wanted, got = fitted(network, home, dtype), fitted(network, other, dtype)
    assert all(map(np.array_equal, wanted.first, got.first)), "first weights differ"
    assert all(map(np.array_equal, wanted.orders, got.orders)), "orders differ"
    exact = None
    if dtype == "float32":
        exact = fitted(network, home, "float64", [w.astype("float64") for w in wanted.first])
    for what in wanted.ends:
        a, b, c = (fit.ends[what] if fit else None for fit in (wanted, got, exact))
        limit = allowed("training", a.astype(dtype), c, size=1.0 if dtype == "float64" else 0.0)
        apart = difference(a, b)
        assert apart <= limit, f"{what}: {apart:.3g} apart, {limit:.3g} allowed{report(network, other, dtype)}"
