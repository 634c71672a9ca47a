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
    """Does nothing to x, but looks at it."""

    def call(self, x):
        SEEN.append(self.look(x))
        return x

    def look(self, x):
        return x.numpy()


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
    seen.clear()  # it was built on ones
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    assert [len(a) for a in seen] == [8, 8, 4]
    assert all(((a == 0).any() and (abs(a) <= 2).all()) for a in seen)  # dropped, or tanh doubled
    seen.clear()
    model.predict(X, batch_size=16)
    assert [len(a) for a in seen] == [16, 4]
    np.testing.assert_allclose(seen[0], np.tanh(X[:16] @ model.get_weights()[0] + model.get_weights()[1]), rtol=1e-4)


def test_print_shows_numbers_for_each_batch(backend, capsys):
    class Printing(Watch):
        def look(self, x):
            print(x)

    model = network(True, Printing())
    assert capsys.readouterr().out.count("float32[2, 5]>\n") == 1  # without numbers, when it was built
    model.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    told = capsys.readouterr().out
    assert [told.count(f"float32[{n}, 5] = [[") for n in (8, 4)] == [2, 1] and told.count("<Symbol") == 3


class Curious(Watch):
    """Does to a symbol what only numbers can do."""

    def compute_output_shape(self, input_shape):
        return input_shape

    def look(self, x):
        total = ops.sum(x)
        assert "float32[" in repr(x) and str(x.numpy()) in repr(x)
        assert float(total) == pytest.approx(float(np.asarray(x).sum()), rel=1e-4)
        assert bool(total == total) and f"{total:.2f}" == f"{float(total):.2f}"
        assert int(ops.argmax(x)) == int(np.argmax(np.asarray(x)))
        return float(total)


def test_symbols_answer_as_arrays_do(backend, seen):
    model = network(True, Curious())
    model.train_on_batch(X, Y)
    assert len(seen) == 1 and isinstance(seen[0], float)


class Counting(Watch):
    """Keeps the last mask and counts its calls; sees the new number of a variable that it has assigned."""

    def build(self, input_shape):
        self.count = self.add_weight((), name="count", trainable=False, initializer="zeros")
        self.mask = self.add_weight((8, 5), name="mask", trainable=False, initializer="zeros")

    def compute_output_shape(self, input_shape):
        return input_shape

    def call(self, x):
        self.count.assign(self.count + 1.0)
        self.mask.assign(ops.dropout_mask((8, 5), 0.5, 9, "float32"))
        self.look(x)
        return x

    def look(self, x):
        """Nothing."""


class Watched(Counting):
    def look(self, x):
        SEEN.append((self.count.numpy().item(), float(self.count), np.asarray(self.count).item()))
        assert sorted(set(self.mask.numpy().ravel())) == [0, 2]


def test_variables_show_their_new_numbers_and_masks_are_the_same(backend, seen):
    models = [network(eagerly, layer()) for eagerly, layer in ((False, Counting), (True, Watched))]
    for model in models:
        model.fit(X, Y, batch_size=8, epochs=1, verbose=0)
    assert seen == [(n, n, n) for n in (1, 2, 3)]
    compiled, eager = (model.layers[2] for model in models)
    assert compiled.count.numpy() == eager.count.numpy() == 3
    np.testing.assert_array_equal(compiled.mask.numpy(), eager.mask.numpy())
    for a, b in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-6)


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
    with pytest.raises(TypeError, match=r"numpy\(\) needs numbers.*see it by compile\(run_eagerly=True\)"):
        network(False, Watch()).train_on_batch(X, Y)
