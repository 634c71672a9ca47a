"""Metric and Loss, as people call them."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.losses import CategoricalCrossentropy, MeanSquaredError
from kcore.metrics import Accuracy, Mean


def test_a_metric_gathers_until_it_is_reset(backend):
    metric = Accuracy(name="hits")
    assert metric.result() == 0
    metric.update_state([[0, 1], [1, 0]], [[0.1, 0.9], [0.2, 0.8]])
    metric.update_state([0], np.array([[0.9, 0.1]]))
    assert metric.result() == pytest.approx(2 / 3)
    assert metric([1], [[0.9, 0.1]]) == 0.5
    assert [(v.name, v.dtype, v.trainable) for v in metric.variables] == [
        ("hits_total", "float64", False), ("hits_count", "int64", False),
    ]  # fmt: skip
    metric.reset_state()
    assert metric.result() == 0 and all(v.numpy() == 0 for v in metric.variables)


def test_a_mean_of_many_small_numbers_loses_none(backend):
    """A total in float32 would stop growing at 2^24."""
    mean = Mean()
    mean.update_state([2.0**24])
    for _ in range(4):
        mean.update_state([1.0, 1.0])
    assert mean.variables[0].numpy() == 2**24 + 8
    assert mean.variables[1].numpy() == 9


def test_accuracy_takes_one_output_for_two_classes_with_labels_of_either_shape(backend):
    p = [[0.2], [0.7], [0.6]]
    assert Accuracy()([0, 1, 0], p) == Accuracy()([[0], [1], [0]], p) == pytest.approx(2 / 3)


def test_a_loss_is_computed_at_once_and_reduced_as_wanted(backend):
    y, p = [[1.0, 2.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 1.0]]
    assert backend.owns(MeanSquaredError()(y, p))
    assert ops.convert_to_numpy(MeanSquaredError()(y, p)) == 1.75
    assert ops.convert_to_numpy(MeanSquaredError(reduction="sum")(y, p)) == 3.5
    assert ops.convert_to_numpy(MeanSquaredError(reduction="none")(y, p)).tolist() == [2.5, 1]


def test_integer_targets_are_taken_as_numbers(backend):
    loss = CategoricalCrossentropy()(np.array([[0, 1]]), np.array([[0.5, 0.5]], "float32"))
    assert ops.convert_to_numpy(loss) == pytest.approx(np.log(2))


def test_a_loss_never_broadcasts_targets_of_another_shape(backend):
    message = r"^Loss 'mean_squared_error': for predictions of shape \(3, 1\) y_true has shape \(3, 1\); got \(3,\)"
    with pytest.raises(ValueError, match=message):
        MeanSquaredError()([1.0, 2.0, 3.0], [[1.0], [2.0], [3.0]])


def test_an_unknown_reduction():
    message = r"^MeanSquaredError: reduction must be 'sum_over_batch_size' or 'sum' or 'none'; got 'mean'\.$"
    with pytest.raises(ValueError, match=message):
        MeanSquaredError(reduction="mean")
