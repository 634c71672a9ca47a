"""Reductions and statistics where they are delicate: NaN, infinity, zeros, ties, no elements, and what is refused."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.program import Traced
from kcore.testing.tolerances import assert_close

SPECIAL = {
    "nan": [1, np.nan, -3, np.nan],
    "infinite": [np.inf, 2, np.inf, 1],
    "both infinities": [np.inf, 2, -np.inf, 1],
    "minus infinity alone": [-np.inf] * 4,
    "ties": [2, -5, -5, 2],
    "zeros": [0.0, -0.0, 0.0, -0.0],
}
REDUCTIONS = ["sum", "prod", "max", "min", "ptp", "mean", "var", "std", "any", "all", "count_nonzero"]
REDUCTIONS += ["argmax", "argmin", "median", "cumulative_sum", "cumulative_prod", "diff"]
UNSIGNED = ["uint8", "uint16", "uint32", "uint64"]


def numbers(x):
    return ops.convert_to_numpy(x)


def both_ways(function, *arrays):
    """What it gives at once, and what it gives traced, neither with a warning."""
    tensors = [ops.convert_to_tensor(a) for a in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (traced,) = Traced(lambda *symbols: [function(*symbols)], "a test")(*tensors)
        return numbers(function(*tensors)), numbers(traced)


def gradient(function, *arrays):
    return numbers(kcore.grad(function)(*map(ops.convert_to_tensor, arrays)))


def numpys(function, *arrays, **options):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(function(*arrays, **options))


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("special", SPECIAL)
@pytest.mark.parametrize("axis", [0, 1])
def test_special_values_are_reduced_as_in_numpy(backend, name, special, axis):
    x = np.array([SPECIAL[special], SPECIAL[special][::-1], [1, 2, 3, 4]], float)
    for got in both_ways(lambda x: getattr(ops, name)(x, axis=axis), x):
        assert_close("reduction", got, numpys(getattr(np, name), x, axis=axis), name)


def test_the_median_of_infinities(backend):
    x = np.array([[np.inf, np.inf, 1], [-np.inf, 2, np.inf], [-np.inf, -np.inf, 0]])
    for q in (0, 0.25, 0.5, 0.75, 1):
        for got in both_ways(lambda x, q=q: ops.quantile(x, q, 1), x):
            rows = np.sort(x, 1)
            low, high = rows[:, int(np.floor(2 * q))], rows[:, int(np.ceil(2 * q))]
            wanted = np.where(low == high, low, numpys(np.add, low, high) / 2)
            np.testing.assert_array_equal(got, wanted, err_msg=str(q))
    for got in both_ways(lambda x: ops.quantile(x, [0.1, 0.9]), np.array([1, np.nan, 2])):
        assert np.isnan(got).all()


@pytest.mark.parametrize("special", SPECIAL)
def test_logsumexp_of_special_values(backend, special):
    x = np.array(SPECIAL[special])
    for got in both_ways(ops.logsumexp, x):
        np.testing.assert_allclose(got, numpys(lambda x: np.log(np.exp(x).sum()), x))


def test_logsumexp_of_large_numbers(backend):
    x = np.array([[1000.0, 1000], [-1000, -1000]], "float32")
    for got in both_ways(lambda x: ops.logsumexp(x, -1), x):
        np.testing.assert_allclose(got, [1000 + np.log(2), -1000 + np.log(2)], rtol=1e-6)


@pytest.mark.parametrize("shape, axis", [((0,), None), ((0, 3), 0), ((2, 0), 1), ((2, 0), None), ((2, 0), 0)])
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "var", "std", "any", "all", "count_nonzero", "median"])
def test_no_elements_are_reduced_as_in_numpy_and_without_a_warning(backend, name, shape, axis):
    for got in both_ways(lambda x: getattr(ops, name)(x, axis), np.ones(shape)):
        assert_close("reduction", got, numpys(getattr(np, name), np.ones(shape), axis=axis))


@pytest.mark.parametrize("dtype", [*UNSIGNED, "int8", "int16", "int32", "int64", "bool"])
@pytest.mark.parametrize("name", ["sum", "prod", "cumulative_sum", "cumulative_prod", "max", "min"])
def test_integers_are_summed_in_the_widest_dtype(backend, name, dtype):
    x = np.array([1, 0, 100, 3, 120]).astype(dtype)
    for got in both_ways(getattr(ops, name), x):
        assert_close("reduction", got, getattr(np, name)(x))
    if name not in ("max", "min"):
        for got in both_ways(lambda x: getattr(ops, name)(x, dtype="float32"), x):
            assert_close("reduction", got, getattr(np, name)(x, dtype="float32"))


def test_initial_counts_as_one_more(backend):
    for got in both_ways(lambda x: ops.max(x, 0, initial=2), np.array([[1.0, 3], [np.nan, 0]])):
        np.testing.assert_array_equal(got, [np.nan, 3])
    for got in both_ways(lambda x: ops.min(x, 0, keepdims=True, initial=2), np.zeros((0, 3), "int32")):
        assert_close("view", got, np.full((1, 3), 2, "int32"))


def test_the_variance_takes_two_passes(backend):
    """In one pass, sum(x^2) / n - mean^2, nothing would be left of it."""
    x = (1e4 + np.random.default_rng(0).normal(size=1000)).astype("float32")
    for got in both_ways(ops.var, x):
        assert_close("reduction", got, np.var(x.astype("float64")).astype("float32"))


@pytest.mark.parametrize("x", [[2, 3, 4, 5], [2, 0, 4, 5], [0, 3, 0, 5], [0, 0, 0, 5], [0.0, -0.0, 0, 0]], ids=str)
def test_the_gradients_of_products_with_zeros(backend, x):
    x = np.array([x, [1.5, 2, 0, 3]], float)

    def others(x, *left_out):
        return np.prod([v for i, v in enumerate(x) if i not in left_out])

    first = [[others(row, i) for i in range(4)] for row in x]
    second = [[sum(others(row, i, j) for j in range(4) if j != i) for i in range(4)] for row in x]
    assert_close("reduction", gradient(lambda x: ops.sum(ops.prod(x, 1)), x), np.array(first))
    slope = kcore.grad(lambda x: ops.sum(ops.prod(x, 1)))
    assert_close("reduction", gradient(lambda x: ops.sum(slope(x)), x), np.array(second))
    running = [[sum(others(row[:k], i) for k in range(i + 1, 5)) for i in range(4)] for row in x]
    assert_close("reduction", gradient(lambda x: ops.sum(ops.cumulative_prod(x, 1)), x), np.array(running))


NORMS = [None, 1, 2, 3, np.inf]


@pytest.mark.parametrize(
    "function",
    [
        ops.std,
        lambda x: ops.std(x, correction=1),
        *(lambda x, p=p: ops.norm(x, p) for p in NORMS),
        lambda x: ops.norm(x, 0.5),
    ],
)
def test_gradients_where_there_is_no_derivative_are_0(backend, function):
    x = np.zeros(3)
    assert gradient(function, x).tolist() == [0, 0, 0]
    slope = kcore.grad(function)
    assert gradient(lambda x: ops.sum(slope(x)), x).tolist() == [0, 0, 0]


def test_gradients_of_norms_beside_zeros(backend):
    x = np.array([3.0, 0, -4])
    for p, wanted in {None: [0.6, 0, -0.8], 1: [1, 0, -1], np.inf: [0, 0, -1], 0: [0, 0, 0], 0.5: None}.items():
        got = gradient(lambda x, p=p: ops.norm(x, p), x)
        np.testing.assert_allclose(got, wanted if wanted else [1 + 2 / 3**0.5, 0, -1 - 3**0.5 / 2], rtol=1e-12)


def test_gradients_at_ties_are_shared(backend):
    x = np.array([2.0, 5, 5, 1])
    assert gradient(ops.max, x).tolist() == [0, 0.5, 0.5, 0]
    assert gradient(ops.min, -x).tolist() == [0, 0.5, 0.5, 0]
    assert gradient(ops.ptp, x).tolist() == [0, 0.5, 0.5, -1]
    assert gradient(ops.median, x).tolist() == [0.5, 0.5, 0, 0]
    assert gradient(lambda x: ops.quantile(x, 0.9), x).sum() == pytest.approx(1)


def test_the_gradient_of_logsumexp_of_infinities(backend):
    low = np.full(3, -np.inf)
    assert gradient(ops.logsumexp, low).tolist() == [0, 0, 0]
    assert gradient(ops.logsumexp, np.array([1, np.inf, 2])).tolist() == [0, 1, 0]
    assert gradient(ops.logsumexp, np.array([-np.inf, 1])).tolist() == [0, 1]
    slope = kcore.grad(ops.logsumexp)
    assert np.isfinite(gradient(lambda x: ops.sum(slope(x) * np.arange(3.0)), low)).all()


def test_norms_of_no_elements_are_0(backend):
    for p in (None, 1, 2, 3, np.inf):
        for got in both_ways(lambda x, p=p: ops.norm(x, p), np.zeros(0)):
            assert got == np.linalg.norm(np.zeros(0), p)
        for got in both_ways(lambda x, p=p: ops.norm(x, "fro" if p in (2, 3) else p), np.zeros((0, 2))):
            assert got == 0


def test_weights_of_an_average_are_differentiated(backend):
    x, w = np.array([[1.0, 2, 3], [4, 5, 7]]), np.array([1.0, 2])
    got = numbers(kcore.grad(lambda w, x: ops.sum(ops.average(x, 0, w)))(*map(ops.convert_to_tensor, (w, x))))
    average = np.average(x, 0, w)
    assert_close("reduction", got, ((x - average) / w.sum()).sum(1))
    for got in both_ways(lambda x, w: ops.average(x, -2, w), x.astype("int32"), np.array([1, 2])):
        assert_close("reduction", got, average.astype("float32"))


def test_differences_of_truth_values_and_around_the_ends(backend):
    for got in both_ways(lambda x: ops.diff(x, 2), np.array([True, False, False, True])):
        assert got.tolist() == np.diff(np.array([True, False, False, True]), 2).tolist()
    x, end = np.arange(6.0).reshape(2, 3), np.array([[10.0], [20]])
    for got in both_ways(lambda x, end: ops.diff(x, prepend=0.5, append=end), x, end):
        np.testing.assert_array_equal(got, np.diff(x, prepend=0.5, append=end))


CUMULATIVE = [ops.cumulative_sum, ops.cumulative_prod]


@pytest.mark.parametrize("function", [*CUMULATIVE, ops.prod, ops.min, ops.var, ops.any, ops.argmin, ops.median])
def test_all_turns_of_a_loop_at_once_give_the_same(backend, function):
    x = np.random.default_rng(0).normal(size=(5, 2, 3))

    def looped(x):
        return ops.scan(lambda carry, part: (carry, ops.cast(function(part, 1), "float64")), x[0, 0, 0], x)[1]

    wanted = [numbers(function(ops.convert_to_tensor(part), 1)).astype("float64") for part in x]
    for got in both_ways(looped, x):
        assert_close("reduction", got, np.stack(wanted))
    if function in CUMULATIVE:
        direct = gradient(lambda x: ops.sum(function(x, 2)), x)
        assert_close("reduction", gradient(lambda x: ops.sum(looped(x)), x), direct)


ERRORS = [
    (
        lambda x: ops.min(x[:0, :]),
        ValueError,
        "of no elements none is the largest or smallest; along axes (0, 1) shape",
    ),
    (lambda x: ops.logsumexp(x[:0, :]), ValueError, "of no elements none is the largest or smallest"),
    (
        ops.cumulative_sum,
        ValueError,
        "ops.cumulative_sum needs an axis for an array of shape (2, 3). kcore.ops.cumsum takes all elements",
    ),
    (lambda x: ops.cumulative_prod(x, 2), ValueError, "axis 2 is out of range for an array of 2 axes."),
    (lambda x: ops.quantile(x, 1.5), ValueError, "ops.quantile takes q from 0 to 1, got 1.5."),
    (lambda x: ops.quantile(x, 0.5, method="best"), ValueError, "ops.quantile knows the methods linear, lower, higher"),
    (lambda x: ops.quantile(x[:0, :], 0.5), ValueError, "no elements have no quantile; along axes (0, 1) shape (0, 3)"),
    (
        lambda x: ops.average(x, weights=x[0, :]),
        TypeError,
        "ops.average needs an axis for weights (3,) that are not of",
    ),
    (lambda x: ops.average(x, 0, x[0, :]), ValueError, "of its axes 0 alone; got (3,)."),
    (
        lambda x: ops.norm(x, 2),
        ValueError,
        'needs their singular values, for which kcore has no function. Use ord="fro"',
    ),
    (lambda x: ops.norm(x, "nuc"), ValueError, "ops.norm(x, 'nuc') of matrices needs their singular values"),
    (lambda x: ops.norm(x, 3), ValueError, 'ops.norm of matrices knows ord None, "fro", 1, -1, inf, -inf; got 3.'),
    (lambda x: ops.norm(x, "fro", 0), ValueError, "ops.norm has no norm 'fro' of vectors: ord is None or a number."),
    (
        lambda x: ops.norm(ops.expand_dims(x, 0), 1),
        ValueError,
        "ops.norm takes vectors or matrices: one or two axes, not 3.",
    ),
    (lambda x: ops.diff(x, -1), ValueError, "ops.diff takes an array of one axis or more, and n from 0 up: got shape"),
    (lambda x: ops.ptp(x > 0), TypeError, "takes"),
]


@pytest.mark.parametrize("function, kind, text", ERRORS, ids=lambda x: x if isinstance(x, str) else "")
def test_what_is_refused_says_what_to_do(backend, function, kind, text):
    x = ops.convert_to_tensor(np.ones((2, 3)))
    for call in (lambda: function(x), lambda: Traced(lambda x: [function(x)], "a test")(x)):
        with pytest.raises(kind, match=re.escape(text)) as caught:
            call()
        assert re.match(r"test_reductions_edges\.py, line \d+: ", str(caught.value))


def test_a_quantile_needs_a_known_share(backend):
    with pytest.raises(TypeError, match=r"ops\.quantile needs a q that is known before a program runs"):
        Traced(lambda x, q: [ops.quantile(x, q)], "a test")(*map(ops.convert_to_tensor, (np.ones(3), np.array(0.5))))
