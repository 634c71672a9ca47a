"""Metrics: their names and arguments, what they refuse, what they choose by shapes, and Keras's answers."""

from __future__ import annotations

import inspect
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kcore
from kcore import losses, metrics, ops
from kcore.plugin import find

on_each_backend = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)

ONE_HOT = np.eye(3)[[2, 1]]
INDICES = np.array([2, 1])
P = np.array([[0.1, 0.6, 0.3], [0.05, 0.95, 0.0]])

NAMES = {  # of Keras 2 and 3, and what they are here
    "Accuracy": "Accuracy", "accuracy": "AutoAccuracy", "acc": "AutoAccuracy", "crossentropy": "AutoCrossentropy",
    "ce": "AutoCrossentropy", "binary_accuracy": "BinaryAccuracy", "BinaryAccuracy": "BinaryAccuracy",
    "categorical_accuracy": "CategoricalAccuracy", "sparse_categorical_accuracy": "SparseCategoricalAccuracy",
    "top_k_categorical_accuracy": "TopKCategoricalAccuracy", "cosine_proximity": "CosineSimilarity",
    "sparse_top_k_categorical_accuracy": "SparseTopKCategoricalAccuracy", "cosine_similarity": "CosineSimilarity",
    "mse": "MeanSquaredError", "MSE": "MeanSquaredError", "mae": "MeanAbsoluteError",
    "MAPE": "MeanAbsolutePercentageError", "msle": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy", "kld": "KLDivergence", "logcosh": "LogCoshError",
    "kullback_leibler_divergence": "KLDivergence", "RootMeanSquaredError": "RootMeanSquaredError", "AUC": "AUC",
    "precision": "Precision", "recall": "Recall", "f1_score": "F1Score", "r2_score": "R2Score", "mean_io_u": "MeanIoU",
}  # fmt: skip

SIGNATURES = {
    "Mean": "name, dtype", "Sum": "name, dtype", "Accuracy": "name, dtype",
    "MeanMetricWrapper": "fn, name, dtype, kwargs",
    "BinaryAccuracy": "name, dtype, threshold", "CategoricalAccuracy": "name, dtype",
    "SparseCategoricalAccuracy": "name, dtype", "TopKCategoricalAccuracy": "k, name, dtype",
    "SparseTopKCategoricalAccuracy": "k, name, dtype, from_sorted_ids", "CosineSimilarity": "name, dtype, axis",
    "MeanSquaredError": "name, dtype", "RootMeanSquaredError": "name, dtype", "KLDivergence": "name, dtype",
    "BinaryCrossentropy": "name, dtype, from_logits, label_smoothing",
    "CategoricalCrossentropy": "name, dtype, from_logits, label_smoothing, axis",
    "SparseCategoricalCrossentropy": "name, dtype, from_logits, ignore_class, axis",
    "TruePositives": "thresholds, name, dtype", "Precision": "thresholds, top_k, class_id, name, dtype",
    "Recall": "thresholds, top_k, class_id, name, dtype", "F1Score": "average, threshold, name, dtype",
    "FBetaScore": "average, beta, threshold, name, dtype", "R2Score": "class_aggregation, num_regressors, name, dtype",
    "AUC": "num_thresholds, curve, summation_method, name, dtype, thresholds, multi_label, num_labels, label_weights, "
    "from_logits",
    "MeanIoU": "num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis",
}  # fmt: skip


@pytest.mark.parametrize(("name", "of_class"), NAMES.items())
def test_names_are_keras_s(name, of_class):
    assert find("metrics", name).__name__ == of_class


@pytest.mark.parametrize(("name", "arguments"), SIGNATURES.items())
def test_arguments_are_keras_s_in_its_order(name, arguments):
    assert ", ".join(list(inspect.signature(getattr(metrics, name)).parameters)) == arguments


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: metrics.binary_accuracy([[1], [0]], [[0.6], [0.7]]), [[1], [0]]),
        (lambda: metrics.binary_accuracy([[1], [0]], [[0.6], [0.7]], threshold=0.8), [[0], [1]]),
        (lambda: metrics.binary_accuracy([1, 0], [[0.6], [0.7]]), [[1], [0]]),
        (lambda: metrics.categorical_accuracy(ONE_HOT, P), [0, 1]),
        (lambda: metrics.sparse_categorical_accuracy(INDICES, P), [0, 1]),
        (lambda: metrics.sparse_categorical_accuracy(INDICES[:, None], P), [0, 1]),
        (lambda: metrics.top_k_categorical_accuracy(ONE_HOT, P, k=2), [1, 1]),
        (lambda: metrics.sparse_top_k_categorical_accuracy(INDICES, P, k=1), [0, 1]),
        (lambda: metrics.sparse_top_k_categorical_accuracy(INDICES[:, None], P, k=9), [[1], [1]]),
        (lambda: metrics.cosine_proximity([[0.0, 2.0], [3.0, 0.0]], [[0.0, 5.0], [-1.0, 0.0]]), [1, -1]),
        (lambda: metrics.accuracy(INDICES, P), [0, 1]),
    ],
)
def test_functions_give_floats_at_each_position(backend, call, expected):
    found = call()
    assert backend.owns(found) and "float" in str(found.dtype)
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected)


