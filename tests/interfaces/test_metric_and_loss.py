"""Metric, as people call it."""

from __future__ import annotations

import numpy as np
import pytest

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
