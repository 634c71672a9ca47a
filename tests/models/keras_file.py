"""Writes keras-3.15.weights.h5, the file of Keras's that test_saving.py loads. In an environment with Keras:

KERAS_BACKEND=jax python tests/models/keras_file.py
"""

from __future__ import annotations

import pathlib

import numpy as np

FILE = pathlib.Path(__file__).with_name("keras-3.15.weights.h5")


def weights(shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    """What its arrays hold, in order: the numbers of each from 100, 200, ... on."""
    return [100.0 * (i + 1) + np.arange(np.prod(s), dtype="float32").reshape(s) for i, s in enumerate(shapes)]


if __name__ == "__main__":
    import keras
    from keras import layers

    inner = keras.Sequential([keras.Input((2,)), layers.Dense(3, activation="relu"), layers.Dense(2)])
    lstms = [layers.LSTM(3, return_sequences=True), layers.LSTM(2, use_bias=False)]
    model = keras.Sequential([keras.Input((4, 2)), *lstms, layers.Dropout(0.1), inner, layers.Dense(1)])
    model.compile("adam", "mse")
    model.set_weights(weights([tuple(w.shape) for w in model.weights]))
    model.fit(np.zeros((1, 4, 2)), np.zeros((1, 1)), epochs=0)
    model.save_weights(FILE)