def test_the_cosine_is_plus_as_a_metric_and_minus_as_a_loss(backend):
    y, p = np.array([[0.0, 2.0]]), np.array([[0.0, 5.0]])
    assert metrics.CosineSimilarity()(y, p) == metrics.get("cosine_proximity")(y, p) == 1
    assert ops.convert_to_numpy(losses.get("cosine_proximity")(y, p)) == -1


@pytest.mark.parametrize(
    ("y", "p", "accuracy", "loss"),
    [
        ([1, 0], [[0.6], [0.7]], 0.5, losses.binary_crossentropy),
        ([[1], [0]], [[0.6], [0.7]], 0.5, losses.binary_crossentropy),
        (INDICES, P, 0.5, losses.sparse_categorical_crossentropy),
        (INDICES[:, None], P, 0.5, losses.sparse_categorical_crossentropy),
        (ONE_HOT, P, 0.5, losses.categorical_crossentropy),
        (np.eye(3)[[[2, 1], [0, 1]]], np.stack([P, P]), 0.5, losses.categorical_crossentropy),
    ],
)
def test_shapes_choose_accuracy_and_crossentropy(backend, y, p, accuracy, loss):
    y, p = np.asarray(y), np.asarray(p)
    assert metrics.get("accuracy")(y, p) == accuracy
    wanted = ops.convert_to_numpy(loss(y.reshape(p.shape) if p.shape[-1] == 1 else y, p)).mean()
    assert metrics.get("crossentropy")(y, p) == pytest.approx(wanted, rel=1e-6)


def test_the_class_accuracy_compares_as_it_is(backend):
    assert metrics.Accuracy()([[1], [2], [3], [4]], [[0], [2], [3], [4]]) == 0.75
    assert metrics.Accuracy()([1, 2, 3, 4], [[0], [2], [3], [4]], sample_weight=[1, 1, 0, 0]) == 0.5


def test_equal_predictions_share_a_rank_as_in_keras(backend):
    tied = np.array([[0.3, 0.3, 0.3, 0.1], [0.1, 0.5, 0.5, 0.5]])
    assert metrics.SparseTopKCategoricalAccuracy(k=1)([2, 1], tied) == 1
    assert metrics.SparseTopKCategoricalAccuracy(k=3)([3, 0], tied) == 0
    assert metrics.SparseCategoricalAccuracy()([2, 1], tied) == 0.5
    assert metrics.SparseTopKCategoricalAccuracy(k=1, from_sorted_ids=True)([2, 1], [[1, 0, 3], [1, 2, 3]]) == 0.5


