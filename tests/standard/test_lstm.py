"""What rows do not show of recurrent layers: states, dropout, gradients of weights, errors, training."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcore import Input, Model, ops
from kcore.layers import GRU, LSTM, Dense, SimpleRNN
from kcore.models import Sequential
from kcore.optimizers import SGD
from kcore.testing.tolerances import assert_close
from kcore.utils import set_random_seed
from tests.standard.layers_rows import lstm_step, recurrent
from tests.standard.rows import differences

on_each_backend = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = (LSTM, GRU, SimpleRNN)
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 4)
FORMULA = recurrent(lstm_step, 2)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def host(values):
    return [ops.convert_to_numpy(v) for v in values] if isinstance(values, list) else ops.convert_to_numpy(values)


def same(*layers):
    """Give all the first one's weights."""
    for layer in layers[1:]:
        layer.set_weights(layers[0].get_weights())


# weights --------------------------------------------------------------------------------------------------


def test_lstm_s_weights_have_keras_s_layout_and_first_values():
    layer = LSTM(5)
    layer(drawn(2, 3, 4))
    kernel, recurrent_kernel, bias = layer.get_weights()
    assert [w.path for w in layer.weights] == ["lstm/kernel", "lstm/recurrent_kernel", "lstm/bias"]
    assert (kernel.shape, recurrent_kernel.shape, bias.shape) == ((4, 20), (5, 20), (20,))
    assert np.array_equal(bias, np.repeat([0, 1, 0, 0], 5))
    assert np.allclose(recurrent_kernel @ recurrent_kernel.T, np.eye(5), atol=1e-6)
    assert np.abs(kernel).max() <= np.sqrt(6 / 24)


@pytest.mark.parametrize(
    ("options", "shape"), [({}, (2, 15)), ({"reset_after": False}, (15,)), ({"use_bias": False}, None)]
)
def test_gru_s_biases_have_keras_s_layout(options, shape):
    layer = GRU(5, **options)
    layer(drawn(2, 3, 4))
    assert [w.shape for w in layer.weights] == [(4, 15), (5, 15), *([shape] if shape else [])]


@pytest.mark.parametrize("options", [{}, {"unroll": True}, {"go_backwards": True}])
def test_a_step_of_sgd_moves_each_weight_by_its_gradient(backend, options):
    x, y = drawn(3, 4, 2), drawn(3, 3, seed=1)
    model = Sequential([LSTM(3, dtype="float64", input_shape=(4, 2), **options)])
    model.compile(SGD(1.0), "mean_squared_error")
    before = model.get_weights()
    model.train_on_batch(x, y)
    formula = recurrent(lstm_step, 2, backwards="go_backwards" in options)
    for i, (old, new) in enumerate(zip(before, model.get_weights(), strict=True)):

        def loss(w, i=i):
            return np.mean((formula(x, *before[:i], w, *before[i + 1 :]) - y) ** 2)

        assert_close("gradient", old - new, differences(loss, old))


