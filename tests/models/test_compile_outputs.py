"""compile()'s seven arguments for one output and for several, and what logs are called."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from kcore import Input, Model, ops
from kcore.layers import Dense
from kcore.losses import MeanSquaredError
from kcore.metrics import CategoricalAccuracy, MeanAbsoluteError
from kcore.models import Sequential
from kcore.optimizers import SGD
from kcore.testing.tolerances import assert_close

rng = np.random.default_rng(3)
X = rng.normal(size=(20, 4)).astype("float32")
KIND = np.eye(3)[rng.integers(0, 3, 20)]
SIZE = rng.normal(size=(20, 2))


def two_outputs(nest=lambda kind, size: [kind, size], **compiled):
    x = Input((4,))
    model = Model(x, nest(Dense(3, activation="softmax", name="kind")(x), Dense(2, name="size")(x)))
    model.compile(SGD(0.0), **{"loss": ["categorical_crossentropy", "mse"]} | compiled)
    return model


def crossentropy(p):
    return -np.sum(KIND * np.log(p), -1)


def squared(p):
    return np.mean((SIZE - p) ** 2, -1)


def test_the_signature_is_the_documents():
    names = list(inspect.signature(Model.compile).parameters)[1:8]
    assert names == [
        "optimizer", "loss", "metrics", "loss_weights", "sample_weight_mode", "weighted_metrics", "target_tensors",
    ]  # fmt: skip
    model = Sequential([Dense(3, activation="softmax", input_shape=(4,))])
    model.compile("sgd", "categorical_crossentropy", ["accuracy"], None, None, ["acc"], KIND)
    assert list(model.evaluate(X, verbose=0, return_dict=True)) == ["loss", "accuracy", "acc"]


LOSSES = [
    ["categorical_crossentropy", "mse"],
    ("categorical_crossentropy", MeanSquaredError()),
    {"kind": "categorical_crossentropy", "size": "mse"},
    {"size": lambda y, p: ops.mean(ops.square(y - p), -1), "kind": "categorical_crossentropy"},
]


@pytest.mark.parametrize("loss", LOSSES, ids=["list", "tuple", "dict", "function"])
@pytest.mark.parametrize("weights", [None, [2.0, 0.5], {"kind": 2, "size": 0.5}], ids=["none", "list", "dict"])
def test_the_loss_is_the_weighted_sum_of_those_of_the_outputs(backend, loss, weights):
    model = two_outputs(loss=loss, loss_weights=weights)
    kind, size = model.predict(X)
    one, other = crossentropy(kind).mean(), squared(size).mean()
    a, b = (1, 1) if weights is None else (2, 0.5)
    for y in ([KIND, SIZE], {"size": SIZE, "kind": KIND}):
        logs = model.evaluate(X, y, batch_size=8, verbose=0, return_dict=True)
        assert list(logs) == ["loss", "kind_loss", "size_loss"]
        assert list(logs.values()) == pytest.approx([a * one + b * other, one, other], rel=1e-5)


def test_gradients_are_those_of_the_weighted_sum(backend):
    model = two_outputs(loss_weights=[0.0, 3.0])
    model.optimizer.learning_rate = 0.1
    before = {w.path: w.numpy() for w in model.weights}
    _, size = model.predict(X)
    model.train_on_batch(X, [KIND, SIZE])
    after = {w.path: w.numpy() for w in model.weights}
    assert np.array_equal(before["kind/kernel"], after["kind/kernel"])
    wanted = before["size/bias"] - 0.1 * 3 * np.mean(size - SIZE, 0)
    assert after["size/bias"] == pytest.approx(wanted, rel=1e-4)


def test_metrics_of_each_output_and_what_they_are_called(backend):
    model = two_outputs(
        metrics={"kind": ["accuracy", CategoricalAccuracy(name="right")], "size": "mae"},
        weighted_metrics=[["accuracy"], [MeanAbsoluteError()]],
    )
    weights = rng.uniform(0.5, 2, 20)
    kind, size = model.predict(X)
    logs = model.evaluate(X, [KIND, SIZE], sample_weight=weights, verbose=0, return_dict=True)
    assert list(logs) == model.metrics_names == [
        "loss", "kind_loss", "size_loss", "kind_accuracy", "kind_right", "size_mae", "kind_weighted_accuracy",
        "size_mean_absolute_error",
    ]  # fmt: skip
    hits, error = kind.argmax(-1) == KIND.argmax(-1), np.abs(SIZE - size).mean(-1)
    assert logs["kind_accuracy"] == logs["kind_right"] == hits.mean()
    assert logs["kind_weighted_accuracy"] == pytest.approx((hits * weights).sum() / weights.sum(), rel=1e-6)
    assert logs["size_mae"] == pytest.approx(error.mean(), rel=1e-5)
    assert logs["size_mean_absolute_error"] == pytest.approx((error * weights).sum() / weights.sum(), rel=1e-5)
    assert logs["kind_loss"] == pytest.approx((crossentropy(kind) * weights).mean(), rel=1e-5)


def test_one_loss_is_for_all_outputs_and_each_has_its_own_metrics(backend):
    x = Input((4,))
    model = Model(x, {"a": Dense(2)(x), "b": Dense(2)(x)})
    model.compile("sgd", "mse", metrics={"b": ["mae"]})
    history = model.fit(X, {"a": SIZE, "b": SIZE}, epochs=2, verbose=0, validation_split=0.25).history
    names = ["loss", "a_loss", "b_loss", "b_mae"]
    assert list(history) == [*names, *(f"val_{name}" for name in names)]
    assert set(model.predict(X)) == {"a", "b"}


def test_an_output_without_a_loss_needs_no_targets(backend):
    model = two_outputs(loss={"size": "mse"})
    for y in ({"size": SIZE}, [None, SIZE]):
        assert list(model.evaluate(X, y, verbose=0, return_dict=True)) == ["loss"]
    assert model.fit(X, {"size": SIZE}, verbose=0).history["loss"]


def test_metrics_of_one_name_are_numbered_as_in_keras(backend):
    model = Sequential([Dense(3, activation="softmax", input_shape=(4,))])
    model.compile("sgd", "categorical_crossentropy", ["acc", "acc"], weighted_metrics=["acc", "mse"])
    assert list(model.evaluate(X, KIND, verbose=0, return_dict=True)) == ["loss", "acc", "acc_1", "weighted_acc", "mse"]


def test_accuracy_and_crossentropy_are_chosen_by_shapes(backend):
    def logs(units, activation, loss, y):
        model = Sequential([Dense(units, activation=activation, input_shape=(4,))])
        model.compile("sgd", loss, ["accuracy", "crossentropy"])
        p = model.predict(X)
        return p, model.evaluate(X, y, verbose=0, return_dict=True)

    p, one_hot = logs(3, "softmax", "categorical_crossentropy", KIND)
    assert one_hot["accuracy"] == (p.argmax(-1) == KIND.argmax(-1)).mean()
    numbers = KIND.argmax(-1)
    for y in (numbers, numbers[:, None]):
        p, sparse = logs(3, "softmax", "sparse_categorical_crossentropy", y)
        assert sparse["accuracy"] == (p.argmax(-1) == numbers).mean()
        assert sparse["crossentropy"] == pytest.approx(sparse["loss"], rel=1e-5)
    binary = (SIZE[:, 0] > 0).astype(int)
    for y in (binary, binary[:, None]):
        p, two = logs(1, "sigmoid", "binary_crossentropy", y)
        assert two["accuracy"] == ((p[:, 0] > 0.5) == binary).mean()
        assert two["crossentropy"] == pytest.approx(two["loss"], rel=1e-5)


def test_target_tensors_stand_for_y(backend):
    model = two_outputs(target_tensors={"kind": KIND, "size": SIZE})
    logs = model.evaluate(X, verbose=0)
    assert logs == two_outputs_like(model).evaluate(X, [KIND, SIZE], verbose=0)
    assert model.fit(X, verbose=0).history["loss"] == pytest.approx([logs[0]])
    with pytest.raises(ValueError, match=r"^compile\(\) was given target_tensors, which stand for y: leave y out\."):
        model.fit(X, [KIND, SIZE], verbose=0)


def two_outputs_like(model):
    other = two_outputs()
    other.set_weights(model.get_weights())
    return other


def test_run_eagerly_gives_the_same(backend):
    model = two_outputs(metrics=[["accuracy"], ["mae"]])
    weights = rng.uniform(0.5, 2, 20)
    wanted = model.evaluate(X, [KIND, SIZE], sample_weight=weights, verbose=0)
    model.compile(SGD(0.0), ["categorical_crossentropy", "mse"], [["accuracy"], ["mae"]], run_eagerly=True)
    assert model.evaluate(X, [KIND, SIZE], sample_weight=weights, verbose=0) == pytest.approx(wanted)
    for eager, written in zip(model.predict(X), two_outputs_like(model).predict(X), strict=True):
        assert_close("product", eager, written)


@pytest.mark.parametrize(
    "compiled, message",
    [
        (
            {"loss": ["mse"]},
            r"loss is a list of 1, but the model has 2: 'kind', 'size'\. Give one for each",
        ),
        ({"loss": {"kind": "mse", "siez": "mse"}}, r"loss has an entry for 'siez', .* Did you mean 'size'\?"),
        ({"loss_weights": [1.0]}, r"loss_weights is a list of 1, but the model has 2"),
        ({"loss_weights": ["a", 1]}, r"loss_weights holds numbers, one for each output; got 'a'\."),
        ({"metrics": ["accuracy"]}, r"metrics is a list of 1, but the model has 2"),
        ({"metrics": {"sise": "mae"}}, r"metrics has an entry for 'sise', .* Did you mean 'size'\?"),
        ({"metrics": CategoricalAccuracy()}, r"metrics is a list of metrics, as metrics=\[CategoricalAccuracy\]"),
        ({"sample_weight_mode": "steps"}, r'sample_weight_mode is "temporal", for weights of shape \(samples, steps\)'),
        ({"target_tensors": [KIND]}, r"target_tensors is a list of 1, but the model has 2"),
    ],
)
def test_what_does_not_fit_the_outputs(compiled, message):
    with pytest.raises((TypeError, ValueError), match=f"^{message}"):
        two_outputs(**compiled)


@pytest.mark.parametrize(
    "y, message",
    [
        (None, r"y is missing for the output 'kind': the loss and the metrics compare with it"),
        ([KIND], r"y is a list of 1, but the model has 2: 'kind', 'size'"),
        (KIND, r"y is one array, but the model has 2: 'kind', 'size'"),
        ([KIND, None], r"y is missing for the output 'size'"),
        ([KIND, SIZE[:5]], r"x has 20 samples and y\['size'\] has 5"),
        ([KIND, KIND], r"y\['size'\] has shape \(20, 3\), but the model gives outputs of shape \(batch, 2\)\."),
    ],
)
def test_targets_that_do_not_fit_the_outputs(y, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        two_outputs().fit(X, y, verbose=0)


def test_a_loss_of_one_s_own_takes_class_numbers(backend):
    def likelihood(y_true, y_pred):
        rows = ops.one_hot(ops.cast(y_true, "int32"), 3)
        return -ops.sum(rows * ops.log(y_pred), axis=-1)

    model = Sequential([Dense(3, activation="softmax", input_shape=(4,))])
    model.compile("sgd", likelihood, ["accuracy"])
    p = model.predict(X)
    assert model.evaluate(X, KIND.argmax(-1), verbose=0)[0] == pytest.approx(crossentropy(p).mean(), rel=1e-5)


def test_models_with_a_call_of_their_own(backend):
    class Twins(Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.kind, self.size = Dense(3, activation="softmax"), Dense(2)

        def call(self, x):
            return {"kind": self.kind(x), "size": self.size(x)}

    model = Twins()
    model.compile(SGD(0.1), {"kind": "categorical_crossentropy", "size": "mse"}, {"kind": ["accuracy"]})
    with pytest.raises(ValueError, match=r"^The model 'twins' does not know the shape of its input yet"):
        model.program("train")
    history = model.fit(X, {"kind": KIND, "size": SIZE}, epochs=20, verbose=0).history
    assert list(history) == ["loss", "kind_loss", "size_loss", "kind_accuracy"]
    assert history["loss"][-1] < history["loss"][0]
    assert set(model.predict(X)) == {"kind", "size"} and model.count_params() == 4 * 5 + 5


@pytest.mark.parametrize(
    "compiled",
    [
        {"loss": ["mse", "mse"], "metrics": {"b": ["mae"]}},
        {"loss": {"b": "mse"}, "metrics": {"b": ["mae"]}},
        {"loss": "mse", "weighted_metrics": {"a": ["mae"], "b": []}},
        {"loss": "mse", "loss_weights": [1, 2], "sample_weight_mode": {"a": None}},
    ],
)
def test_a_model_that_does_not_know_its_outputs_yet_takes_all_forms(backend, compiled):
    class Twins(Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.one, self.other = Dense(2), Dense(2)

        def call(self, x):
            return {"a": self.one(x), "b": self.other(x)}

    model = Twins()
    model.compile("sgd", **compiled)
    assert np.isfinite(model.fit(X, {"a": SIZE, "b": SIZE}, verbose=0).history["loss"][0])
    for wrong, message in (
        ({"loss": ["mze"]}, "Unknown loss 'mze'"),
        ({"metrics": {"a": "acuracy"}}, "Unknown metric"),
    ):
        with pytest.raises(ValueError, match=f"^{message}"):
            Twins().compile("sgd", **wrong)
    none = Twins()
    none.compile("sgd", loss={"a": None})
    with pytest.raises(RuntimeError, match=r"^fit\(\) needs .* but compile\(\) was given no loss\."):
        none.fit(X, {"a": SIZE, "b": SIZE})


def test_logs_are_python_s_numbers(backend):
    model = Sequential([Dense(1, activation="sigmoid", input_shape=(4,))])
    model.compile("sgd", "binary_crossentropy", ["accuracy", "precision", "auc", "cosine_similarity"])
    logs = model.fit(X, (SIZE[:, :1] > 0).astype(int), verbose=0).history
    assert [type(values[0]) for values in logs.values()] == [float] * 5
