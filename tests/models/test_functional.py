"""Models drawn from placeholders: any graph of layers, shared and nested, with inputs and outputs of any nesting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kcore
from kcore import Input, Model, ops
from kcore.layers import Add, Average, Concatenate, Dense, Dropout, Flatten, Layer, Multiply, Reshape
from kcore.models import Sequential
from kcore.testing.tolerances import assert_close

rng = np.random.default_rng(0)
A, B = rng.normal(size=(9, 4)).astype("float32"), rng.normal(size=(9, 2)).astype("float32")


class Split(Layer):
    """Two results of one call."""

    def call(self, x, gain=1.0):
        return {"low": x[:, :2] * gain, "high": x[:, 2:]}


def test_a_graph_of_layers_gives_what_its_layers_give(backend):
    a, b = Input((4,)), Input((2,))
    hidden, out = Dense(2, activation="tanh"), Dense(3)
    model = Model([a, b], out(Concatenate()([hidden(a), b * 2.0 - 1.0])))
    inner = np.tanh(A @ hidden.kernel.numpy() + hidden.bias.numpy())
    wanted = np.concatenate([inner, B * 2 - 1], 1) @ out.kernel.numpy() + out.bias.numpy()
    assert_close("through float32", model.predict([A, B]), wanted)
    assert_close("through float32", ops.convert_to_numpy(model([A, B])), wanted)
    assert model.output_shape == (None, 3) and model.count_params() == 4 * 2 + 2 + 4 * 3 + 3


def test_a_shared_layer_has_one_set_of_weights_and_their_gradients_add_up(backend):
    a, b = Input((2,)), Input((2,))
    shared = Dense(1, use_bias=False, kernel_initializer="ones")
    model = Model([a, b], Add()([shared(a), shared(b)]))
    model.compile(kcore.optimizers.SGD(0.1), "mse")
    x, y = B, B[::-1]
    target = rng.normal(size=(9, 1))
    error = (x + y).sum(1, keepdims=True) - target
    model.train_on_batch([x, y], target)
    wanted = 1 - 0.1 * 2 * np.mean(error * (x + y), axis=0)[:, None]
    assert len(model.weights) == 1 and model.layers.count(shared) == 1
    assert_close("through float32", shared.kernel.numpy(), wanted.astype("float32"))


def test_models_are_layers_of_models(backend):
    x = Input((4,))
    encoder = Model(x, Dense(2, activation="relu")(x), name="encoder")
    decoder = Sequential([Dense(4, input_shape=(2,))], name="decoder")
    whole = Model(x, decoder(encoder(x)))
    assert [layer.name for layer in whole.layers] == ["encoder", "decoder"]
    assert [w.path for w in whole.weights] == ["dense/kernel", "dense/bias"] * 2
    assert np.array_equal(whole.predict(A), decoder.predict(encoder.predict(A)))
    whole.compile("sgd", "mse")
    before = encoder.get_weights()[0]
    whole.fit(A, A, verbose=0)
    assert not np.array_equal(encoder.get_weights()[0], before)
    assert np.array_equal(whole.predict(A), decoder.predict(encoder.predict(A)))


def test_results_of_one_call_go_several_ways_and_arguments_are_kept(backend):
    x = Input((4,))
    parts = Split()(x, gain=3.0)
    model = Model(x, {"sum": Add()([parts["low"], parts["high"]]), "low": parts["low"]})
    got = model.predict(A)
    assert list(got) == ["sum", "low"] and model.output_names == ["low", "sum"]
    assert np.array_equal(got["low"], A[:, :2] * 3) and np.array_equal(got["sum"], A[:, :2] * 3 + A[:, 2:])


def test_inputs_of_every_nesting(backend):
    def made(nest):
        a, b = Input((4,), name="a"), Input((2,), name="b")
        return Model(nest(a, b), Concatenate()([a, b]))

    wanted = np.concatenate([A, B], 1)
    for nest in (lambda a, b: [a, b], lambda a, b: (a, b), lambda a, b: {"a": a, "b": b}):
        model = made(nest)
        for x in ([A, B], (A, B), {"a": A, "b": B}, {"b": B, "a": A}):
            assert np.array_equal(model.predict(x), wanted)
        assert np.array_equal(ops.convert_to_numpy(model({"a": A, "b": B})), wanted)


def test_dropout_layers_of_one_model_draw_masks_of_their_own(backend):
    x = Input((64,))
    model = Model(x, [Dropout(0.5)(x), Dropout(0.5)(x)])
    one, other = map(ops.convert_to_numpy, model(np.ones((4, 64), "float32"), training=True))
    assert not np.array_equal(one, other)


def test_training_goes_through_a_model_as_through_its_layers(backend):
    x = Input((64,))
    model = Model(x, Dropout(0.5)(x, training=True))
    assert (model.predict(np.ones((2, 64))) == 0).any()


def test_parts_of_models_are_models_too(backend):
    x = Input((4,))
    whole = Model(x, Dense(2)(Dense(3, name="inner")(x)))
    first = Model(whole.inputs, whole.get_layer("inner").output)
    second = Model(whole.layers[1].input, whole.output)
    assert np.array_equal(second.predict(first.predict(A)), whole.predict(A))
    stack = Sequential([Dense(3, input_shape=(4,)), Dense(2)])
    assert np.array_equal(Model(stack.input, stack.output).predict(A), stack.predict(A))
    assert Model(stack.inputs, stack.layers[0].output).output_shape == (None, 3)
    with pytest.raises(
        AttributeError, match=r"^Layer 'dense' was called on placeholders never, so it has no one output"
    ):
        _ = Dense(2).output


def test_an_input_that_nothing_needs_is_taken(backend):
    a, b = Input((4,)), Input((2,))
    model = Model([a, b], Dense(2)(a))
    model.compile("sgd", "mse")
    model.fit([A, B], B, verbose=0)
    assert model.predict([A, B]).shape == (9, 2)


def test_integers_reach_the_layers_as_they_are(backend):
    class Rows(Layer):
        def build(self, input_shape):
            self.table = self.add_weight((5, 3), name="table")

        def call(self, x):
            return ops.take(self.table, x, axis=0)

    ids = Input((2,), dtype="int32")
    model = Model(ids, Flatten()(Rows()(ids)))
    x = rng.integers(0, 5, (9, 2))
    assert model.output_shape == (None, 6)
    table = model.get_weights()[0]
    assert np.array_equal(model.predict(x), table[x].reshape(9, 6))
    model.compile("sgd", "mse")
    model.fit(x, np.zeros((9, 6)), verbose=0)
    assert not np.array_equal(model.get_weights()[0], table)


def test_lengths_that_vary(backend):
    x = Input((None, 2))
    model = Model(x, Dense(3)(x))
    assert model.output_shape == (None, None, 3)
    assert model.predict(np.ones((4, 5, 2))).shape == (4, 5, 3) and model.predict(np.ones((4, 7, 2))).shape == (4, 7, 3)


@given(st.lists(st.sampled_from(["dense", "add", "multiply", "average", "operator", "reshape"]), max_size=6), st.data())
def test_random_graphs_are_what_they_say(steps, data):
    """Each step takes values that are there, in the model as in NumPy."""
    x = Input((4,))
    places, values = [x], [A]
    for step in steps:
        i, j = (data.draw(st.integers(0, len(places) - 1)) for _ in range(2))
        p, q, u, v = places[i], places[j], values[i], values[j]
        if step == "dense":
            layer = Dense(4)
            places.append(layer(p))
            values.append(u @ layer.kernel.numpy() + layer.bias.numpy())
        elif step == "operator":
            places.append(1.0 - p * q)
            values.append(1 - u * v)
        elif step == "reshape":
            places.append(Reshape((4,))(Reshape((2, -1))(p)))
            values.append(u)
        else:
            layer, function = {
                "add": (Add, np.add),
                "multiply": (Multiply, np.multiply),
                "average": (Average, lambda a, b: (a + b) / 2),
            }[step]
            places.append(layer()([p, q]))
            values.append(function(u, v))
    model = Model(x, places[-1]) if len(places) > 1 else Model(x, Dense(4)(x))
    if len(places) > 1:
        np.testing.assert_allclose(model.predict(A), values[-1], rtol=2e-4, atol=2e-4)
    names = [layer.name for layer in model.layers]
    assert len(set(names)) == len(names)


def test_summary_shows_each_layer_once(capsys):
    x = Input((4,))
    Model(x, Add()([Dense(4, name="one")(x), x]), name="skip").summary()
    shown = capsys.readouterr().out
    assert "Model: skip" in shown and "one (Dense)" in shown and "add (Add)" in shown and "(None, 4)" in shown


@pytest.mark.parametrize(
    "make, message",
    [
        (
            lambda a, b: Model(a, Dense(2)(Concatenate()([a, b]))),
            r"An output needs <Placeholder input float32\[None, 2\]>,",
        ),
        (lambda a, b: Model(A, Dense(2)(a)), r"Model\(inputs=\.\.\.\) takes what Input\(\.\.\.\) made"),
        (lambda a, b: Model(a, Dense(2)), r"Model\(outputs=\.\.\.\) takes what Input\(\.\.\.\) made .* got Dense"),
        (
            lambda a, b: Model(a, [Dense(2, name="d")(a), Dense(2, name="d")(a)]),
            r"The model has two layers 'd': names in a model are unique\.",
        ),
        (lambda a, b: Input(), r"Input takes the shape of one sample, as Input\(shape=\(784,\)\)"),
        (lambda a, b: Input(784), r"shape is a tuple of whole numbers, as Input\(shape=\(784,\)\); got 784\."),
        (lambda a, b: np.exp(a), r"has no numbers: it stands for what a model will be given"),
        (
            lambda a, b: ops.exp(a),
            r"a function of kcore\.ops goes into a layer, as Lambda\(lambda x: ops\.exp\(x\)\)\(x\)",
        ),
        (lambda a, b: 1 if a else 2, r"has no numbers: it stands for what a model will be given"),
        (lambda a, b: Model(a, Dense(2)(a)).get_config(), r"A model of placeholders has no configuration yet"),
        (
            lambda a, b: Model([a, b], Add()([a, a])).predict(A),
            r"x is one array, but the model has 2: 'input', 'input_1'",
        ),
        (lambda a, b: Model([a, b], Add()([a, a])).predict([A]), r"x is a list of 1, but the model has 2"),
        (
            lambda a, b: Model([a, b], Add()([a, a])).predict({"input": A, "inptu_1": B}),
            r"x has an entry for 'inptu_1', but the model has 'input', 'input_1'\. Did you mean 'input_1'\?",
        ),
        (
            lambda a, b: Model([a, b], Add()([a, a])).predict({"input": A}),
            r"x\['input_1'\] is missing: the model takes 'input', 'input_1'\.",
        ),
        (
            lambda a, b: Model([a, b], Add()([a, a])).predict([A, B[:3]]),
            r"x\['input'\] has 9 samples and x\['input_1'\] has 3",
        ),
        (
            lambda a, b: Model([a, b], Add()([a, a])).predict([B, A]),
            r"x\['input'\] has shape \(9, 2\), but the model takes samples of shape \(batch, 4\)\.",
        ),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=message):
        make(Input((4,)), Input((2,)))


def test_names_that_python_would_not_take(backend):
    a, b = Input((4,), name="a-b"), Input((4,), name="a b")
    model = Model([a, b], [Dense(2, name="o/1")(a), Dense(2, name="o 1")(b)])
    model.compile("sgd", "mse")
    history = model.fit({"a-b": A, "a b": A}, {"o/1": B, "o 1": B}, verbose=0).history
    assert list(history) == ["loss", "o/1_loss", "o 1_loss"]
    assert "matmul(x_a_b, " in str(model.program("train")) and "matmul(x_a_b_1, " in str(model.program("train"))


def test_data_take_the_dtype_that_the_input_says(backend):
    a, b = Input((2,)), Input((2,))
    x = np.full((1, 2), 200, "uint8")
    for model in (Model([a, b], Add()([a, b])), Model([a, b], a - b * 2.0)):
        wanted = 400 if "add" in model.output_names[0] else -200
        assert model.predict([x, x]).tolist() == [[wanted] * 2]
        assert ops.convert_to_numpy(model([x, x])).tolist() == [[wanted] * 2]
    stack = Sequential([Dense(1)])
    stack.predict(np.ones((4, 4), int))
    assert stack.predict(A) == pytest.approx(ops.convert_to_numpy(stack(A)), abs=1e-6)


def test_layers_of_two_models_meet_in_a_third(backend):
    coder, decoder = Sequential([Input((4,)), Dense(2)]), Sequential([Input((2,)), Dense(4)])
    both = Sequential(coder.layers + decoder.layers)
    assert [layer.name for layer in both.layers] == ["dense", "dense_1"]
    x = Input((4,))
    assert Model(x, decoder(coder(x))).layers == [coder, decoder]


def test_one_input_or_output_in_a_list_is_one(backend):
    x = Input((4,))
    model = Model([x], [Dense(2)(x)])
    assert model.output_shape == (None, 2) and model.predict(A).shape == (9, 2)
    assert Sequential([model, Dense(1)]).predict(A).shape == (9, 1)


def test_dictionaries_of_inputs_go_by_name(backend):
    a, b = Input((4,)), Input((4,))
    model = Model({"a": a, "b": b}, a - b)
    assert ops.convert_to_numpy(model({"b": A, "a": A * 3})) == pytest.approx(A * 2, abs=1e-5)
    with pytest.raises(ValueError, match=r"^The dictionary of inputs has an entry for 'c', but the model has 'a', 'b'"):
        model({"b": A, "c": A})
    with pytest.raises(ValueError, match=r"^The model has two inputs 'q': names of inputs are unique\."):
        Model([Input((4,), name="q"), Input((4,), name="q")], a)


def test_layers_in_containers_of_any_depth_are_trained_and_freeze_together(backend):
    class Deep(Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.a, self.b, self.c = [[Dense(2)]], (None, Dense(2)), {"k": [Dense(2)]}

        def call(self, x):
            return self.c["k"][0](self.b[1](self.a[0][0](x)))

    model = Deep()
    model.compile("sgd", "mse")
    model.fit(A, B, verbose=0)
    assert len(model.trainable_weights) == 6
    model.trainable = False
    assert not model.a[0][0].trainable and not Sequential([model, Dense(1)]).layers[0].trainable_weights
