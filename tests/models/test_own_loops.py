"""Training in a loop of one's own: gradients for the variables of a model, and steps of an optimizer along them."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import Model, Variable, ops
from kcore.layers import Dense, Lambda
from kcore.losses import MeanSquaredError
from kcore.models import Sequential
from kcore.optimizers import SGD

rng = np.random.default_rng(2)
X, Y = rng.normal(size=(20, 4)).astype("float32"), rng.normal(size=(20, 2)).astype("float32")


def test_a_variable_s_gradient_is_for_it_however_it_is_read(backend):
    v = Variable(np.arange(3.0))
    for function in (lambda t: ops.sum(t * t), lambda _: ops.sum(v * v), lambda t: ops.sum(t * v)):
        assert ops.convert_to_numpy(kcore.grad(function)(v)).tolist() == [0, 2, 4]
    value, (slope,) = kcore.value_and_grad(lambda ts: ops.sum(v * v) + ops.sum(ts[0]))([v])
    assert ops.convert_to_numpy(value) == 5 + 3 and ops.convert_to_numpy(slope).tolist() == [1, 3, 5]


def test_a_loop_trains_as_fit_does(backend):
    model = Sequential([Dense(3, activation="tanh", input_shape=(4,)), Dense(2)])
    other = Sequential([Dense(3, activation="tanh", input_shape=(4,)), Dense(2)])
    other.set_weights(model.get_weights())
    loss, optimizer = MeanSquaredError(), SGD(0.1)
    step = kcore.value_and_grad(lambda weights, x, y: loss(y, model(x, training=True)))
    told = []
    for _ in range(5):
        value, gradients = step(model.trainable_variables, X, Y)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        told.append(float(ops.convert_to_numpy(value)))
    other.compile(SGD(0.1), "mse")
    history = other.fit(X, Y, epochs=5, batch_size=20, verbose=0).history
    assert told == pytest.approx(history["loss"], rel=1e-5)


class Own(Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.a, self.b = Dense(3), Dense(2)

    def call(self, x):
        return self.b(self.a(x))


def test_a_model_of_one_s_own_is_built_by_its_shape(backend):
    model = Own()
    model.build((None, 4))
    assert [w.path for w in model.weights] == ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    assert model.output_shape == (None, 2) and model.predict(X).shape == (20, 2)


def test_what_keras_would_call_and_kcore_does_not_is_refused():
    with pytest.raises(TypeError, match=r"^Trained\.train_step would never be called: a step of kcore is one traced"):

        class Trained(Own):
            def train_step(self, data):
                raise AssertionError


def test_nothing_to_train_is_told(backend):
    model = Own(trainable=False)
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match=r"^Model 'own' has no weights that may be trained: no step moves any\."):
        model.fit(X, Y, verbose=0)
    model = Own(trainable=False)
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match=r"^Model 'own' has no weights that may be trained: no step moves any\."):
        model.train_on_batch(X, Y)


def test_a_weight_is_not_replaced_by_an_array():
    layer = Dense(2, input_shape=(4,))
    Sequential([layer])
    with pytest.raises(TypeError, match=r"^Layer 'dense': kernel is a variable, .* by kernel\.assign\(value\), or all"):
        layer.kernel = np.zeros((4, 2))
    layer.kernel = Variable(np.zeros((4, 2), "float32"))
    assert not layer.weights[0].numpy().any() or not layer.weights[-1].numpy().any()


def test_a_function_of_integers_is_given_integers(backend):
    ids = kcore.Input((3,), dtype="int32")
    model = Model(ids, Lambda(lambda x: ops.one_hot(x, 5))(ids))
    assert model.predict(np.array([[0, 4, 2]])).argmax(-1).tolist() == [[0, 4, 2]]


def test_wrong_optimizers_and_attributes():
    class Forgetful(kcore.optimizers.Optimizer):
        def update(self, param, grad, slots, learning_rate):
            return param - learning_rate * grad

    model = Own()
    model.compile(Forgetful(), "mse")
    with pytest.raises(TypeError, match=r"^Forgetful\.update must return \(parameter, slots\); slots may be \{\}\.$"):
        model.fit(X, Y, verbose=0)
    with pytest.raises(AttributeError, match=r"^Forgetful has no attribute 'lr': set learning_rate\.$"):
        model.optimizer.lr = 5


def test_a_layer_frozen_after_training_is_traced_once_more_and_no_oftener(backend, traces):
    model = Sequential([Dense(3, input_shape=(4,)), Dense(2)])
    model.compile("adam", "mse")
    model.fit(X, Y, batch_size=1, verbose=0)
    kept = model.get_weights()[0]
    model.layers[0].trainable = False
    model.compile("adam", "mse")
    traces.clear()
    model.fit(X, Y, batch_size=1, epochs=3, verbose=0)
    assert traces == ["train"] and np.array_equal(model.get_weights()[0], kept)


def test_models_that_share_a_layer_are_trained_in_turn(backend):
    x, shared = kcore.Input((4,)), Dense(3)
    one, other = (Model(x, Dense(2)(shared(x))) for _ in range(2))
    for model in (one, other):
        model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match=r"was traced 32 times, since its variables have moved each time"):
        told = [(one.train_on_batch(X, Y), other.train_on_batch(X, Y)) for _ in range(40)]
    assert told[-1] < told[0]
