"""What a model says to wrong data, names and arguments: where, what was expected, what came, what to do."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from kcore import ops
from kcore.interfaces import Layer
from kcore.layers import Dense
from kcore.metrics import Mean
from kcore.models import Sequential
from kcore.optimizers import SGD

DATA = {
    "rank": (
        lambda x, y: (x.reshape(70, 2, 3), y),
        "x has shape (70, 2, 3), but the model takes samples of shape (batch, 6). Reshape it: x.reshape(70, 6).",
    ),
    "one sample": (
        lambda x, y: (x[0], y[:6]),
        r"x has shape (6,), but the model takes samples of shape (batch, 6).",
    ),
    "width": (
        lambda x, y: (x[:, :5], y),
        r"x has shape (70, 5), but the model takes samples of shape (batch, 6).",
    ),
    "length": (
        lambda x, y: (x, y[:60]),
        r"x has 70 samples and y has 60; each sample needs its target. Their shapes are (70, 6) and (60, 3).",
    ),
    "empty": (lambda x, y: (x[:0], y[:0]), r"x is empty: its shape is (0, 6). Give at least one sample."),
    "strings": (
        lambda x, y: (x.astype(str), y),
        r"x must hold numbers; it holds str, as '",
    ),
    "names of classes": (
        lambda x, y: (x, ["cat"] * 70),
        "y must hold numbers; it holds str, as 'cat'. Encode text as numbers first, the names of classes for "
        "instance as 0, 1, ... and these by kcore.utils.to_categorical.",
    ),
    "None": (
        lambda x, y: (None, y),
        r"x is missing: the model takes",
    ),
    "complex": (lambda x, y: (x * 1j, y), r"x must hold numbers; it holds complex, as "),
    "ragged": (lambda x, y: ([[1.0], [1.0, 2.0]], y[:2]), "x is no array: "),
    "class numbers": (
        lambda x, y: (x, y.argmax(1)),
        "y has shape (70,), but the model gives outputs of shape (batch, 3). "
        "These look like class numbers: make them one-hot by kcore.utils.to_categorical(y, 3).",
    ),
    "class numbers in a column": (
        lambda x, y: (x, y.argmax(1)[:, None]),
        "by kcore.utils.to_categorical(y, 3).",
    ),
    "class numbers as floats": (
        lambda x, y: (x, y.argmax(1).astype("float32")),
        "by kcore.utils.to_categorical(y, 3).",
    ),
    "targets of another width": (
        lambda x, y: (x, y[:, :2]),
        r"y has shape (70, 2), but the model gives outputs of shape (batch, 3).",
    ),
    "targets no number of a class": (
        lambda x, y: (x, y[:, 0] + 0.5),
        r"y has shape (70,), but the model gives outputs of shape (batch, 3).",
    ),
}


@pytest.mark.parametrize("what", DATA)
def test_data_that_do_not_fit(make, x, y, what):
    spoil, message = DATA[what]
    model, data = make(), spoil(x, y)
    before = model.get_weights()
    for call in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises((TypeError, ValueError)) as caught:
            call(*data)
        assert message in str(caught.value)
        assert str(caught.value).startswith(message) or message.startswith("by ")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_only_class_numbers_are_taken_for_class_numbers(make, x, y):
    for wrong in (y[:, 0] + 0.5, y[:, :2]):
        with pytest.raises(ValueError, match=r"outputs of shape \(batch, 3\)\.$"):
            make().fit(x, wrong)


@pytest.mark.parametrize(
    "held_out, message",
    [
        (lambda x, y: x, r"validation_data takes a pair, as validation_data=\(x_test, y_test\), or"),
        (lambda x, y: (x,), r"validation_data takes a pair"),
        (lambda x, y: (x, y, y, y), r"validation_data takes a pair"),
        (lambda x, y: (x, y, y[:9, 0]), r"validation x has 70 samples and validation sample_weight has 9"),
        (
            lambda x, y: (x[:, :2], y),
            r"validation x has shape \(70, 2\), but the model takes samples of shape \(batch, 6\)\.",
        ),
        (
            lambda x, y: (x, y.argmax(1)),
            r"validation y has shape \(70,\), .* by kcore\.utils\.to_categorical\(y, 3\)\.",
        ),
        (
            lambda x, y: (x, y[:3]),
            r"validation x has 70 samples and validation y has 3; each sample needs its target\.",
        ),
        (lambda x, y: (x[:0], y[:0]), r"validation x is empty: its shape is \(0, 6\)\."),
    ],
)
def test_validation_data_that_do_not_fit(make, x, y, held_out, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make().fit(x, y, validation_data=held_out(x, y), verbose=0)


@pytest.mark.parametrize("name", ["x", "y", "validation x"])
def test_nan_in_data_is_told_with_its_place(make, x, y, name):
    held_out = x.copy(), y.copy()
    data = {"x": x, "y": y, "validation x": held_out[0]}
    data[name][3, 2] = np.nan
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make().fit(data["x"], data["y"], validation_data=held_out, verbose=0)
    told = [w for w in caught if "has NaN" in str(w.message)]
    assert [str(w.message) for w in told] == [
        f"{name} has NaN in it, first at [3, 2]: the loss will be NaN. "
        "Remove these samples, or fill the gaps by numpy.nan_to_num."
    ]
    assert told[0].category is RuntimeWarning and told[0].filename == __file__


def test_a_loss_that_turns_nan_is_told_once(make, x, y):
    model = make(optimizer=SGD(1e30), loss="mean_squared_error")
    message = r"^The loss is NaN in epoch \d, and the weights with it\. Common causes: a learning rate"
    with pytest.warns(RuntimeWarning, match=message) as caught, np.errstate(all="ignore"):
        model.fit(x * 1e10, y, epochs=4, verbose=0)
    assert len(caught) == 1 and caught[0].filename == __file__


# compile --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_before_compile(x, y, call):
    model = Sequential([Dense(3, input_shape=(6,))])
    message = rf"^{call}\(\) needs a model with an optimizer and a loss, but it was not compiled\. Call"
    with pytest.raises(RuntimeError, match=message):
        getattr(model, call)(x, y)
    model.compile("sgd")
    with pytest.raises(RuntimeError, match=rf"^{call}\(\) needs .* but compile\(\) was given no loss\."):
        getattr(model, call)(x, y)
    assert model.predict(x).shape == (70, 3)


@pytest.mark.parametrize(
    "compiled, message",
    [
        (
            {"loss": "categorical_crosentropy"},
            r"Unknown loss 'categorical_crosentropy'\. kcore knows: .* mean 'categorical_crossentropy'\?",
        ),
        (
            {"optimizer": "rmsprob"},
            r"Unknown optimizer 'rmsprob'\. kcore knows: .*, rmsprop, sgd\. Did you mean 'rmsprop'\?",
        ),
        ({"metrics": ["acuracy"]}, r"Unknown metric 'acuracy'\. kcore knows: .*\. Did you mean 'accuracy'\?"),
        ({"backend": "nmupy"}, r"Unknown backend 'nmupy'\. kcore knows: .*\. Did you mean 'numpy'\?"),
        ({"metrics": "accuracy"}, r'metrics is a list of metrics, as metrics=\["accuracy"\]; got .accuracy.'),
        ({"metrics": [Mean(name="loss")]}, r"A metric is called 'loss', as the loss: give it another name"),
    ],
)
def test_what_compile_refuses(make, compiled, message):
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        make(**compiled)


@pytest.mark.parametrize(
    "make_layer, message",
    [
        (
            lambda: Dense(1, activation="relo"),
            r"Unknown activation 'relo'\. kcore knows: .*\. Did you mean 'relu'\?",
        ),
        (
            lambda: Dense(1, kernel_initializer="glorot_unifrom"),
            r"Unknown initializer 'glorot_unifrom'\. kcore knows: .*\. Did you mean 'glorot_uniform'\?",
        ),
    ],
)
def test_unknown_names_in_a_layer(make_layer, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make_layer()


@pytest.mark.parametrize("input_shape", [(2,), None], ids=["at compile", "at fit"])
def test_a_loss_that_means_nothing_for_the_output(input_shape):
    model = Sequential([Dense(1, input_shape=input_shape)])
    message = (
        r"^categorical_crossentropy takes one output for each class, at least two; the model's output has "
        r"shape \(None, 1\)\. For two classes give the last layer 2 units and one-hot labels; for a number"
    )
    with pytest.raises(ValueError, match=message):
        model.compile("sgd", "categorical_crossentropy")
        model.fit(np.zeros((4, 2)), np.zeros((4, 1)))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"batch_size": 0}, r"batch_size must be a whole number of at least 1; got 0\."),
        ({"batch_size": 1.5}, r"batch_size must be a whole number of at least 1; got 1\.5\."),
        ({"epochs": -1}, r"epochs must be a whole number of at least 0; got -1\."),
        ({"epochs": 1.5}, r"epochs must be a whole number of at least 0; got 1\.5\."),
        ({"verbose": 3}, r'verbose is 0, 1, 2 or "auto"; got 3\.'),
        ({"verbose": "loud"}, r"verbose is 0, 1, 2 or \"auto\"; got 'loud'\."),
    ],
)
def test_wrong_arguments_of_fit(make, x, y, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make().fit(x, y, **{"verbose": 0} | options)


# errors while a layer is traced ---------------------------------------------------------------------------


class Spoilt(Layer):
    """Calls something that a trace cannot have."""

    def __init__(self, spoil, **options):
        super().__init__(**options)
        self.spoil = spoil

    def call(self, x):
        return self.spoil(x)


def chosen(x):
    if ops.sum(x) > 0:
        return x
    return -x


@pytest.mark.parametrize(
    "spoil, message",
    [
        (
            lambda x: np.exp(x),
            r"numpy\.exp was applied to <Symbol x float32\[2, 6\]>, .* Use kcore\.ops\.exp\.",
        ),
        (lambda x: np.sum(x), r"numpy\.sum was applied to <Symbol .* Use kcore\.ops\.sum\."),
        (chosen, r"`if`, .* needs numbers, but <Symbol greater bool\[\]>"),
        (lambda x: float(ops.sum(x)), r"float\(\) needs numbers, but <Symbol sum"),
        (lambda x: list(iter(x)), r"Iterating needs numbers, but <Symbol"),
        (lambda x: len(x), r"len\(\) needs numbers, but <Symbol .* Use x\.shape\[0\]\."),
        (
            lambda x: ops.matmul(x, ops.ones((5, 1))),
            r"ops\.matmul multiplies .* got shapes \(2, 6\) and \(5, 1\)\.",
        ),
    ],
)
def test_what_a_layer_cannot_do_is_told_with_the_user_s_line(spoil, message):
    line = spoil.__code__.co_firstlineno + (spoil is chosen)
    with pytest.raises((TypeError, ValueError), match=rf"^test_model_errors\.py, line {line}: {message}"):
        Sequential([Spoilt(spoil, input_shape=(6,))])
