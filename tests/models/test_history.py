"""History: what it holds, as text and in a notebook."""

from __future__ import annotations

import math

import numpy as np

from kcore.layers import Dense
from kcore.models import Sequential
from kcore.models.history import History


def told(**logs: list[float]) -> History:
    history = History()
    for epoch, values in enumerate(zip(*logs.values(), strict=True)):
        history.on_epoch_end(epoch, dict(zip(logs, values, strict=True)))
    return history


def test_it_is_as_in_keras() -> None:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mean_squared_error", ["mean_absolute_error"])
    x, y = np.ones((4, 3)), np.ones((4, 1))
    history = model.fit(x, y, epochs=2, verbose=0, validation_data=(x, y))
    assert list(history.history) == ["loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"]
    assert history.epoch == [0, 1] and history.model is model and model.history is history
    assert history.params["epochs"] == 2 and history.params["steps"] == 1
    assert all(type(value) is float for values in history.history.values() for value in values)


def test_its_text_tells_the_last_values_and_better_ones() -> None:
    history = told(loss=[0.5, 0.25], accuracy=[0.5, 0.75], val_loss=[0.375, 0.5], val_acc=[0.75, 0.75])
    assert repr(history) == (
        "<History of 2 epochs: loss 0.2500, accuracy 0.7500, val_loss 0.5000 (best 0.3750 in epoch 1), val_acc 0.7500>"
    )
    assert repr(told(loss=[2e-5])) == "<History of 1 epoch: loss 2.000e-05>"
    assert repr(History()) == "<History of 0 epochs>"


def test_values_without_an_order_and_without_a_number() -> None:
    history = told(loss=[math.nan, 0.5, math.nan], score=[1.0, 3.0, 2.0], word=["a", "b", "c"], none=[math.nan] * 3)
    assert repr(history) == ("<History of 3 epochs: loss nan (best 0.5000 in epoch 2), score 2.0000, word c, none nan>")


def test_a_notebook_shows_a_table_with_names_escaped() -> None:
    text = told(**{"loss": [0.5, 0.75], "<b>": [1.0, 2.0]})._repr_html_()
    assert text.startswith("<table><caption>2 epochs</caption>")
    assert "<tr><td></td><td>last</td><td>best</td><td>in epoch</td></tr>" in text
    assert "<tr><td>loss</td><td>0.7500</td><td>0.5000</td><td>1</td></tr>" in text
    assert "<td>&lt;b&gt;</td>" in text and "<b>" not in text
