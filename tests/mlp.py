"""The documents' network for MNIST, and numbers of MNIST's shape, drawn: no time depends on them."""

from __future__ import annotations

import numpy as np

from kcore.layers import Dense, Dropout
from kcore.models import Sequential
from kcore.optimizers import RMSprop

FEATURES, CLASSES, RATE, DROPPED = 784, 10, 1e-3, 0.2


def network(units: int = 512, dtype: str = "float32") -> Sequential:
    """784-512-512-10, compiled."""
    layers = [
        Dense(units, activation="relu", input_shape=(FEATURES,), dtype=dtype),
        Dropout(DROPPED, dtype=dtype),
        Dense(units, activation="relu", dtype=dtype),
        Dropout(DROPPED, dtype=dtype),
        Dense(CLASSES, activation="softmax", dtype=dtype),
    ]
    model = Sequential(layers)
    model.compile(loss="categorical_crossentropy", optimizer=RMSprop(RATE), metrics=["accuracy"])
    return model


def data(samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples and their classes, one-hot."""
    rng = np.random.default_rng(0)
    y = np.eye(CLASSES, dtype="float32")[rng.integers(0, CLASSES, samples)]
    return rng.random((samples, FEATURES), dtype="float32"), y
