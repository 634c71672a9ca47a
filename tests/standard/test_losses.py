"""Losses: their names and arguments, and what a row does not show, the ends of the scale."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import kcore
from kcore import losses, ops
from kcore.layers import Activation, Dense, Flatten, Reshape
from kcore.models import Sequential
from kcore.program import Traced
from kcore.testing.tolerances import assert_close

NAMES = {  # the documents' names, Keras's and its short ones
    "MeanSquaredError": ["mean_squared_error", "mse", "MSE"],
    "MeanAbsoluteError": ["mean_absolute_error", "mae", "MAE"],
    "MeanAbsolutePercentageError": ["mean_absolute_percentage_error", "mape", "MAPE"],
    "MeanSquaredLogarithmicError": ["mean_squared_logarithmic_error", "msle", "MSLE"],
    "SquaredHinge": ["squared_hinge"],
    "Hinge": ["hinge"],
    "CategoricalHinge": ["categorical_hinge"],
    "LogCosh": ["logcosh", "log_cosh"],
    "Huber": ["huber_loss", "huber"],
    "CategoricalCrossentropy": ["categorical_crossentropy", "cce", "CCE"],
    "SparseCategoricalCrossentropy": ["sparse_categorical_crossentropy", "scce", "SCCE"],
    "BinaryCrossentropy": ["binary_crossentropy", "bce", "BCE"],
    "KLDivergence": ["kullback_leibler_divergence", "kl_divergence", "kld", "KLD"],
    "Poisson": ["poisson"],
    "CosineSimilarity": ["cosine_proximity", "cosine_similarity"],
}
OPTIONS = {
    "CategoricalCrossentropy": {"from_logits": False, "label_smoothing": 0.0, "axis": -1},
    "BinaryCrossentropy": {"from_logits": False, "label_smoothing": 0.0, "axis": -1},
    "SparseCategoricalCrossentropy": {"from_logits": False, "ignore_class": None, "axis": -1},
    "Huber": {"delta": 1.0},
    "CosineSimilarity": {"axis": -1},
}
COMMON = {"name": None, "reduction": "sum_over_batch_size", "dtype": None}


@pytest.mark.parametrize("name", NAMES)
def test_each_goes_by_every_name_as_string_function_and_class(name):
    made = getattr(losses, name)
    functions = {getattr(losses, other) for other in NAMES[name]}
    assert [f.of_class for f in functions] == [made]
    assert {type(losses.get(known)) for known in [name, made, made(), *NAMES[name]]} == {made}


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_keras(name):
    options = OPTIONS.get(name, {})
    taken = {p.name: p.default for p in inspect.signature(getattr(losses, name)).parameters.values()}
    assert taken == options | COMMON
    function = inspect.signature(getattr(losses, NAMES[name][0]))
    assert [p.name for p in function.parameters.values()] == ["y_true", "y_pred", *options]


@pytest.mark.parametrize("name", [names[0] for names in NAMES.values()])
def test_a_model_trains_with_each(backend, name):
    """From weights that are wrong, towards targets that a model of this form can give."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 4))
    number = x @ np.array([[1.0, -1.0, 0.5], [0.5, 1.0, -1.0], [0.0, 2.0, 1.0], [1.0, 0.0, 0.0]])
    label = np.eye(3)[number.argmax(1)]
    shares = np.exp(number) / np.exp(number).sum(1, keepdims=True)
    activation, y = {
        "squared_hinge": ("tanh", np.sign(number)),
        "hinge": ("tanh", (number > 0).astype("int64")),
        "binary_crossentropy": ("sigmoid", number > 0),
        "categorical_crossentropy": ("softmax", label),
        "categorical_hinge": ("linear", label),
        "sparse_categorical_crossentropy": ("softmax", label.argmax(1)),
        "kullback_leibler_divergence": ("softmax", shares),
        "poisson": ("exponential", np.exp(number / 2)),
        "mean_squared_logarithmic_error": ("exponential", np.exp(number / 2)),
        "mean_absolute_percentage_error": ("exponential", np.exp(number / 2)),
    }.get(name, ("linear", number))
    model = Sequential([Dense(3, activation=activation, input_shape=(4,))])
    model.compile("adam", name)
    model.optimizer.learning_rate = 0.05
    found = model.fit(x, y, epochs=6, batch_size=16, verbose=0).history["loss"]
    assert found[-1] < found[0] - 0.1 * abs(found[0])


