"""Sorting and searching where it is delicate: NaN, zeros of both signs, ties, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.program import Traced

SPECIAL = np.array([[3, np.nan, -np.inf, 0.0, -0.0, np.inf, 3, np.nan], [np.inf, 1, 1, 1, -1, -1, np.nan, 0]])
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]


def numbers(x):
    return ops.convert_to_numpy(x)


def both_ways(function, *arrays):
    """What it gives at once, and what it gives traced."""
    tensors = [ops.convert_to_tensor(a) for a in arrays]
    (traced,) = Traced(lambda *symbols: [function(*symbols)], "a test")(*tensors)
    return numbers(function(*tensors)), numbers(traced)


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_nan_is_the_largest(backend, axis):
    for got in both_ways(lambda x: ops.sort(x, axis), SPECIAL):
        np.testing.assert_array_equal(got, np.sort(SPECIAL, axis))
    for got in both_ways(lambda x: ops.sort(x, axis, descending=True), SPECIAL):
        np.testing.assert_array_equal(got, np.flip(np.sort(SPECIAL, axis), axis if axis is not None else 0))
    for got in both_ways(lambda x: ops.argsort(x, axis), SPECIAL):
        np.testing.assert_array_equal(got, np.argsort(SPECIAL, axis, kind="stable"))


@pytest.mark.parametrize("descending", [False, True])
def test_equal_elements_keep_their_order(backend, descending):
    x = np.random.default_rng(0).integers(0, 5, 1000)
    wanted = sorted(range(1000), key=lambda i: -x[i] if descending else x[i])
    for got in both_ways(lambda x: ops.argsort(x, descending=descending), x):
        assert got.tolist() == wanted


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_and_truth_values_are_sorted_in_their_dtype(backend, dtype):
    x = np.array([7, 0, 255, 3, 0, 1]).astype(dtype)
    for got in both_ways(lambda x: ops.sort(x, descending=True), x):
        assert got.dtype == dtype
        assert got.tolist() == np.sort(x)[::-1].tolist()


def test_the_gradient_of_sort_goes_where_each_element_came_from(backend):
    """Of equal elements the first is the first in the result, so that each gets one weight."""
    weights = np.array([1.0, 2, 3, 4, 5])
    x = ops.convert_to_tensor(np.array([2.0, 1, 2, np.inf, -3]))
    gradient = kcore.grad(lambda x: ops.sum(ops.sort(x) * weights))(x)
    assert numbers(gradient).tolist() == [3, 2, 4, 5, 1]
    gradient = kcore.grad(lambda x: ops.sum(ops.sort(x, descending=True) * weights))(x)
    assert numbers(gradient).tolist() == [3, 4, 2, 1, 5]


def test_the_largest_elements_and_where_they_are(backend):
    x = ops.convert_to_tensor(np.array([[1.0, 4, 4, 2], [np.nan, 0, np.inf, -np.inf]]))
    values, indices = ops.top_k(x, 2)
    np.testing.assert_array_equal(numbers(values), [[4, 4], [np.nan, np.inf]])
    assert numbers(indices).tolist() == [[1, 2], [0, 2]]
    gradient = kcore.grad(lambda x: ops.sum(ops.top_k(x, 2)[0] * np.array([1.0, 10])))(x)
    assert numbers(gradient).tolist() == [[0, 1, 10, 0], [1, 0, 10, 0]]


@pytest.mark.parametrize("side", ["left", "right"])
def test_where_special_values_belong(backend, side):
    sequence = np.array([-np.inf, -1, 0, 0, 2, np.inf, np.nan])
    values = np.array([np.nan, np.inf, -np.inf, -0.0, 0.5, 2])
    for got in both_ways(lambda a, v: ops.searchsorted(a, v, side=side), sequence, values):
        np.testing.assert_array_equal(got, np.searchsorted(sequence, values, side))


def test_targets_in_the_top_k(backend):
    predictions = np.array([[0.1, 0.5, 0.5, 0.2]] * 6 + [[0.1, np.nan, 0.5, 0.2]] * 3 + [[np.inf, 1, 2, 3]])
    targets = np.array([1, 2, 3, 0, 4, -1, 1, 2, 3, 0])
    for got in both_ways(lambda t, p: ops.in_top_k(t, p, 2), targets, predictions):
        assert got.tolist() == [True, True, False, False, False, False, False, True, False, True]
    assert numbers(ops.in_top_k(ops.convert_to_tensor(np.array(3)), ops.convert_to_tensor(predictions[0]), 3))


REFUSED = ["argwhere", "flatnonzero", "nonzero"]
REFUSED += ["unique", "unique_all", "unique_counts", "unique_inverse", "unique_values"]


@pytest.mark.parametrize("name", REFUSED)
def test_shapes_that_depend_on_the_numbers_are_refused(backend, name):
    with pytest.raises(
        TypeError, match=rf"^test_sorting_edges\.py, line \d+: ops\.{name} would give a shape"
    ) as caught:
        getattr(ops, name)(ops.ones(3))
    assert f"numpy.{name}(kcore.ops.convert_to_numpy(x))" in str(caught.value)
    with pytest.raises(TypeError, match=f"ops.{name} would give a shape that depends on the numbers"):
        Traced(lambda x: [getattr(ops, name)(x)], "a test")(ops.ones(3))


ERRORS = [
    (lambda a: ops.sort(a, 2), ValueError, "axis 2 is out of range for an array of 2 axes.", lambda a: np.sort(a, 2)),
    (
        lambda a: ops.argsort(ops.sum(a)),
        ValueError,
        "axis -1 is out of range for an array of 0 axes.",
        lambda a: np.sort(np.sum(a)),
    ),
    (
        lambda a: ops.argpartition(a, 3),
        ValueError,
        "kth=3 is out of range for an axis of length 3.",
        lambda a: np.argpartition(a, 3),
    ),
    (
        lambda a: ops.searchsorted(a, 1.0),
        ValueError,
        "ops.searchsorted searches in one vector, got shape (2, 3).",
        lambda a: np.searchsorted(a, 1.0),
    ),
    (
        lambda a: ops.searchsorted(ops.ravel(a), 1.0, side="middle"),
        ValueError,
        'side is "left" or "right", got \'middle\'.',
        lambda a: np.searchsorted(a[0], 1.0, side="middle"),
    ),
    (
        lambda a: ops.top_k(a, 4),
        ValueError,
        "ops.top_k takes up to all 3 elements of the last axis, got k=4.",
        None,
    ),
]


@pytest.mark.parametrize("ours, kind, text, numpys", ERRORS, ids=[e[2] for e in ERRORS])
def test_errors_are_of_numpys_class_and_say_what_to_do(backend, ours, kind, text, numpys):
    x = np.ones((2, 3))
    if numpys is not None:
        with pytest.raises(kind):
            numpys(x)
    with pytest.raises(kind, match=rf"^test_sorting_edges\.py, line \d+: {re.escape(text)}$"):
        ours(ops.convert_to_tensor(x))
    with pytest.raises(kind, match=rf"^test_sorting_edges\.py, line \d+: {re.escape(text)}$"):
        Traced(lambda x: [ours(x)], "a test")(ops.convert_to_tensor(x))
