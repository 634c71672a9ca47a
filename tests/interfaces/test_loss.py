"""Loss, as people call it: reductions, weights, shapes, losses of one's own, and what targets are told."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import kcore
from kcore import losses, ops
from kcore.interfaces import FunctionLoss
from kcore.losses import CategoricalCrossentropy, Loss, MeanSquaredError, SparseCategoricalCrossentropy
from kcore.testing.tolerances import assert_close

Y, P = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [1.0, 1.0]])  # squares of 2.5 and 1


def number(x):
    return ops.convert_to_numpy(x)


@pytest.mark.parametrize(
    "reduction, wanted, weighted",
    [
        ("sum_over_batch_size", 1.75, 1.625),
        ("mean", 1.75, 1.625),
        ("mean_with_sample_weight", 1.75, 1.3),
        ("sum", 3.5, 3.25),
        ("none", [2.5, 1], [1.25, 2]),
        (None, [2.5, 1], [1.25, 2]),
    ],
)
def test_reductions(backend, reduction, wanted, weighted):
    loss = MeanSquaredError(reduction=reduction)
    assert backend.owns(loss(Y.tolist(), P.tolist()))
    assert number(loss(Y, P)).tolist() == wanted
    assert number(loss(Y, P, [0.5, 2.0])) == pytest.approx(weighted)


@pytest.mark.parametrize(
    "shape, like",
    [((), ()), ((1,), (1, 1)), ((4,), (4, 1)), ((4, 1), (4, 1)), ((3,), (1, 3)), ((4, 3), (4, 3)), ((4, 3, 1), (4, 3))],
    ids=str,
)
def test_weights_of_every_shape_that_broadcasts(backend, shape, like):
    rng = np.random.default_rng(0)
    y, p, weight = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 2)), rng.random(shape)
    wanted = np.mean((y - p) ** 2, -1) * weight.reshape(like)
    assert_close("reduction", number(MeanSquaredError(reduction="none")(y, p, weight)), wanted)
    assert_close("reduction", number(MeanSquaredError()(y, p, weight)), np.asarray(wanted.mean()))


def test_weights_for_samples_also_where_there_are_as_many_steps(backend):
    y, weight = np.ones((2, 2, 1)), np.array([1.0, 0.0])
    assert number(MeanSquaredError(reduction="none")(y, 0 * y, weight)).tolist() == [[1, 1], [0, 0]]


def test_weights_that_do_not_fit():
    message = r"^Loss 'mean_squared_error': sample_weight has shape \(3,\), but there are losses of shape \(2,\)\. Give"
    with pytest.raises(ValueError, match=message):
        MeanSquaredError()(Y, P, np.ones(3))


def test_weights_that_sum_to_zero_give_zero(backend):
    assert number(MeanSquaredError(reduction="mean_with_sample_weight")(Y, P, np.zeros(2))) == 0


@pytest.mark.parametrize(
    "true, predicted, positions",
    [
        ((3,), (3, 1), (3,)),
        ((3, 1), (3,), (3,)),
        ((3, 2), (3, 2, 1), (3,)),
        ((3, 2, 1), (3, 2), (3,)),
        ((3,), (3,), ()),
    ],
    ids=str,
)
def test_a_column_beside_a_vector(backend, true, predicted, positions):
    rng = np.random.default_rng(1)
    y, p = rng.normal(size=true), rng.normal(size=predicted)
    got = number(MeanSquaredError(reduction="none")(y, p))
    assert got.shape == positions
    assert got.mean() == pytest.approx(np.mean((y.ravel() - p.ravel()) ** 2))


def test_a_loss_never_broadcasts_targets_of_another_shape(backend):
    message = r"^Loss 'mean_squared_error': for predictions of shape \(3, 2\) y_true has shape \(3, 2\); got \(3, 1\)"
    with pytest.raises(ValueError, match=message):
        MeanSquaredError()([[1.0], [2.0], [3.0]], np.ones((3, 2)))
    message = r"^Loss 'sparse_cat.*': for predictions of shape \(3, 2\) y_true has shape \(3,\); got \(2,\)"
    with pytest.raises(ValueError, match=message):
        SparseCategoricalCrossentropy()([0, 1], np.ones((3, 2)))


def test_integer_targets_are_taken_as_numbers(backend):
    loss = CategoricalCrossentropy()(np.array([[0, 1]]), np.array([[0.5, 0.5]], "float32"))
    assert number(loss) == pytest.approx(np.log(2))


def test_the_dtype_is_that_of_the_predictions_or_the_one_asked_for(backend):
    p = P.astype("float32")
    assert number(MeanSquaredError()(Y, p)).dtype == "float32"
    assert number(MeanSquaredError(dtype="float64")(Y, p)).dtype == "float64"
    assert number(MeanSquaredError()(Y, P.astype("int32"))).dtype == "float32"
    assert MeanSquaredError.from_config(MeanSquaredError(dtype="float64").get_config()).dtype == "float64"
    with pytest.raises(ValueError, match=r"^A loss is computed in floats; got dtype='int32'\.$"):
        MeanSquaredError(dtype="int32")


def test_an_unknown_reduction():
    message = r"^MeanSquaredError: reduction must be 'sum_over_batch_size' or .* or None; got 'average'\.$"
    with pytest.raises(ValueError, match=message):
        MeanSquaredError(reduction="average")


def test_ignored_positions_do_not_count(backend):
    y, x = np.array([[1, -1, 0], [-1, -1, 2]]), np.random.default_rng(2).normal(size=(2, 3, 3))
    weight = np.array([[0.5, 7.0, 2.0], [1.0, 1.0, 3.0]])
    kept = y >= 0

    def loss(**options):
        return SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1, **options)

    plain = number(SparseCategoricalCrossentropy(from_logits=True, reduction=None)(np.maximum(y, 0), x))
    assert_close("reduction", number(loss(reduction="sum")(y, x)), plain[kept].sum())
    assert_close("reduction", number(loss()(y, x)), plain[kept].mean())
    assert_close("reduction", number(loss()(y, x, weight)), np.asarray((plain * weight)[kept].mean()))
    by_weight = loss(reduction="mean_with_sample_weight")(y, x, weight)
    assert_close("reduction", number(by_weight), np.asarray((plain * weight)[kept].sum() / weight[kept].sum()))
    assert number(loss()(y * 0 - 1, x)) == 0
    gradient = number(kcore.grad(loss(), 1)(ops.convert_to_tensor(y), ops.convert_to_tensor(x)))
    assert np.all((gradient != 0).any(-1) == kept)


# one's own ------------------------------------------------------------------------------------------------


class Chosen(Loss):
    """Takes numbers of classes, of any shape."""

    factor: float = 1.0

    def call(self, y_true, y_pred):
        hot = ops.one_hot(ops.cast(y_true, "int64"), y_pred.shape[-1])
        return ops.sum(hot * y_pred, -1) * self.factor


def chosen(y_true, y_pred):
    return Chosen().call(y_true, y_pred)


@pytest.mark.parametrize("loss", [Chosen(), FunctionLoss(chosen), FunctionLoss(functools.partial(chosen))])
def test_losses_of_one_s_own_take_targets_of_any_shape_and_weights(backend, loss):
    loss.check_targets(np.array([1, 0]), (None, 2))
    p = np.array([[1.0, 2.0], [4.0, 8.0]])
    assert number(loss(np.array([1, 0]), p)) == 3
    assert number(loss(np.array([1, 0]), p, [2.0, 0.0])) == 2
    assert loss.label == "chosen"


def test_a_function_may_give_one_number(backend):
    loss = FunctionLoss(lambda y_true, y_pred: ops.sum(y_pred - y_true))
    assert number(loss(Y, P)) == -1
    assert number(loss(Y, P, [1.0, 3.0])) == -2


@pytest.mark.parametrize(
    "function, message",
    [
        (lambda y_true, y_pred: None, r"^Loss '<lambda>' returned NoneType: None\. A loss returns one number for each"),
        (lambda y_true, y_pred: (y_pred, y_pred), r"^Loss '<lambda>' returned tuple: \(.*as `return ops\.mean\("),
        (lambda gamma=2, alpha=1: lambda y_true, y_pred: y_pred, r"returned function: "),
    ],
)
def test_a_function_that_gives_no_array(function, message):
    with pytest.raises(TypeError, match=message):
        FunctionLoss(function)(Y, P)


def test_call_is_what_a_class_writes():
    with pytest.raises(TypeError) as error:

        class Own(Loss):
            def __call__(self, y_true, y_pred):
                return ops.mean(ops.square(y_pred - y_true))

    assert str(error.value) == (
        "Own.__call__ must take (self, y_true, y_pred, sample_weight=None), as models call it; it takes "
        "(self, y_true, y_pred). Write call(self, y_true, y_pred) instead, which gives one number for each position, "
        "and leave __call__, which weights and averages them, as it is."
    )

    class Twice(losses.MeanAbsoluteError):
        def __call__(self, y_true, y_pred, sample_weight=None):
            return 2 * super().__call__(y_true, y_pred, sample_weight)

    assert Twice()([1.0], [3.0]) == 4


@pytest.mark.parametrize("function", [lambda y_pred: y_pred, lambda: None, lambda a, b, c: a])
def test_a_function_of_another_number_of_arguments(function):
    message = (
        r"^Loss '<lambda>' is called with \(y_true, y_pred\), but the function takes \(.*\)\. Write it as `def loss\("
    )
    with pytest.raises(TypeError, match=message):
        FunctionLoss(function)


# targets --------------------------------------------------------------------------------------------------

FIT = [
    ("mse", (5,), (None, 1)),
    ("mse", (5, 1), (None, 1)), ("mse", (5, 3), (None, 3)), ("mse", (5, 2, 3), (None, None, 3)),
    ("mse", (5, 4), (None, 4, 1)), ("sparse_categorical_crossentropy", (5,), (None, 3)),
    ("sparse_categorical_crossentropy", (5, 1), (None, 3)), ("sparse_categorical_crossentropy", (5, 4), (None, 4, 3)),
    ("sparse_categorical_crossentropy", (5, 4, 1), (None, None, 3)),
    ("categorical_crossentropy", (5, 4, 3), (None, 4, 3)),
]  # fmt: skip


@pytest.mark.parametrize("name, targets, output", FIT, ids=str)
def test_targets_that_fit(name, targets, output):
    losses.get(name).check_targets(np.zeros(targets), output)


TOLD = {
    "class numbers": (
        "categorical_crossentropy", np.array([0, 2, 1]), (None, 3),
        "y has shape (3,), but the model gives outputs of shape (batch, 3). These look like class numbers: make them "
        "one-hot by kcore.utils.to_categorical(y, 3). The loss sparse_categorical_crossentropy takes them as they are.",
    ),
    "class numbers of steps": (
        "categorical_crossentropy", np.zeros((5, 4)), (None, 4, 3),
        "y has shape (5, 4), but the model gives outputs of shape (batch, 4, 3). These look like class numbers: make "
        "them one-hot by kcore.utils.to_categorical(y, 3). The loss sparse_categorical_crossentropy takes them as they "
        "are.",
    ),
    "an LSTM that returns all steps": (
        "categorical_crossentropy", np.random.default_rng(0).random((100, 10)), (None, 4, 10),
        "y has shape (100, 10), but the model gives outputs of shape (batch, 4, 10). The targets have no steps, the "
        "outputs have 4: give the last recurrent layer return_sequences=False, so that it returns its last step only, "
        "or give targets of shape (100, 4, 10), one for each step."
        " Where there is no recurrent layer, a Flatten() is missing.",
    ),
    "class numbers for an LSTM that returns all steps": (
        "sparse_categorical_crossentropy", np.zeros(100), (None, 4, 10),
        "y has shape (100,), but the model gives outputs of shape (batch, 4, 10), for which targets "
        "of shape (batch, 4) "
        "are wanted. The targets have no steps, the outputs have 4: give the last recurrent layer "
        "return_sequences=False, so that it returns its last step only, or give targets of shape "
        "(100, 4), one for each "
        "step. Where there is no recurrent layer, a Flatten() is missing.",
    ),
    "numbers for an LSTM that returns all steps": (
        "mse", np.zeros(7), (None, None, 1),
        "y has shape (7,), but the model gives outputs of shape (batch, steps, 1). The targets have no steps, the "
        "outputs have some: give the last recurrent layer return_sequences=False, so that it returns its last step "
        "only, or give targets of shape (7, steps, 1), one for each step."
        " Where there is no recurrent layer, a Flatten() is missing.",
    ),
    "an LSTM that returns one step": (
        "mse", np.zeros((7, 4, 10)), (None, 10),
        "y has shape (7, 4, 10), but the model gives outputs of shape (batch, 10). The targets have 4 steps, the "
        "outputs have none: give the last recurrent layer return_sequences=True, or give targets of shape (7, 10), one "
        "for each sample.",
    ),
    "another order": (
        "mse", np.zeros((7, 3, 2)), (None, 6),
        "y has shape (7, 3, 2), but the model gives outputs of shape (batch, 6). Reshape it: y.reshape(7, 6).",
    ),
    "no class numbers": (
        "mse", np.full(7, 0.5), (None, 6),
        "y has shape (7,), but the model gives outputs of shape (batch, 6).",
    ),
    "one-hot rows": (
        "sparse_categorical_crossentropy", np.eye(3), (None, 3),
        "y has shape (3, 3), that of the model's outputs and looks one-hot; "
        "sparse_categorical_crossentropy takes class "
        "numbers. Compile with the loss categorical_crossentropy, or give y.argmax(-1).",
    ),
    "shares": (
        "sparse_categorical_crossentropy", np.full((5, 3), 0.3), (None, 3),
        "y has shape (5, 3), that of the model's outputs; sparse_categorical_crossentropy takes class numbers.",
    ),
    "a class that is none": (
        "sparse_categorical_crossentropy", np.array([0, 9, 1, 12, 13]), (None, 10),
        "y has the value 12 at index 3, but the model's outputs are for the classes 0..9. Number them from 0, or give "
        "the last layer 14 units.",
    ),
    "classes from 1": (
        "sparse_categorical_crossentropy", np.array([[1, 3], [2, 3]], "uint8"), (None, 2, 3),
        "y has the value 3 at index [0, 1], but the model's outputs are for the classes 0..2. They seem to be numbered "
        "from 1: give y - 1.",
    ),
    "a class below 0": (
        "sparse_categorical_crossentropy", np.array([0.0, -1.0]), (None, 10),
        "y has the value -1 at index 1, but the model's outputs are for the classes 0..9. Number them from 0, or leave "
        "such positions out by ignore_class=-1.",
    ),
    "half a class": (
        "sparse_categorical_crossentropy", np.array([0, 1.5]), (None, 10),
        "y has the value 1.5 at index 1, but sparse_categorical_crossentropy takes whole numbers of classes.",
    ),
    "signs": (
        "bce", np.array([1, -1, 1]), (None, 1),
        "y has the value -1 at index 1, but binary_crossentropy takes 0 and 1, or shares between. For labels -1 and 1 "
        "give (y + 1) / 2, or use the loss hinge.",
    ),
    "classes": (
        "bce", np.array([[0], [1], [2]]), (None, 1),
        "y has the value 2 at index [2, 0], but binary_crossentropy takes 0 and 1, or shares "
        "between. For 3 classes give "
        "the last layer as many units and a softmax, and use the loss sparse_categorical_crossentropy.",
    ),
    "numbers": (
        "bce", np.array([0.5, 1.5]), (None, 1),
        "y has the value 1.5 at index 1, but binary_crossentropy takes 0 and 1, or shares between. Scale them, or use "
        "mean_squared_error.",
    ),
    "hinges": (
        "squared_hinge", np.array([1, -1, 0.5]), (None, 1),
        "y has the value 0.5 at index 2, but squared_hinge takes the labels -1 and 1, or 0 and 1. "
        "For more classes there "
        "is the loss categorical_hinge, with one-hot targets of kcore.utils.to_categorical; for numbers "
        "mean_squared_error.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TOLD)
def test_targets_that_do_not_fit(what):
    name, y, output, message = TOLD[what]
    with pytest.raises(ValueError) as caught:
        losses.get(name).check_targets(y, output)
    told = str(caught.value)
    assert told.startswith(message) if what == "shares" else told == message
    with pytest.raises(ValueError, match=r"^validation y has "):
        losses.get(name).check_targets(y, output, "validation y")


def test_labels_that_are_right_are_let_through():
    losses.get("hinge").check_targets(np.array([0, 1, 1]), (None, 1))
    losses.get("hinge").check_targets(np.array([-1, 1, 1]), (None, 1))
    losses.get("bce").check_targets(np.array([True, False]), (None, 1))
    losses.get("bce").check_targets(np.array([0.25, 1]), (None, 1))
    SparseCategoricalCrossentropy(ignore_class=255).check_targets(np.array([0, 255], "uint8"), (None, 2))


@pytest.mark.parametrize("name", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_one_output_is_no_crossentropy_of_classes(name):
    with pytest.raises(
        ValueError, match=rf"^{name} takes one output for each class, at least two; .* binary_crossentr"
    ):
        losses.get(name).check_output((None, 1))