# through logits -------------------------------------------------------------------------------------------

LOGITS = np.array([[1e4, 0, -1e4], [0, 1e4, 9_999], [1e4, 1e4, 1e4], [-60, -70, -50]])
CLASSES = np.array([2, 2, 0, 1])


def both(loss, y, x, activation=lambda x: x):
    """The losses at all positions and the gradients of x."""
    (values,) = Traced(lambda x: [loss(y, activation(x))], "t")(ops.convert_to_tensor(x))
    gradient = kcore.grad(lambda x: ops.sum(loss(y, activation(x))))(ops.convert_to_tensor(x))
    return ops.convert_to_numpy(values), ops.convert_to_numpy(gradient)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("axis", [-1, 0])
@pytest.mark.parametrize(
    "name, options",
    [
        ("categorical_crossentropy", {}),
        ("categorical_crossentropy", {"label_smoothing": 0.1}),
        ("sparse_categorical_crossentropy", {}),
        ("sparse_categorical_crossentropy", {"ignore_class": 1}),
    ],
)
def test_a_softmax_and_its_crossentropy_are_computed_by_the_logits(backend, dtype, axis, name, options):
    x = (LOGITS if axis else LOGITS.T).astype(dtype)
    y = CLASSES if "sparse" in name else np.eye(3)[CLASSES] if axis else np.eye(3)[CLASSES].T
    got = both(losses.get(name, reduction="none", axis=axis, **options), y, x, lambda x: ops.softmax(x, axis))
    exact = losses.get(name, reduction="none", axis=axis, from_logits=True, **options)
    for one, other in zip(got, both(exact, y, x), strict=True):
        assert np.all(np.isfinite(one)) and one.dtype == dtype
        np.testing.assert_array_equal(one, other)
    if not options:
        last = 20 + np.log1p(np.exp(-10) + np.exp(-20))
        assert_close("reduction", got[0], np.array([2e4, 1 + np.log1p(np.exp(-1)), np.log(3), last], dtype))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_a_sigmoid_and_its_crossentropy_are_computed_by_the_logits(backend, dtype, smoothing):
    y, x = np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.array([[1e4], [-1e4], [1e4], [-50], [0]], dtype)
    loss = losses.BinaryCrossentropy(label_smoothing=smoothing, reduction="none")
    values, gradient = both(loss, y, x, ops.sigmoid)
    labels = y * (1 - smoothing) + smoothing / 2
    wanted = np.maximum(x[:, 0], 0) - labels * x[:, 0] + np.log1p(np.exp(-np.abs(x[:, 0].astype("float64"))))
    assert_close("reduction", values, wanted.astype(dtype))
    share, rest = np.array([1, 0, 1, np.exp(-50), 0.5]), np.array([0, 1, 0, 1, 0.5])
    slopes = (1 - labels) * share - labels * rest
    np.testing.assert_allclose(gradient[:, 0], slopes, rtol=1e-5 if dtype == "float32" else 1e-13, atol=1e-25)
    steps, slopes = both(loss, y[None], x[None], ops.sigmoid)  # targets (1, 5), outputs (1, 5, 1)
    assert_close("reduction", steps, values.mean(keepdims=True))
    assert_close("reduction", slopes[0] * 5, gradient)


def test_layers_that_only_reshape_a_sigmoid_s_output_hide_no_logits(backend):
    model = Sequential([Activation("sigmoid", input_shape=(2, 2)), Flatten(), Reshape((4, 1))])
    model.compile("sgd", "binary_crossentropy")
    x = np.array([[[1e3, -1e3], [0, 0]]])
    assert model.test_on_batch(x, np.array([[[0], [1], [0], [1]]])) == pytest.approx((2e3 + 2 * np.log(2)) / 4)