# states ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@given(batch=sizes, steps=st.integers(2, 5), seed=seeds)
@on_each_backend
def test_two_parts_of_a_sequence_give_what_the_whole_gives(backend, kind, batch, steps, seed):
    x = drawn(batch, steps, 2, seed=seed)
    layer = kind(3, return_sequences=True, return_state=True, dtype="float64")
    whole = host(layer(x))
    assert len(whole) == 1 + layer.state_count and np.array_equal(whole[0][:, -1], whole[1])
    cut = 1 + seed % (steps - 1)
    first, *states = layer(x[:, :cut])
    second, *ends = layer(x[:, cut:], initial_state=states)
    assert_close("loop", np.concatenate(host([first, second]), 1), whole[0])
    for got, wanted in zip(host(ends), whole[1:], strict=True):
        assert_close("loop", got, wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_backwards_is_forwards_over_the_sequence_reversed(backend, kind):
    x = drawn(2, 5, 3)
    ways = [kind(4, return_sequences=True, return_state=True, go_backwards=way, dtype="float64") for way in (0, 1)]
    for way in ways:
        way(x)
    same(*ways)
    for got, wanted in zip(host(ways[1](x)), host(ways[0](x[:, ::-1])), strict=True):
        assert_close("loop", got, wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stateful_layer_goes_on_where_it_left_off(backend, kind):
    x = drawn(2, 6, 3)
    whole, layer = kind(4, return_sequences=True), kind(4, stateful=True, return_sequences=True)
    wanted = host(whole(x))
    layer(x)
    same(whole, layer)
    layer.reset_state()
    for _ in range(2):
        parts = [host(layer(x[:, i : i + 2])) for i in (0, 2, 4)]
        assert_close("product", np.concatenate(parts, 1), wanted)
        layer.reset_states()
    layer(x)
    other = host(layer(x[:1]))  # another size of a batch has states of its own
    assert_close("product", other, wanted[:1])
    assert len(layer.weights) == len(whole.weights)


def test_fit_and_predict_carry_the_states_from_batch_to_batch(backend):
    x = drawn(4, 3, 2).astype("float32")
    layer = LSTM(3, stateful=True, input_shape=(None, 2))
    model = Sequential([layer])
    model.compile("sgd", "mean_squared_error")
    together = model.predict(np.concatenate([x[:2], x[2:]], 1), verbose=0)
    layer.reset_state()
    assert_close("product", model.predict(x, batch_size=2, verbose=0)[2:], together)
    layer.reset_state()
    model.fit(x, np.zeros((4, 3)), batch_size=2, epochs=2, shuffle=False, verbose=0)
    assert not np.allclose(model.predict(x[:2], verbose=0), FORMULA(x[:2], *layer.get_weights()))


# dropout --------------------------------------------------------------------------------------------------


def published(layer, call, shape, rate):
    """The mask that the documented random bits make in the layer's second call."""
    count = shape[0] * shape[1]
    words = np.random.Philox(key=[layer.seeds.seed, layer.stream], counter=[0, 2, call, 0]).random_raw(-(-count // 4))
    bits = words.astype("<u8").view("<u2")[:count].reshape(shape)
    return (bits >= round(rate * 65536)) / (1 - rate)


def test_dropout_leaves_out_the_same_inputs_at_every_step(backend):
    layer, x = LSTM(3, dropout=0.4, dtype="float64"), drawn(5, 6, 4)
    layer(x, training=True)
    got = host(layer(x, training=True))
    mask = published(layer, 0, (5, 4), 0.4)
    assert 0 < np.mean(mask == 0) < 1
    assert_close("loop", got, FORMULA(x * mask[:, None], *layer.get_weights()))
    assert_close("loop", host(layer(x)), FORMULA(x, *layer.get_weights()))


def test_recurrent_dropout_has_a_mask_for_each_gate_and_then_dropout_too(backend):
    layer, x = LSTM(3, dropout=0.3, recurrent_dropout=0.5, dtype="float64"), drawn(5, 6, 4)
    layer(x, training=True)
    got = host(layer(x, training=True))
    of_x = [published(layer, i, (5, 4), 0.3) for i in range(4)]
    of_h = [published(layer, i + 4, (5, 3), 0.5) for i in range(4)]
    kernel, recurrent_kernel, bias = layer.get_weights()

    def step(x, states, *_):
        parts = zip(of_x, of_h, np.split(kernel, 4, -1), np.split(recurrent_kernel, 4, -1), strict=True)
        z = np.concatenate([(x * a) @ w + (states[0] * b) @ u for a, b, w, u in parts], -1)
        return lstm_step(np.zeros((5, 1)), states, np.zeros((1, 12)), np.zeros((3, 12)), z + bias)

    assert_close("loop", got, recurrent(step, 2)(x, kernel, recurrent_kernel, bias))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"recurrent_dropout": 0.5}, {"recurrent_dropout": 0.5, "unroll": True}])
def test_dropout_with_a_seed_repeats_draws_anew_and_leaves_predictions_alone(kind, options):
    x = drawn(8, 3, 4)
    one, two, none = (kind(6, dropout=0.5, seed=seed, **options) for seed in (1, 1, None))
    for layer in (one, two, none):
        layer(x)
    same(one, two, none)
    first, second = ([host(layer(x, training=True)) for _ in range(2)] for layer in (one, two))
    assert np.array_equal(first, second) and not np.array_equal(*first)
    assert not np.array_equal(host(none(x, training=True)), first[0])
    assert np.array_equal(host(one(x)), host(none(x)))


@pytest.mark.parametrize("options", [{}, {"reset_after": False}])
def test_gru_with_recurrent_dropout_of_all_sees_no_state(options):
    layer, x = GRU(3, recurrent_dropout=1.0, use_bias=False, dtype="float64", **options), drawn(4, 1, 2)
    one_step = host(layer(x))
    assert_close("loop", host(layer(x, training=True, initial_state=np.zeros((4, 3)))), one_step)
    blind = host(layer(x, training=True, initial_state=np.ones((4, 3))))
    gate = 1 / (1 + np.exp(-(x[:, 0] @ layer.get_weights()[0])[:, :3]))
    assert_close("loop", blind, one_step + gate)


# errors ---------------------------------------------------------------------------------------------------


def test_inputs_that_do_not_fit_are_answered():
    with pytest.raises(ValueError, match=r"Layer 'lstm' takes sequences of shape \(batch, steps, inputs\).*got shape "):
        LSTM(3)(drawn(2, 4))
    with pytest.raises(ValueError, match=r"Call it with one array; states go into initial_state=\."):
        LSTM(3)([drawn(2, 4, 5), drawn(2, 3), drawn(2, 3)])
    layer = LSTM(3)
    layer(drawn(2, 4, 5))
    with pytest.raises(ValueError, match=r"takes sequences of shape \(batch, steps, 5\), as it was built for; got"):
        layer(drawn(2, 4, 6))
    model = Sequential([LSTM(3, input_shape=(4, 2))])
    with pytest.raises(ValueError, match="give that return_sequences=True"):
        model.add(LSTM(3))
        model.build((None, 4, 2))


def test_initial_states_that_do_not_fit_are_answered():
    x = drawn(2, 4, 5)
    with pytest.raises(ValueError, match=r"initial_state takes 2 of shape \(2, 3\); got shapes \[\(2, 3\)\]"):
        LSTM(3)(x, initial_state=[np.zeros((2, 3))])
    with pytest.raises(ValueError, match=r"initial_state takes 1 of shape \(2, 3\); got shapes \[\(2, 4\)\]"):
        GRU(3)(x, initial_state=np.zeros((2, 4)))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"units": 0}, "LSTM: units must be a whole number of at least 1; got 0"),
        ({"units": 3, "dropout": 1.5}, "LSTM: dropout must be a number of at least 0 and at most 1; got 1.5"),
        ({"units": 3, "recurrent_activation": "sigmod"}, "Unknown activation 'sigmod'.*Did you mean 'sigmoid'"),
        ({"units": 3, "recurrent_initializer": "orthogonl"}, "Did you mean 'orthogonal'"),
    ],
)
def test_arguments_that_do_not_fit_are_answered(options, text):
    with pytest.raises(ValueError, match=text):
        LSTM(**options)


