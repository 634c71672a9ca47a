"""compile(run_eagerly=True): the same results, with numbers to be seen on the way."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.layers import Dense, Dropout, Layer
from kcore.models import Sequential

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 4)).astype("float32"), RNG.normal(size=(20, 2)).astype("float32")


class Watch(Layer):
    """Does nothing to x, but calls `seen` with it."""

    def call(self, x):
        SEEN.append(self.look(x))
        return x

    def look(self, x):
        return None if "=" not in repr(x) else x.numpy()  # it is recorded without numbers too, to learn its shape


SEEN: list[object] = []


@pytest.fixture(autouse=True)
def seen():
    SEEN.clear()
    return SEEN


def network(run_eagerly, *layers):
    kcore.utils.set_random_seed(3)
    model = Sequential([Dense(5, activation="tanh", input_shape=(4,)), Dropout(0.5), *layers, Dense(2)])
    model.compile("rmsprop", "mean_squared_error", ["mean_squared_error"], run_eagerly=run_eagerly)
    return model


def trained(run_eagerly):
    model = network(run_eagerly)
    history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0, validation_data=(X, Y))
    return model, history.history


def test_the_results_are_those_of_the_program(backend):
    (compiled, history), (eager, seen_history) = trained(False), trained(True)
    for a, b in zip(compiled.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-6)
    for name, values in history.items():
        np.testing.assert_allclose(seen_history[name], values, rtol=1e-5)
    np.testing.assert_allclose(eager.predict(X, verbose=0), compiled.predict(X, verbose=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(eager.evaluate(X, Y, verbose=0), compiled.evaluate(X, Y, verbose=0), rtol=1e-5)


def test_layers_see_numbers_batch_by_batch(backend, seen):
    model = network(True, Watch())
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    given = [a for a in seen if a is not None and a.any()]
    assert [len(a) for a in given] == [8, 8, 4]
    assert all(((a == 0).any() and (abs(a) <= 2).all()) for a in given)  # dropped, or tanh doubled


class Curious(Watch):
    """Does to a symbol what only numbers can do."""

    def look(self, x):
        total = ops.sum(x)
        if x.node.value is None:
            return None
        assert "float32[" in repr(x) and str(x.numpy()) in repr(x)
        assert float(total) == pytest.approx(float(np.asarray(x).sum()), rel=1e-4)
        assert bool(total == total) and f"{total:.2f}" == f"{float(total):.2f}"
        assert int(ops.argmax(x)) == int(np.argmax(np.asarray(x)))
        return float(total)


def test_symbols_answer_as_arrays_do(backend, seen):
    model = network(True, Curious())
    model.train_on_batch(X, Y)
    assert isinstance(seen[-1], float)


class Doubling(Layer):
    """Adds up its inputs in a loop, and counts its calls."""

    def build(self, input_shape):
        self.count = self.add_weight((), name="count", trainable=False, initializer="zeros")

    def call(self, x):
        self.count.assign(self.count + 1.0)
        last, _ = ops.scan(lambda c, t: (c * ops.dropout_mask(c.shape, 0.5, 9, "float32") + t, None), x[0] * 0.0, x)
        SEEN.append(last.node.value is not None)
        return x + last


def test_loops_draw_the_same_bits_and_states_are_written(backend, seen):
    weights = []
    for run_eagerly in (False, True):
        model = network(run_eagerly, Doubling())
        model.fit(X, Y, batch_size=10, epochs=2, verbose=0)
        weights.append(model.get_weights())
        assert float(model.layers[2].count) == 4
    assert seen[-1] is True
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-4, atol=1e-5)


def test_without_it_symbols_refuse(backend):
    class Rash(Watch):
        def look(self, x):
            return x.numpy()

    with pytest.raises(TypeError, match=r"numpy\(\) needs numbers.*see it by compile\(run_eagerly=True\)"):
        network(False, Rash())
