"""Files .weights.h5 between Keras and kcore, both ways: the same models, built by the same lines, predict the same."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kcore import layers as our_layers
from kcore import models as our_models
from kcore.testing.tolerances import assert_close

os.environ.setdefault("KERAS_BACKEND", "jax")
keras = pytest.importorskip("keras")
pytest.importorskip("h5py")

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's


def mlp(layers: Any, models: Any) -> Any:
    x = layers.Input((6,))
    inner = models.Sequential([layers.Input((8,)), layers.Dense(4), layers.Dense(3, use_bias=False)])
    return models.Model(x, layers.Dense(2)(inner(layers.Dropout(0.2)(layers.Dense(8, activation="relu")(x)))))


def branches(layers: Any, models: Any) -> Any:
    a, b = layers.Input((6,)), layers.Input((6,))
    near, shared = layers.Dense(4), layers.Dense(4, activation="tanh")
    y = layers.Add()([shared(near(a)), shared(layers.Dense(4)(b)), layers.Dense(4)(a)])
    return models.Model([a, b], layers.Concatenate()([layers.Dense(2)(y), near(b)]))


def nested(layers: Any, models: Any) -> Any:
    x, y = layers.Input((6,)), layers.Input((4,))
    inner = models.Sequential([layers.Input((4,)), layers.Dense(4)])
    return models.Model(x, models.Model(y, inner(layers.Dense(4)(y)))(inner(layers.Dense(4)(x))))


def recurrent(layers: Any, models: Any) -> Any:
    x = layers.Input((4, 5))
    each = [layers.LSTM(3, return_sequences=True), layers.LSTM(2, use_bias=False), layers.Dense(2)]
    y = x
    for layer in each:
        y = layer(y)
    return models.Model(x, layers.Concatenate()([y, layers.LSTM(3, go_backwards=True)(x)]))


def inputs(model: Any) -> Any:
    given = model.inputs if isinstance(model.inputs, list | tuple) else [model.inputs]
    rng = np.random.default_rng(1)
    arrays = [rng.normal(size=(5, *x.shape[1:])).astype("float32") for x in given]
    return arrays if len(arrays) > 1 else arrays[0]


@pytest.mark.parametrize("build", [mlp, branches, nested, recurrent])
@pytest.mark.parametrize("writer", ["keras", "kcore"])
def test_files_go_both_ways(build: Callable[[Any, Any], Any], writer: str, tmp_path: pathlib.Path) -> None:
    theirs, ours = build(keras.layers, keras), build(our_layers, our_models)
    saved, loaded = (theirs, ours) if writer == "keras" else (ours, theirs)
    saved.set_weights([np.random.default_rng(i).normal(size=w.shape) for i, w in enumerate(saved.get_weights())])
    saved.save_weights(str(tmp_path / "m.weights.h5"))
    loaded.load_weights(str(tmp_path / "m.weights.h5"))
    for a, b in zip(saved.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    x = inputs(saved)
    assert_close("product", loaded.predict(x, verbose=0), saved.predict(x, verbose=0))