# training -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"stateful": True, "dropout": 0.2, "recurrent_dropout": 0.2}])
def test_steps_run_eagerly_are_the_same_steps(options, unseeded):
    ends = []
    for eagerly in (False, True):
        set_random_seed(3)
        model = Sequential([LSTM(3, input_shape=(4, 2), return_sequences=True, **options)])
        model.compile("sgd", "mean_squared_error", run_eagerly=eagerly)
        model.fit(drawn(4, 4, 2), np.ones((4, 4, 3)), batch_size=2, epochs=2, verbose=0, shuffle=False)
        ends.append(model.get_weights())
    for got, wanted in zip(*ends, strict=True):
        assert_close("product", got, wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_a_recurrent_network_learns_which_of_two_steps_was_larger(kind, unseeded):
    rng = np.random.default_rng(0)
    x = rng.random((512, 2, 1), "float32")
    y = np.eye(2)[np.argmax(x[:, :, 0], 1)]
    model = Sequential([kind(8), Dense(2, activation="softmax")])
    model.compile(SGD(1.0), "categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=32, epochs=10, verbose=0)
    assert history.history["accuracy"][-1] > 0.9 > history.history["accuracy"][0]


def test_an_encoder_s_states_are_where_a_decoder_starts(backend):
    first, second = Input((None, 4)), Input((5, 3))
    _, *states = LSTM(6, return_state=True, dtype="float64")(first)
    decoder = LSTM(6, return_sequences=True, dtype="float64")
    model = Model([first, second], decoder(second, initial_state=states))
    assert model.output_shape == (None, 5, 6)
    model.compile("sgd", "mean_squared_error")
    x, y = drawn(2, 7, 4), drawn(2, 5, 3)
    model.fit([x, y], np.ones((2, 5, 6)), verbose=0)
    _, *kept = host(model.layers[-2 if model.layers[-1] is decoder else -1](x))
    assert_close("through float32", model.predict([x, y], verbose=0), host(decoder(y, initial_state=kept)))
