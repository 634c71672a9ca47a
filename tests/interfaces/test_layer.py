"""Layer: what it holds, what it computes on data, and when a change makes it trace again."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import Variable, ops
from kcore.interfaces import Layer
from kcore.layers import Activation, Dense, Dropout, Flatten
from kcore.models import Sequential
from kcore.ops import convert_to_numpy
from kcore.program import run


class Tower(Layer):
    """Layers in attributes, in lists that grow, in dictionaries and behind an underscore."""

    def __init__(self, **options):
        super().__init__(**options)
        self.first = Dense(2)
        self.many = []
        for _ in range(2):
            self.many.append(Dense(3))
        self.named = {"a": Dense(4)}
        self._hidden = Dense(5, use_bias=False)
        self.scale = Variable(2.0, name="scale")

    def call(self, x):
        for layer in (self.first, *self.many, self.named["a"], self._hidden):
            x = layer(x)
        return x * self.scale


@pytest.fixture
def traces(monkeypatch) -> list[str]:
    """The names of the programs that are made while the test runs."""
    made = []
    original = run.Program.__init__

    def noted(self, graph, *args, **kwargs):
        made.append(graph.name)
        original(self, graph, *args, **kwargs)

    monkeypatch.setattr(run.Program, "__init__", noted)
    return made


# weights --------------------------------------------------------------------------------------------------


def test_weights_of_all_that_a_layer_holds():
    tower = Tower()
    assert tower(np.ones((1, 3))).shape == (1, 5)
    assert [w.shape for w in tower.weights] == [
        (),
        (3, 2),
        (2,),
        (2, 3),
        (3,),
        (3, 3),
        (3,),
        (3, 4),
        (4,),
        (4, 5),
    ]
    assert tower.count_params() == 1 + 8 + 9 + 12 + 16 + 20
    assert tower.trainable_weights == tower.weights and tower.non_trainable_weights == []
    assert [layer.units for layer in tower.sublayers] == [2, 3, 3, 4, 5]


def test_what_is_not_trainable():
    tower = Tower()
    tower(np.ones((1, 3)))
    tower.first.trainable = False
    assert [id(w) for w in tower.non_trainable_weights] == [id(w) for w in tower.first.weights]
    assert len(tower.trainable_weights) == 8
    tower.scale.trainable = False
    assert tower.scale in tower.non_trainable_weights
    tower.trainable = False
    assert tower.trainable_weights == [] and len(tower.non_trainable_weights) == 10


def test_get_weights_copies_and_set_weights_writes_in_place(backend):
    layer = Dense(2)
    layer(np.ones((1, 3)))
    before = layer.kernel
    taken = layer.get_weights()
    assert [(w.shape, w.dtype.name) for w in taken] == [((3, 2), "float32"), ((2,), "float32")]
    taken[0][:] = 7
    assert not np.any(layer.get_weights()[0] == 7)
    layer.set_weights([np.ones((3, 2)), [1, 2]])
    assert layer.kernel is before
    assert convert_to_numpy(layer(np.ones((1, 3)))).tolist() == [[4, 5]]


def test_set_weights_changes_nothing_if_something_does_not_fit():
    layer = Dense(2, name="out")
    layer(np.ones((1, 3)))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"^Layer 'out' has 2 weights; set_weights got 1\.$"):
        layer.set_weights([np.ones((3, 2))])
    with pytest.raises(
        ValueError, match=r"^Variable 'out/bias' has shape \(2,\); it cannot hold a value of shape \(3,\)\.$"
    ):
        layer.set_weights([np.ones((3, 2)), np.ones(3)])
    assert all(np.array_equal(a, b) for a, b in zip(before, layer.get_weights(), strict=True))


def test_a_layer_is_called_by_its_class_unless_it_has_a_name():
    assert [Dense(1).label, Dense(1, name="out").label, Tower().label] == ["dense", "out", "tower"]
    assert Dense(1).name is None
    named = Dense(1, name="out")
    named(np.ones((1, 1)))
    assert [w.path for w in named.weights] == ["out/kernel", "out/bias"]


def test_repr_tells_what_is_not_by_default():
    assert repr(Dense(3, activation="relu", use_bias=False)) == "Dense(units=3, activation='relu', use_bias=False)"
    assert repr(Sequential([Dropout(0.5)])) == "Sequential(layers=[Dropout(name='dropout', rate=0.5)])"


# calls on data --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [[[1.0, 2.0]], np.ones((1, 2)), np.ones((1, 2), "int32"), np.ones((1, 2), bool)])
def test_host_data_of_any_kind_become_float32_on_the_backend(backend, data):
    y = Dense(3)(data)
    assert backend.owns(y) and y.shape == (1, 3) and convert_to_numpy(y).dtype == "float32"


def test_an_array_of_the_backend_and_a_variable_are_taken_too(backend):
    layer, x = Dense(2), np.array([[1.0, 2.0]], "float32")
    wanted = convert_to_numpy(layer(x))
    assert np.array_equal(convert_to_numpy(layer(ops.convert_to_tensor(x))), wanted)
    assert np.array_equal(convert_to_numpy(layer(Variable(x))), wanted)


def test_the_input_is_neither_changed_nor_handed_back(backend):
    for layer in (Dropout(0.5), Activation("linear"), Activation("relu"), Flatten()):
        x = np.array([[-1.0, 2.0]], "float32")
        y = layer(x)
        x += 1
        assert x.tolist() == [[0, 3]] and convert_to_numpy(y).tolist() in ([[-1, 2]], [[0, 2]])


def test_dropout_draws_another_mask_at_each_call_and_none_without_training(backend):
    layer, x = Dropout(0.5), np.ones((8, 16), "float32")
    first, second = (convert_to_numpy(layer(x, training=True)) for _ in range(2))
    assert set(np.unique(first)) == set(np.unique(second)) == {0, 2}
    assert not np.array_equal(first, second)
    assert np.array_equal(convert_to_numpy(layer(x)), x) and np.array_equal(
        convert_to_numpy(layer(x, training=False)), x
    )


def test_training_reaches_the_layers_inside(backend):
    class Wrapped(Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.inner = Dropout(0.5)

        def call(self, x):
            return self.inner(x)

    layer, x = Wrapped(), np.ones((4, 16), "float32")
    assert np.any(convert_to_numpy(layer(x, training=True)) == 0)
    assert np.all(convert_to_numpy(layer(x)) == 1)


def test_one_layer_used_twice_draws_twice(backend):
    class Twice(Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.drop = Dropout(0.5)

        def call(self, x):
            return self.drop(x) - self.drop(x)

    assert np.any(convert_to_numpy(Twice()(np.ones((4, 16), "float32"), training=True)))


@pytest.mark.parametrize(
    "call, message",
    [
        (
            lambda layer: layer(np.ones((2, 5))),
            r"^Layer 'out' takes inputs of shape \(batch, \.\.\., 3\), as it was built for; got \(2, 5\)\.$",
        ),
        (
            lambda layer: layer(np.ones(3)),
            r"^Layer 'out' takes inputs of shape \(batch, \.\.\., 3\).*; got \(3,\)\.$",
        ),
        (
            lambda layer: Dense(2, name="new")(np.ones(3)),
            r"^Layer 'new' takes \(batch, \.\.\., inputs\).*got shape \(None,\)\.$",
        ),
    ],
)
def test_an_input_that_does_not_fit(call, message):
    layer = Dense(2, name="out")
    layer(np.ones((1, 3)))
    with pytest.raises(ValueError, match=message):
        call(layer)


def test_a_call_that_returns_no_symbol():
    class Nothing(Layer):
        def call(self, x):
            ops.exp(x)

    with pytest.raises(
        TypeError, match=r"^Layer 'nothing': `call` returned NoneType; expected what kcore\.ops gives\.$"
    ):
        Nothing()(np.ones(2))
    with pytest.raises(
        NotImplementedError, match=r"^Layer has no `call`\. Write call\(self, x\) in terms of kcore\.ops\.$"
    ):
        Layer()(np.ones(2))


# tracing again --------------------------------------------------------------------------------------------


def test_a_layer_is_traced_once_for_each_shape_and_mode(traces):
    layer = Dropout(0.5)
    for shape in ((2, 3), (2, 3), (4, 3)):
        layer(np.ones(shape, "float32"))
        layer(np.ones(shape, "float32"), training=True)
    assert len(traces) == 4


def test_a_changed_attribute_is_seen(backend, traces):
    class Scale(Layer):
        factor: float = 2.0

        def call(self, x):
            return x * self.factor + self._shift

    layer, x = Scale(), np.ones(2, "float32")
    layer._shift = 1.0
    assert convert_to_numpy(layer(x)).tolist() == [3, 3]
    layer.factor = 5.0
    assert convert_to_numpy(layer(x)).tolist() == [6, 6]
    layer._shift = 0.0
    assert convert_to_numpy(layer(x)).tolist() == [5, 5]
    layer(x)
    assert len(traces) == 3


def test_a_change_in_a_layer_inside_is_seen(backend, traces):
    tower = Tower()
    x = np.ones((1, 3), "float32")
    before = convert_to_numpy(tower(x))
    tower.many[1].activation = "tanh"
    after = convert_to_numpy(tower(x))
    assert not np.array_equal(before, after)
    tower.many[1] = Activation("linear")
    assert not np.array_equal(after, convert_to_numpy(tower(x)))
    assert traces.count("call") == 3


def test_new_weights_are_not_a_change(traces):
    layer, x = Dense(1), np.ones((1, 2), "float32")
    layer(x)
    made = len(traces)
    layer.set_weights([np.ones((2, 1)), np.ones(1)])
    assert convert_to_numpy(layer(x)).tolist() == [[3]]
    assert len(traces) == made


def test_what_an_attribute_is_set_to_is_checked():
    layer = Dropout(0.5)
    with pytest.raises(ValueError, match=r"^Dropout: rate must be a number of at least 0 and below 1; got 1\.5\.$"):
        layer.rate = 1.5
    assert layer.rate == 0.5


def test_a_layer_serves_two_backends_by_turns():
    layer, x = Dense(3, activation="tanh"), np.ones((2, 2))
    answers = []
    for name in ("numpy", "strict", "numpy"):
        with kcore.use_backend(name) as backend:
            y = layer(x)
            assert backend.owns(y)
            answers.append(convert_to_numpy(y))
    np.testing.assert_allclose(answers[1], answers[0], rtol=1e-6)
    assert np.array_equal(answers[2], answers[0])