def test_ignored_positions_have_no_weight_where_weights_are_given(backend):
    """As in Keras: without weights they count as samples without loss."""
    y, p = np.array([2, -1]), np.array([[0.25, 0.25, 0.5], [0.1, 0.1, 0.8]])
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=-1)
    assert metric(y, p) == pytest.approx(np.log(2) / 2)
    metric.reset_state()
    assert metric(y, p, sample_weight=[1.0, 1.0]) == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("made", "y", "message"),
    [
        (
            metrics.CategoricalAccuracy,
            INDICES,
            r"^Metric 'categorical_accuracy': one-hot labels for predictions of shape \(2, 3\) have the same shape; "
            r"got \(2,\)\. Labels that are indices of classes have metrics that begin with 'sparse_'\.$",
        ),
        (
            metrics.SparseCategoricalAccuracy,
            ONE_HOT,
            r"^Metric 'sparse_categorical_accuracy': indices of classes for predictions of shape \(2, 3\) have shape "
            r"\(2,\) or \(2, 1\); got \(2, 3\)\. One-hot labels have metrics without 'sparse_' in their name\.$",
        ),
        (
            metrics.BinaryAccuracy,
            INDICES,
            r"^Metric 'binary_accuracy': y_true has shape \(2,\), y_pred \(2, 3\); they must be equal\.$",
        ),
        (metrics.F1Score, INDICES, r"^Metric 'f1_score': y_true has shape \(2,\), y_pred \(2, 3\); they must be equal"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(backend, made, y, message):
    with pytest.raises(ValueError, match=message):
        made()(y, P)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: metrics.TopKCategoricalAccuracy(k=0), r"k must be a whole number of at least 1; got 0\.$"),
        (
            lambda: metrics.Precision(thresholds=[0.5, 2]),
            r"^Precision: thresholds must be from 0 to 1; got \[0\.5, 2\]\.$",
        ),
        (lambda: metrics.F1Score(average="mean"), r"^F1Score: average must be None or 'micro' or"),
        (
            lambda: metrics.F1Score(threshold=0.0),
            r"^F1Score: threshold must be greater than 0 and at most 1; got 0\.0\.$",
        ),
        (lambda: metrics.FBetaScore(beta=0.0), r"^FBetaScore: beta must be greater than 0; got 0\.0\.$"),
        (lambda: metrics.AUC(curve="roc"), r"^AUC: curve must be 'ROC' or 'PR'; got 'roc'\.$"),
        (lambda: metrics.R2Score(num_regressors=-1), r"num_regressors must be a whole number of at least 0; got -1\.$"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


KERAS = [  # examples whose answers Keras 3.15 on JAX gave
    (metrics.Precision, {}, [0, 1, 1, 1], [1, 0, 1, 1], [0, 0, 1, 0], 1.0),
    (metrics.Recall, {}, [0, 1, 1, 1], [1, 0, 1, 1], [0, 0, 1, 0], 1.0),
    (metrics.AUC, {"num_thresholds": 3}, [0, 0, 1, 1], [0, 0.5, 0.3, 0.9], None, 0.75),
    (metrics.AUC, {"num_thresholds": 3}, [0, 0, 1, 1], [0, 0.5, 0.3, 0.9], [1, 0, 0, 1], 1.0),
    (metrics.RootMeanSquaredError, {}, [[0, 1], [0, 0]], [[1.0, 1], [0, 0]], [1, 0], 0.5**0.5),
    (metrics.R2Score, {}, [[1], [4], [3]], [[2.0], [4], [4]], None, 0.57142854),
    (metrics.MeanIoU, {"num_classes": 2}, [0, 0, 1, 1], [0, 1, 0, 1], None, 1 / 3),
    (metrics.TrueNegatives, {}, [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], 1.0),
]


@pytest.mark.parametrize(("made", "options", "y", "p", "weights", "expected"), KERAS)
def test_examples_of_keras(backend, made, options, y, p, weights, expected):
    assert made(**options)(y, p, sample_weight=weights) == pytest.approx(expected, rel=1e-6)


def test_several_thresholds_and_labels_give_arrays(backend):
    y, p = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0]]), np.array([[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]])
    np.testing.assert_allclose(metrics.F1Score(threshold=0.5)(y, p), [0.5, 0.8, 2 / 3], rtol=1e-6)
    np.testing.assert_array_equal(metrics.TruePositives(thresholds=[0.1, 0.65])(y, p), [6, 2])


@given(hits=st.lists(st.lists(st.booleans(), min_size=1, max_size=7), min_size=1, max_size=5))
@on_each_backend
def test_an_accuracy_is_the_exact_share_over_uneven_batches(backend, hits):
    metric = metrics.BinaryAccuracy()
    for batch in hits:
        metric.update_state(np.ones(len(batch)), np.array(batch, "float32"))
    flat = [hit for batch in hits for hit in batch]
    assert metric.result() == float(Fraction(sum(flat), len(flat)))


def test_five_metrics_add_no_work_on_the_host(backend):
    """A metric in a step is part of its program: its update is never called again."""
    calls = []

    class Counting(metrics.BinaryAccuracy):
        def update(self, state, y_true, y_pred, sample_weight=None):
            calls.append(1)
            return super().update(state, y_true, y_pred, sample_weight)

    model = kcore.Sequential([kcore.layers.Dense(1, "sigmoid", input_shape=(2,))])
    model.compile("sgd", "mse", metrics=[Counting(str(i)) for i in range(5)])
    model.fit(np.ones((8, 2)), np.ones((8, 1)), batch_size=2, epochs=3, verbose=0)
    assert len(calls) == 5


@pytest.mark.parametrize("given", ["precision", metrics.AUC, metrics.F1Score(average="macro"), metrics.R2Score])
def test_state_that_begins_with_the_first_batch_lives_in_the_step(backend, given):
    y, p = np.array([[0.0], [1.0], [1.0], [0.0]]), np.array([[0.2], [0.9], [0.4], [0.6]])
    model = kcore.Sequential([kcore.layers.Dense(1, input_shape=(1,))])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    model.compile("sgd", "mse", metrics=[given])
    metric = metrics.get(given).clone()
    for _ in range(2):
        logs = model.evaluate(p, y, batch_size=3, return_dict=True, verbose=0)
        assert logs[metric.label] == pytest.approx(metric(y, p.astype("float32")), rel=1e-6)
        metric.reset_state()
