"""Cases that once gave wrong numbers in silence."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import Variable, ops
from kcore.interfaces import Callback
from kcore.layers import Dense, Layer
from kcore.models import Sequential
from kcore.program import Traced


class Folded(Layer):
    """A reshape of a reshape of a broadcast of a transpose, which no view can be."""

    def call(self, x):
        n = x.shape[0]
        wide = ops.broadcast_to(ops.reshape(ops.transpose(x), (3, n, 1)), (3, n, 4))
        return ops.reshape(ops.reshape(wide, (3 * n, 4)) * 2.0, (n, 12))


def test_a_view_that_cannot_be_one_is_copied_at_every_step(backend):
    model = Sequential([Folded(input_shape=(3,))])
    for seed in (0, 1):
        x = np.random.default_rng(seed).normal(size=(4, 3)).astype("float32")
        wide = np.broadcast_to(x.T.reshape(3, 4, 1), (3, 4, 4))
        np.testing.assert_array_equal(model.predict(x), (wide.reshape(12, 4) * 2).reshape(4, 12))


def test_a_gradient_is_for_its_argument_and_not_for_the_logits_behind_it(backend):
    y, logits = np.eye(3, dtype="float32"), np.arange(9, dtype="float32").reshape(3, 3) / 9
    inner = kcore.grad(lambda q: kcore.losses.CategoricalCrossentropy()(y, q))
    alone = ops.convert_to_numpy(inner(ops.softmax(logits)))
    traced = Traced(lambda z: [inner(ops.softmax(z))], "nested")(ops.convert_to_tensor(logits))[0]
    assert np.abs(alone).max() > 0.1
    np.testing.assert_allclose(ops.convert_to_numpy(traced), alone, rtol=1e-5)


def test_variables_of_any_name_stay_apart(backend):
    a, b, c = (Variable(np.float32(v), name=n) for v, n in ((1, "w_3"), (10, "w"), (100, "w")))
    assert float(ops.convert_to_numpy(kcore.grad(lambda x: x * a + x * b + x * c)(1.0))) == 111
    seed = Variable(np.float32(7), name="seed")
    drawn = kcore.grad(lambda x: ops.sum(x * seed * ops.dropout_mask((8,), 0.5, 0, "float32")))
    assert set(ops.convert_to_numpy(drawn(np.ones(8, "float32"))).tolist()) <= {0.0, 14.0}


@pytest.mark.parametrize("name", ["2nd", "\ufb01", "gr\u00f6\u00dfe/2\n import os", "matmul"])
def test_a_layer_may_have_any_name(name):
    model = Sequential([Dense(2, name=name, input_shape=(3,))])
    assert model.predict(np.ones((1, 3))).shape == (1, 2)


def test_a_layer_below_two_layers_is_trained_once():
    shared = Dense(2)

    class Wrap(Layer):
        inner: Layer

        def call(self, x):
            return self.inner(x)

    model = Sequential([Wrap(shared, name="a", input_shape=(2,)), Wrap(shared, name="b")])
    assert len(model.weights) == len(model.trainable_weights) == 2


def test_the_end_of_training_is_told_the_last_epoch_s_logs():
    told = []

    class Watch(Callback):
        def on_epoch_end(self, epoch, logs=None):
            told.append(dict(logs))

        def on_train_end(self, logs=None):
            told.append(dict(logs))

    model = Sequential([Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.ones((4, 1))
    model.fit(x, y, epochs=2, validation_data=(x, 9 * y), callbacks=[Watch()], verbose=0)
    assert told[-1] == told[-2]


def test_a_shape_goes_with_the_layer_that_gave_it():
    model = Sequential([Dense(2, input_shape=(4,))])
    model.pop()
    model.add(Dense(2, input_shape=(5,)))
    assert model.batch_shape == (None, 5)


def test_a_length_that_is_not_known_is_not_guessed():
    with pytest.raises(ValueError, match="known number of inputs"):
        Sequential([Dense(3, input_shape=(None,))])


def test_weights_made_in_call_are_refused():
    class Lost(Layer):
        def call(self, x):
            return Dense(3)(x)

    class Growing(Layer):
        def call(self, x):
            return x * self.add_weight((4,))

    for layer, text in ((Lost, "a Dense is made in `call`"), (Growing, "'growing' makes a weight in `call`")):
        with pytest.raises(RuntimeError, match=text):
            Sequential([layer(input_shape=(4,))])


def test_a_weight_that_is_frozen_between_two_fits_stays_where_it_is():
    model = Sequential([Dense(2, input_shape=(2,)), Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.ones((4, 1))
    model.fit(x, y, verbose=0)
    kernel = model.layers[0].kernel
    kernel.trainable = False
    before, bias = kernel.numpy(), model.layers[0].bias.numpy()
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(kernel.numpy(), before)
    assert (model.layers[0].bias.numpy() != bias).any()


def test_numbers_that_a_loss_function_reads_from_outside_are_seen():
    weight = 2.0

    def weighted(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred) * weight, -1)

    error = kcore.losses.CategoricalCrossentropy(from_logits=True, name="error")
    model = Sequential([Dense(2, input_shape=(2,))])
    model.compile("sgd", weighted, [error])
    x, y = np.ones((4, 2)), np.eye(2)[[0, 1, 0, 1]] * 3
    first = model.evaluate(x, y, verbose=0)
    weight, error.from_logits = 4.0, False
    second = model.evaluate(x, y, verbose=0)
    assert second[0] == pytest.approx(2 * first[0], rel=1e-6) and second[1] != first[1]