# the ends of the scale ------------------------------------------------------------------------------------

CERTAIN = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [names[0] for names in NAMES.values()])
@pytest.mark.parametrize(
    "y, p", [(CERTAIN, CERTAIN), (CERTAIN, CERTAIN[::-1]), (CERTAIN, 0 * CERTAIN), (CERTAIN, 1 + 0 * CERTAIN)]
)
def test_probabilities_of_zero_and_one_give_numbers(backend, dtype, name, y, p):
    if name.startswith("categorical_cross") and not p.any():
        return  # zeros cannot be scaled to the sum 1: NaN in Keras, too
    y = y.argmax(1) if "sparse" in name else y
    if "sparse" in name and not p.any():
        return
    values, gradient = both(losses.get(name, reduction="none"), y, p.astype(dtype))
    assert np.all(np.isfinite(values)) and np.all(np.isfinite(gradient))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_crossentropies_of_probabilities_are_held_between_limits(backend, dtype):
    p = CERTAIN.astype(dtype)
    most = -np.log(np.asarray(1e-7, dtype))
    for name, y in (("categorical_crossentropy", CERTAIN), ("sparse_categorical_crossentropy", CERTAIN.argmax(1))):
        loss = losses.get(name, reduction="none")
        np.testing.assert_allclose(both(loss, y, p)[0], 0, atol=2e-7)
        assert_close("reduction", both(loss, y, p[::-1])[0][::2], np.array([most, most], dtype))


def test_ignored_rows_of_zeros_give_no_loss_and_no_gradient(backend):
    p = np.array([[0.0, 0.0], [0.25, 0.75]])
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    value, gradient = both(loss, np.array([-1, 0]), p)
    assert value == pytest.approx(-np.log(0.25))
    assert gradient[0].tolist() == [0, 0] and gradient[1] == pytest.approx([-3, 1])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_log_cosh_keeps_its_digits_near_zero_and_far_off(backend, dtype):
    x = np.array([0, 1e-9, -1e-4, 0.1, 0.999, 1.001, -3, 50, -1e4, 1e30], dtype)
    values, gradient = both(losses.LogCosh(reduction="none"), 0 * x[:, None], x[:, None])
    wide = x.astype("longdouble")
    wanted = np.where(
        np.abs(wide) < 0.01, wide**2 / 2 - wide**4 / 12, np.logaddexp(wide, -wide) - np.log(np.longdouble(2))
    )
    np.testing.assert_allclose(values, wanted.astype(dtype), rtol=1e-5 if dtype == "float32" else 1e-13)
    assert_close("elementwise", gradient[:, 0], np.tanh(x))


def test_the_cosine_of_zeros_is_zero(backend):
    y, p = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [0.0, 0.0], [6e4, 8e4]], "float32")
    values, gradient = both(losses.CosineSimilarity(reduction="none"), y, p)
    assert values.tolist() == pytest.approx([0, 0, -1])
    assert np.all(np.isfinite(gradient)) and gradient[0].tolist() == [0, 0]


def test_labels_zero_and_one_are_signs_to_a_hinge_only_if_all_are(backend):
    p = np.array([[0.5], [-0.5], [0.5]])
    assert ops.convert_to_numpy(losses.hinge([0, 1, 1], p)).tolist() == [1.5, 1.5, 0.5]
    assert ops.convert_to_numpy(losses.hinge([0, -1, 1], p)).tolist() == [1, 0.5, 0.5]


def test_a_circle_s_samples_without_a_pair_do_not_count(backend):
    p = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    loss = losses.Circle(gamma=2.0)
    values = ops.convert_to_numpy(losses.circle([0, 0, 1], p, 2.0))
    near = np.exp(2 * 1.4 * 0.6)  # of distance 1
    far = np.exp(2 * 1.0 * 0.2), np.exp(2 * 1.2 * 0.4)  # of distances 0.4 and 0.2
    assert values == pytest.approx([np.log1p(near * far[0]), np.log1p(near * far[1]), 0])
    assert ops.convert_to_numpy(loss([0, 0, 1], p)) == pytest.approx(values[:2].mean())
