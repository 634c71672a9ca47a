"""Sequential: layers one after the other, and the table that shows them."""

from __future__ import annotations

import numpy as np
import pytest

from kcore.layers import Activation, Dense, Dropout, Flatten, Input, Layer
from kcore.models import Sequential

SUMMARY = """\
Model: sequential

 Layer (type)          Output shape   Parameters
 ───────────────────────────────────────────────
 dense (Dense)         (None, 512)       401,920
 dropout (Dropout)     (None, 512)             0
 dense_1 (Dense)       (None, 512)       262,656
 dropout_1 (Dropout)   (None, 512)             0
 dense_2 (Dense)       (None, 10)          5,130

Trainable parameters:     669,706 (2.55 MiB)
Non-trainable parameters: 0
"""


def test_add_pop_layers_and_names():
    model = Sequential([Dense(4, input_shape=(3,)), Activation("relu")], name="net")
    model.add(Dense(2))
    model.add(Dense(2, name="out"))
    assert [layer.name for layer in model.layers] == ["dense", "activation", "dense_1", "out"]
    assert (model.name, model.batch_shape, model.output_shape) == ("net", (None, 3), (None, 2))
    assert model.pop().name == "out" and len(model.layers) == 3
    assert [w.path for w in model.weights] == ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    assert model.count_params() == 16 + 10


def test_get_layer():
    model = Sequential([Dense(4, input_shape=(3,)), Dense(2, name="out")])
    assert model.get_layer("out") is model.get_layer(index=1) is model.get_layer(index=-1) is model.layers[1]
    message = r"^No layer has name 'ouch', index None\. The layers are: dense, out\.$"
    with pytest.raises(ValueError, match=message):
        model.get_layer("ouch")
    with pytest.raises(ValueError, match="index 2"):
        model.get_layer(index=2)


@pytest.mark.parametrize(
    "first, batch_shape",
    [
        (lambda: [Dense(2, input_shape=(3,))], (None, 3)),
        (lambda: [Input((3,)), Dense(2)], (None, 3)),
        (lambda: [Flatten(input_shape=(3, 4)), Dense(2)], (None, 3, 4)),
        (lambda: [Sequential([Dense(5, input_shape=(3,))]), Dense(2)], (None, 3)),
    ],
    ids=["input_shape", "Input", "Flatten", "a model"],
)
def test_a_model_knows_its_shapes_before_it_sees_data(first, batch_shape):
    model = Sequential(first())
    assert (model.batch_shape, model.output_shape) == (batch_shape, (None, 2))
    assert model.predict(np.zeros((5, *batch_shape[1:]))).shape == (5, 2)


def test_a_model_without_input_shape_learns_it_from_data(make):
    model = Sequential([Dense(2)])
    message = r"^The model does not know the shape of its input yet\. .* as Dense\(\.\.\., input_shape="
    with pytest.raises(ValueError, match=message):
        _ = model.output_shape
    assert model.predict(np.zeros((5, 3))).shape == (5, 2)
    assert model.output_shape == (None, 2)


@pytest.mark.parametrize(
    "layers, error, message",
    [
        (
            lambda: [Dense],
            TypeError,
            r"^add\(\) takes a layer, as Dense\(10\); got <class .* of the class: put \(\) behind it\.$",
        ),
        (lambda: ["dense"], TypeError, r"^add\(\) takes a layer, as Dense\(10\); got 'dense'\.$"),
        (
            lambda: [Dense(1, name="a"), Dense(1, name="a")],
            ValueError,
            r"^The model has two layers 'a': names",
        ),
    ],
)
def test_what_cannot_be_added(layers, error, message):
    with pytest.raises(error, match=message):
        Sequential(layers())


class Scaled(Layer):
    """Multiplies by a weight, and says its output's shape itself."""

    def build(self, input_shape):
        self.scale = self.add_weight(input_shape[1:], "ones", name="scale")

    def compute_output_shape(self, input_shape):
        return input_shape

    def call(self, x):
        return x * self.scale


def test_a_layer_that_says_its_output_s_shape_is_built_and_trained_from_the_first_step():
    model = Sequential([Scaled(input_shape=(3,))])
    assert len(model.trainable_weights) == 1
    model.compile("sgd", "mean_squared_error")
    model.train_on_batch(np.ones((2, 3)), np.zeros((2, 3)))
    assert (model.layers[0].scale.numpy() < 1).all()


def test_a_layer_that_does_not_fit_is_not_added():
    built = Dense(2)
    built(np.ones((1, 5)))
    model = Sequential([Dense(4, input_shape=(3,))])
    with pytest.raises(ValueError, match=r"^Layer 'dense_1' takes inputs of shape \(batch, \.\.\., 5\).*got \(2, 4\)"):
        model.add(built)
    assert len(model.layers) == 1 and model.output_shape == (None, 4)


def test_an_empty_model():
    with pytest.raises(ValueError, match=r"^There is no layer to pop: the model is empty\.$"):
        Sequential().pop()
    with pytest.raises(ValueError, match=r"^The model has no layers: add\(\) some first\.$"):
        Sequential().predict(np.zeros((1, 1)))


def test_a_configuration_gives_an_equal_model(make):
    model = make()
    again = Sequential.from_config(model.get_config())
    assert again.get_config() == model.get_config()
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    again.set_weights(model.get_weights())
    x = np.ones((3, 6))
    assert np.array_equal(again.predict(x), model.predict(x))


# summary --------------------------------------------------------------------------------------------------


def test_summary_at_80_columns(monkeypatch, capsys, mnist_network):
    monkeypatch.setenv("COLUMNS", "80")
    mnist_network().summary()
    assert capsys.readouterr().out == SUMMARY


def test_summary_of_a_model_with_long_names_frozen_and_unknown_parts(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = []
    model = Sequential([Dense(3, input_shape=(2,), name="encoder_" * 12, trainable=False), Dropout(0.5), Dense(1)])
    model.summary(print_fn=lines.append)
    (text,) = lines
    assert max(map(len, text.splitlines())) <= 80
    assert "Trainable parameters:     4 (16 bytes)\nNon-trainable parameters: 9 (36 bytes)" in text
    Sequential([Dense(3)]).summary(print_fn=lines.append)
    assert " dense (Dense)   ? " in lines[1]


def test_a_model_that_began_with_an_input_knows_its_shape_in_its_configuration():
    model = Sequential([Input((4,)), Dense(2)])
    again = Sequential.from_config(model.get_config())
    assert again.output_shape == (None, 2) and again.count_params() == 10
