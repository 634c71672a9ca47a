"""Activations at their limits and bends, crossentropies of sure answers, and what the functions of networks refuse."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.graph import Trace, recording
from kcore.program import Traced
from kcore.testing.tolerances import assert_close

INF, NAN = np.inf, np.nan
SELU = 1.0507009873554805, 1.6732632423543772
ROOT = (1e4 + (1e8 + 4) ** 0.5) / 2
FAR = [-INF, -1e20, -1e4, 1e4, 1e20, INF]
SAME = FAR[3:]


def numbers(x):
    return ops.convert_to_numpy(x).tolist()


def both_ways(function, *arrays):
    """What it gives at once, and in a program."""
    tensors = [ops.convert_to_tensor(a) for a in arrays]
    yield ops.convert_to_numpy(function(*tensors))
    yield ops.convert_to_numpy(Traced(lambda *a: [function(*a)], "a test")(*tensors)[0])


LIMITS = {
    # what it is at FAR: left of 0, right of it, and its slopes there
    "relu": ([0] * 3, SAME, 0, 1),
    "relu6": ([0] * 3, [6] * 3, 0, 0),
    "leaky_relu": ([-INF, -2e19, -2e3], SAME, 0.2, 1),
    "elu": ([-1] * 3, SAME, 0, 1),
    "selu": ([-SELU[0] * SELU[1]] * 3, [SELU[0] * x for x in SAME], 0, SELU[0]),
    "celu": ([-1] * 3, SAME, 0, 1),
    "silu": ([0] * 3, SAME, 0, 1),
    "mish": ([0] * 3, SAME, 0, 1),
    "gelu": ([0] * 3, SAME, 0, 1),
    "hard_silu": ([0] * 3, SAME, 0, 1),
    "softplus": ([0] * 3, SAME, 0, 1),
    "squareplus": ([0, 1e-20, 1 / ROOT], [ROOT, 1e20, INF], 0, 1),
    "sparse_plus": ([0] * 3, SAME, 0, 1),
    "log_sigmoid": ([-INF, -1e20, -1e4], [0] * 3, 1, 0),
    "sigmoid": ([0] * 3, [1] * 3, 0, 0),
    "hard_sigmoid": ([0] * 3, [1] * 3, 0, 0),
    "sparse_sigmoid": ([0] * 3, [1] * 3, 0, 0),
    "hard_tanh": ([-1] * 3, [1] * 3, 0, 0),
    "softsign": ([-1, -1, -1e4 / 10001], [1e4 / 10001, 1, 1], 0, 0),
    "tanh_shrink": ([-INF, -1e20, -9999], [9999, 1e20, INF], 1, 1),
    "soft_shrink": ([-INF, -1e20, -9999.5], [9999.5, 1e20, INF], 1, 1),
    "hard_shrink": (FAR[:3], SAME, 1, 1),
    "threshold": ([-1.5] * 3, SAME, 0, 1),
}


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_away_an_activation_and_its_gradient_are_their_limits(backend, name, dtype):
    left, right, falling, rising = LIMITS[name]
    function, x = getattr(ops, name), np.array(FAR, dtype)
    function = functools.partial(function, threshold=0.3, default_value=-1.5) if name == "threshold" else function
    for got in both_ways(function, x):
        assert_close("elementwise", got, np.array([*left, *right], dtype), name)
    slopes = kcore.grad(lambda x: ops.sum(function(x)))(ops.convert_to_tensor(x))
    wanted = np.array([falling] * 3 + [rising] * 3, dtype)
    np.testing.assert_allclose(ops.convert_to_numpy(slopes), wanted, rtol=1e-6, atol=1e-7)
    assert np.isnan(ops.convert_to_numpy(function(ops.convert_to_tensor(np.array([NAN], dtype))))[0])


def test_the_exact_gelu_far_away(backend):
    for got in both_ways(lambda x: ops.gelu(x, approximate=False), np.array(FAR)):
        assert got.tolist() == [0, 0, 0, *SAME]
    slopes = kcore.grad(lambda x: ops.sum(ops.gelu(x, approximate=False)))(ops.convert_to_tensor(np.array(FAR)))
    assert numbers(slopes) == [0, 0, 0, 1, 1, 1]


BENDS = {
    # at which points, and the gradients there
    "relu": ([0, -0.0], [0, 0]),
    "relu6": ([0, 6], [0, 0]),
    "leaky_relu": ([0, -0.0], [0.2, 0.2]),
    "elu": ([0], [1]),
    "selu": ([0], [SELU[0] * SELU[1]]),
    "celu": ([0], [1]),
    "hard_sigmoid": ([-3, 3], [0, 0]),
    "hard_silu": ([-3, 3], [0, 1]),
    "hard_tanh": ([-1, 1], [0, 0]),
    "sparse_sigmoid": ([-1, 1], [0, 0]),
    "sparse_plus": ([-1, 1], [0, 1]),
    "soft_shrink": ([-0.5, 0, 0.5], [0, 0, 0]),
    "hard_shrink": ([-0.5, 0, 0.5], [0, 0, 0]),
    "softsign": ([0], [1]),
    "silu": ([0], [0.5]),
    "gelu": ([0], [0.5]),
    "softplus": ([0], [0.5]),
    "log_sigmoid": ([0], [0.5]),
    "squareplus": ([0], [0.5]),
}


@pytest.mark.parametrize("name", BENDS)
def test_gradients_at_bends_are_the_documented_ones(backend, name):
    points, wanted = BENDS[name]
    x = ops.convert_to_tensor(np.array(points, float))
    slopes = kcore.grad(lambda x: ops.sum(getattr(ops, name)(x)))(x)
    assert_close("elementwise", ops.convert_to_numpy(slopes), np.array(wanted, float))


def test_tails_keep_their_digits(backend):
    x = np.array([-30.0, 30.0])
    for got in both_ways(ops.log_sigmoid, x):
        np.testing.assert_allclose(got, -np.log1p(np.exp(-x)), rtol=1e-14)
    for got in both_ways(ops.squareplus, np.array([-1e8])):
        np.testing.assert_allclose(got, [1e-8], rtol=1e-14)
    for got in both_ways(lambda t, z: ops.binary_crossentropy(t, z, from_logits=True), np.array([0.0, 1.0]), x):
        np.testing.assert_allclose(got, [np.exp(-30)] * 2, rtol=1e-12)


# shares


def test_softmax_along_any_axes(backend):
    x = np.array([[1e4, -INF, 0], [1e4, 3, -1e4]])
    for got in both_ways(lambda x: ops.softmax(x, 0), x):
        np.testing.assert_allclose(got, [[0.5, 0, 1], [0.5, 1, 0]], atol=1e-25)
    for got in both_ways(lambda x: ops.softmax(x, (0, 1)), x):
        np.testing.assert_allclose(got, [[0.5, 0, 0], [0.5, 0, 0]], atol=1e-25)
    for got in both_ways(ops.log_softmax, x):
        assert got.tolist() == [[0, -INF, -1e4], [0, 3 - 1e4, -2e4]]
    slopes = kcore.grad(lambda x: ops.sum(ops.log_softmax(x)[0, 2] + ops.softmax(x)[1, 0]))(ops.convert_to_tensor(x))
    np.testing.assert_allclose(ops.convert_to_numpy(slopes), [[-1, 0, 1], [0, 0, 0]], atol=1e-20)


def test_sparsemax_has_zeros(backend):
    x = np.array([[-1e4, 0, 0.5, 1e4], [-INF, 0.2, 0.1, -2], [3, 3, 3, 3]])
    wanted = np.array([[0, 0, 0, 1], [0, 0.55, 0.45, 0], [0.25] * 4])
    for got in both_ways(ops.sparsemax, x):
        assert_close("elementwise", got, wanted)
    slopes = kcore.grad(lambda x: ops.sum(ops.sparsemax(x)[:, 1]))(ops.convert_to_tensor(x))
    assert numbers(slopes) == [[0, 0, 0, 0], [0, 0.5, -0.5, 0], [-0.25, 0.75, -0.25, -0.25]]


# crossentropies


def test_probabilities_of_0_and_1_cost_a_finite_sum(backend):
    sure = np.array([[0.0, 1.0]])
    edge = np.float64(1e-7)
    for got in both_ways(ops.binary_crossentropy, sure, sure):
        assert_close("elementwise", got, np.full((1, 2), -np.log(1 - edge)))
    for got in both_ways(ops.binary_crossentropy, sure, 1 - sure):
        np.testing.assert_allclose(got, np.full((1, 2), -np.log(edge)), rtol=1e-9)
    for got in both_ways(ops.categorical_crossentropy, sure, 1 - sure):
        np.testing.assert_allclose(got, [-np.log(edge)], rtol=1e-9)
    for got in both_ways(ops.sparse_categorical_crossentropy, np.array([0]), sure):
        np.testing.assert_allclose(got, [-np.log(edge)], rtol=1e-9)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_crossentropies_behind_their_activation_are_exact(backend, axis):
    z = np.array([[1e4, -1e4, 0], [0, 1e4, 1e4], [-1e4, 0, 0]])
    hits = np.eye(3)
    losses = {
        "sigmoid": lambda z: ops.binary_crossentropy(hits, ops.sigmoid(z)),
        "softmax": lambda z: ops.categorical_crossentropy(hits, ops.softmax(z, axis), axis=axis),
        "sparse": lambda z: ops.sparse_categorical_crossentropy(np.arange(3), ops.softmax(z, axis), axis=axis),
    }
    costs = np.log(np.exp((z - z.max(axis, keepdims=True)).astype(np.longdouble)).sum(axis))
    costs = (costs - (z - z.max(axis, keepdims=True)).diagonal()).astype(float)
    wanted = {"sigmoid": np.maximum(z, 0) - z * hits + np.log1p(np.exp(-np.abs(z))), "softmax": costs, "sparse": costs}
    for name, loss in losses.items():
        (got,) = Traced(lambda z, loss=loss: [loss(z)], "a test")(ops.convert_to_tensor(z))
        assert_close("reduction", ops.convert_to_numpy(got), wanted[name], name)
        slopes = ops.convert_to_numpy(kcore.grad(lambda z, loss=loss: ops.sum(loss(z)))(ops.convert_to_tensor(z)))
        assert np.all(np.isfinite(slopes)) and np.abs(slopes).max() >= 0.5


def test_logits_of_a_sigmoid_and_along_an_axis(backend):
    with recording(Trace()):
        logits = ops.ones((2, 3)) * 2.0
        assert ops.logits_of(ops.sigmoid(logits), "sigmoid").node is logits.node
        assert ops.logits_of(ops.sigmoid(logits)) is None
        assert ops.logits_of(ops.softmax(logits), "sigmoid") is None
        assert ops.logits_of(ops.softmax(logits, 0)) is None
        assert ops.logits_of(ops.softmax(logits, 0), axis=-2).node is logits.node
        assert ops.logits_of(ops.tanh(logits), "tanh") is None


# normalization, attention


def test_zeros_stay_zeros_when_normalized(backend):
    for order in (1, 2, 3, INF):
        for got in both_ways(lambda x, order=order: ops.normalize(x, order=order), np.zeros((2, 3), "float32")):
            assert got.tolist() == [[0] * 3] * 2
        slopes = kcore.grad(lambda x, order=order: ops.sum(ops.normalize(x, order=order)))(ops.zeros((3,), "float64"))
        np.testing.assert_allclose(ops.convert_to_numpy(slopes), [1e7] * 3, rtol=1e-6)


def test_equal_numbers_are_normalized_to_zero(backend):
    for got in both_ways(ops.layer_normalization, np.full((2, 4), 3.0)):
        assert got.tolist() == [[0] * 4] * 2
    for got in both_ways(ops.rms_normalization, np.zeros((2, 4))):
        assert got.tolist() == [[0] * 4] * 2


def test_channels_have_a_scale_and_an_offset_each(backend):
    x = np.arange(24.0).reshape(2, 3, 4)
    mean, variance, offset, scale = np.random.default_rng(0).uniform(1, 2, (4, 3))
    wanted = (x - mean[:, None]) / np.sqrt(variance + 1e-3)[:, None] * scale[:, None] + offset[:, None]
    for got in both_ways(
        lambda x, *more: ops.batch_normalization(x, *more[:2], 1, *more[2:]), x, mean, variance, offset, scale
    ):
        assert_close("reduction", got, wanted)
    whole = scale[:, None] * np.ones((1, 1, 4))
    for got in both_ways(lambda x, s: ops.rms_normalization(x, s, (1, 2)), x, whole):
        root = np.sqrt(np.mean(x**2, (1, 2), keepdims=True) + 1e-7)
        assert_close("reduction", got, x / root * whole)


def test_a_query_that_sees_nothing_gets_the_mean(backend):
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 1, 4, 2, 3))
    mask = np.array([[False] * 4, [True, False, False, False], [True] * 4, [True] * 4])
    for got in both_ways(lambda *a: ops.dot_product_attention(*a[:3], mask=a[3]), q, k, v, mask):
        assert_close("product", got[0, 0], v[0].mean(0))
        assert_close("product", got[0, 1], v[0, 0])
    for got in both_ways(lambda *a: ops.dot_product_attention(*a, is_causal=True), q, k, v):
        assert_close("product", got[0, 0], v[0, 0])


def test_what_is_masked_has_no_gradient(backend):
    rng = np.random.default_rng(0)
    q, k, v = (ops.convert_to_tensor(a) for a in rng.normal(size=(3, 1, 3, 2, 4)))
    loss = kcore.grad(lambda v: ops.sum(ops.dot_product_attention(q, k, v, is_causal=True)[:, :2]))
    gradient = ops.convert_to_numpy(loss(v))
    np.testing.assert_allclose(gradient[:, 2], 0, atol=1e-25)


# errors

ERRORS = [
    (lambda a: ops.glu(a), ValueError, "ops.glu halves axis 1, which has the odd length 3."),
    (lambda a: ops.softmax(a, 2), ValueError, "axis 2 is out of range for an array of 2 axes."),
    (lambda a: ops.normalize(a, order=0.5), ValueError, "ops.normalize takes an order from 1 up, got 0.5."),
    (
        lambda a: ops.one_hot(a, 3),
        TypeError,
        'ops.one_hot takes integers, got float64. Use kcore.ops.cast(x, "int64").',
    ),
    (
        lambda a: ops.multi_hot(a > 0, 3),
        TypeError,
        'ops.multi_hot takes integers, got bool. Use kcore.ops.cast(x, "int64").',
    ),
    (
        lambda a: ops.binary_crossentropy(ops.sum(a, 0), a),
        ValueError,
        "ops.binary_crossentropy compares arrays of one shape, got (3,) and (2, 3).",
    ),
    (
        lambda a: ops.softmax_crossentropy(a, ops.sum(a, 0)),
        ValueError,
        "ops.softmax_crossentropy compares arrays of one shape, got (2, 3) and (3,).",
    ),
    (
        lambda a: ops.sparse_categorical_crossentropy(np.zeros((2, 3), "int64"), a),
        ValueError,
        "ops.sparse_categorical_crossentropy takes a class for each row along axis 1 of shape (2, 3), got targets of "
        "shape (2, 3). One-hot targets are for ops.categorical_crossentropy.",
    ),
    (
        lambda a: ops.dot_product_attention(a, a, a),
        ValueError,
        "ops.dot_product_attention takes a query (batch, queries, heads, width), a key (batch, keys, groups, width) "
        "and a value (batch, keys, groups, n), where groups divides heads: got shapes (2, 3), (2, 3) and (2, 3).",
    ),
    (
        lambda a: ops.layer_normalization(a, ops.ones(2)),
        ValueError,
        "an array of 2 elements cannot be reshaped to (1, 3).",
    ),
]


@pytest.mark.parametrize("ours, kind, text", ERRORS, ids=[e[2][:40] for e in ERRORS])
def test_errors_say_what_to_do(backend, ours, kind, text):
    x = ops.convert_to_tensor(np.ones((2, 3)))
    pattern = rf"^test_nn_edges\.py, line \d+: {re.escape(text)}$"
    with pytest.raises(kind, match=pattern):
        ours(x)
    with pytest.raises(kind, match=pattern):
        Traced(lambda x: [ours(x)], "a test")(x)
