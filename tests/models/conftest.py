"""Small networks on made-up data that can be learnt, the same in every run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kcore.config import config
from kcore.layers import Dense, Dropout
from kcore.models import Sequential
from kcore.program import run
from tests import mlp


@pytest.fixture(autouse=True)
def seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As kcore.utils.set_random_seed(1), and undone after the test."""
    monkeypatch.setattr(config, "seed", 1)
    monkeypatch.setattr(config, "models", 0)


@pytest.fixture
def x() -> np.ndarray:
    """70 samples of 6 numbers: two batches of 32 and a short one of 6."""
    return np.random.default_rng(5).normal(size=(70, 6))


@pytest.fixture
def y(x: np.ndarray) -> np.ndarray:
    """One of three classes, one-hot: the largest of the first three numbers."""
    return np.eye(3)[x[:, :3].argmax(1)]


@pytest.fixture
def make() -> Callable[..., Sequential]:
    """A compiled network of 6 inputs and 3 classes, with dropout."""

    def made(dtype: str = "float32", seed: int | None = None, width: int = 8, **compiled: Any) -> Sequential:
        if seed is not None:
            config.seed, config.models = seed, 0
        model = Sequential(
            [
                Dense(width, activation="relu", input_shape=(6,), dtype=dtype),
                Dropout(0.2, dtype=dtype),
                Dense(3, activation="softmax", dtype=dtype),
            ]
        )
        model.compile(
            **{"optimizer": "rmsprop", "loss": "categorical_crossentropy", "metrics": ["accuracy"]} | compiled
        )
        return model

    return made


@pytest.fixture
def mnist_network() -> Callable[..., Sequential]:
    """The documents' network, or one like it of another width."""
    return mlp.network


@pytest.fixture
def traces(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the programs that are made while the test runs."""
    made: list[str] = []
    original = run.Program.__init__

    def noted(self: run.Program, graph: Any, *args: Any, **kwargs: Any) -> None:
        made.append(graph.name)
        original(self, graph, *args, **kwargs)

    monkeypatch.setattr(run.Program, "__init__", noted)
    return made
