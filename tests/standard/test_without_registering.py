"""Functions and classes of the user's own serve unregistered, with their arguments as configuration."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.interfaces import Initializer, Layer, Loss, Metric, Optimizer
from kcore.layers import Activation, Dense
from kcore.models import Sequential
from kcore.optimizers import SGD


class Scale(Layer):
    """In the style of attrs: a field is an argument, a default and the configuration."""

    factor: float = 2.0

    def call(self, x):
        return x * self.factor


class Affine(Layer):
    """In the style of Keras."""

    def __init__(self, units=3, start="ones", **options):
        super().__init__(**options)
        self.units, self.start = units, start

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer=self.start, name="kernel")
        self.moved = self.add_weight(shape=(), initializer="zeros", trainable=False, name="moved")

    def call(self, inputs, training=False):
        if training:
            self.moved.assign(self.moved + 1.0)
        return ops.matmul(inputs, self.kernel)


class Twice(Affine):
    def __init__(self, *args, times=2, **kwargs):
        super().__init__(*args, **kwargs)
        self.times = times

    def call(self, inputs):
        return super().call(inputs) * self.times


class Power(Loss):
    power: int = 4

    def call(self, y_true, y_pred):
        return ops.mean((y_pred - y_true) * (y_pred - y_true), -1) * self.power


class Largest(Initializer):
    value: float = 0.5

    def draw(self, shape, rng):
        return np.full(shape, self.value)


class Signs(Optimizer):
    def update(self, param, grad, slots, learning_rate):
        return param - learning_rate * (ops.cast(grad > 0, "float32") - ops.cast(grad < 0, "float32")), slots


class Error(Metric):
    def call(self, y_true, y_pred):
        return ops.sum(ops.maximum(y_true - y_pred, y_pred - y_true), -1)


def absolute(y_true, y_pred):
    return ops.mean(ops.maximum(y_true - y_pred, y_pred - y_true), -1)


def half(x):
    return x * 0.5


@pytest.mark.parametrize(
    "layer, config",
    [
        (Scale(3.0, name="s"), {"factor": 3.0, "name": "s"}),
        (Affine(4, name="a"), {"units": 4, "start": "ones", "name": "a"}),
        (Twice(4, times=3), {"units": 4, "start": "ones", "times": 3}),
    ],
    ids=["attrs", "own __init__", "subclass of an own __init__"],
)
def test_the_arguments_are_the_configuration(layer, config):
    assert config.items() <= layer.get_config().items()
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    x = np.ones((2, 3), "float32")
    assert np.array_equal(ops.convert_to_numpy(again(x)), ops.convert_to_numpy(layer(x)))


def test_a_layer_in_the_style_of_keras_computes_and_keeps_state(backend):
    layer = Affine(2)
    x = np.array([[1.0, 2.0, 3.0]])
    assert ops.convert_to_numpy(layer(x, training=True)).tolist() == [[6, 6]]
    assert ops.convert_to_numpy(layer(x, training=True)).tolist() == [[6, 6]]
    layer(x)
    assert layer.moved.numpy() == 2
    assert [w.path for w in layer.trainable_weights] == ["affine/kernel"]
    assert [w.path for w in layer.non_trainable_weights] == ["affine/moved"]


def test_an_init_that_forgets_its_base_is_told():
    class Forgetful(Layer):
        def __init__(self, units):
            self.units = units

    with pytest.raises(RuntimeError, match=r"^Forgetful.__init__ must begin with super\(\).__init__\(\*\*kwargs\).$"):
        Forgetful(3)


def test_a_model_trains_with_all_of_them(backend):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 3)).astype("float32")
    y = x @ np.array([[1.0], [-1.0], [0.5]], "float32")
    model = Sequential([Affine(4, start=Largest(0.1)), Dense(1, activation=half), Activation(half), Scale(4.0)])
    model.compile(Signs(0.01), Power(), [Error(), absolute])
    history = model.fit(x, y, batch_size=16, epochs=3, verbose=0).history
    assert list(history) == ["loss", "error", "absolute"]
    assert all(values[-1] < values[0] for values in history.values())
    # For one output the sum over the last axis is the mean over it.
    assert history["error"] == pytest.approx(history["absolute"], rel=1e-6)
    assert model.layers[0].moved.numpy() == 12


def test_a_function_is_a_loss(backend):
    model = Sequential([Dense(1, input_shape=(2,), kernel_initializer="zeros")])
    model.compile("sgd", absolute)
    y = np.array([[1.0], [-3.0]])
    assert model.test_on_batch(np.ones((2, 2)), y) == 2


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Dense(3, activation="relo"), "Unknown activation 'relo'"),
        (
            lambda: Sequential().compile(optimizer=half),
            "The optimizer must be a name, an object, a class or a configuration",
        ),
        (lambda: Sequential().compile(loss=Error()), r"The loss must be .* got Error: Error\(\)"),
        (lambda: Sequential().compile(loss=Scale), "The loss must be .* got type: <class '.*Scale'>"),
        (lambda: Sequential().compile(metrics=[SGD()]), r"The metric must be .* got SGD: SGD\(\)"),
        (lambda: Dense(3, activation=3), "The activation must be .* got int: 3"),
    ],
)
def test_what_is_no_such_thing_is_refused(make, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make()
