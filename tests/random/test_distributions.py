"""Whether what is drawn has the distribution that it should have: moments, Kolmogorov-Smirnov, chi-square, edges.

All seeds are fixed. Limits are those that a good generator meets at all but one seed in ten thousand.
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from kcore import ops, random
from kcore.program import Traced

N = 100_000
KS = 2.23  # sqrt(n) times the largest distance of two distribution functions: 1 in 10,000
FLOATS = ["float32", "float64"]
every_float = pytest.mark.parametrize("dtype", FLOATS)


def host(x):
    return ops.convert_to_numpy(x)


def distance(x, cdf):
    """Kolmogorov and Smirnov's: between the sample's distribution function and `cdf`, times sqrt(n)."""
    x = np.sort(x.astype(float))
    at = cdf(x)
    n = len(x)
    return max((np.arange(1, n + 1) / n - at).max(), (at - np.arange(n) / n).max()) * math.sqrt(n)


def phi(x):
    return np.array([math.erf(v) for v in (x / math.sqrt(2)).tolist()]) / 2 + 0.5


def chi_square(counts, expected):
    """How many standard deviations Pearson's statistic is from its mean, by Wilson and Hilferty's approximation."""
    counts, expected = np.broadcast_arrays(counts, expected)
    k = counts.size - 1
    statistic = ((counts - expected) ** 2 / expected).sum() / k
    return (statistic ** (1 / 3) - (1 - 2 / (9 * k))) / math.sqrt(2 / (9 * k))


def test_the_tests_notice_what_is_wrong():
    x = random.uniform((N,), seed=1)
    assert distance(x * 0.99, lambda x: np.clip(x, 0, 1)) > KS
    assert distance(random.normal((N,), 0.0, 1.03, seed=1), phi) > KS
    digits = np.bincount(random.randint((N,), 0, 10, seed=1) % 9, minlength=9)
    assert chi_square(digits, N / 9) > 4


@every_float
def test_uniform(dtype):
    x = random.uniform((N,), dtype=dtype, seed=1)
    assert x.dtype == dtype and x.min() >= 0 and x.max() < 1
    assert distance(x, lambda x: x) < KS
    assert abs(x.mean() - 0.5) < 4 / math.sqrt(12 * N)
    assert abs(x.var() - 1 / 12) < 4 / math.sqrt(180 * N)
    digits = 24 if dtype == "float32" else 53
    whole = x.astype(float) * 2.0**digits
    assert (whole % 1 == 0).all() and abs((whole % 2).mean() - 0.5) < 2 / math.sqrt(N)  # to the last digit
    scaled = random.uniform((N,), -2.0, 6.0, dtype, seed=1)
    np.testing.assert_allclose(scaled, x * 8 - 2, rtol=1e-6)


@every_float
def test_normal(dtype):
    x = random.normal((N,), dtype=dtype, seed=2)
    assert x.dtype == dtype
    assert distance(x, phi) < KS
    # standard errors of the moments of a normal sample: 1, 2, 6 + 9 ..., over n
    assert abs(x.mean()) < 4 / math.sqrt(N)
    assert abs(x.var() - 1) < 4 * math.sqrt(2 / N)
    assert abs((x.astype(float) ** 3).mean()) < 4 * math.sqrt(15 / N)
    assert abs((x.astype(float) ** 4).mean() - 3) < 4 * math.sqrt(96 / N)
    shifted = random.normal((N,), 10.0, 3.0, dtype, seed=2)
    np.testing.assert_allclose(shifted, x * 3 + 10, rtol=1e-5, atol=1e-5)


def test_the_tails_of_a_normal_distribution():
    x = np.abs(random.normal((4_000_000,), seed=3))
    for limit in (2, 3, 4, 4.5, 5):
        expected = x.size * math.erfc(limit / math.sqrt(2))
        assert abs((x > limit).sum() - expected) < 4 * math.sqrt(expected) + 1
    assert x.max() < 6.77


def test_the_pairs_of_a_normal_draw_are_independent():
    x = random.normal((2 * N,), seed=4).astype(float)
    a, b = x[:N], x[N:]  # of one pair each
    for f in (lambda v: v, np.abs, np.square):
        assert abs(np.corrcoef(f(a), f(b))[0, 1]) < 4 / math.sqrt(N)
    assert distance(a, phi) < KS and distance(b, phi) < KS
    angle = (np.arctan2(b, a) / (2 * math.pi)) % 1
    assert distance(angle, lambda x: x) < KS


@every_float
def test_truncated_normal(dtype):
    x = random.truncated_normal((N,), dtype=dtype, seed=5)
    assert x.dtype == dtype and -2 <= x.min() < -1.999 and 1.999 < x.max() <= 2
    share = math.erf(math.sqrt(2))
    assert distance(x, lambda x: (phi(x) - 0.5) / share + 0.5) < KS
    density = math.exp(-2) / math.sqrt(2 * math.pi)
    variance = 1 - 4 * density / share
    assert abs(x.mean()) < 4 * math.sqrt(variance / N)
    assert abs(x.var() - variance) < 4 * math.sqrt(1 / N)
    assert abs(random.truncated_normal((N,), 7.0, 0.5, dtype, seed=5).mean() - 7) < 0.01


@pytest.mark.parametrize("low, high", [(0, 2), (0, 10), (-7, 90), (5, 5 + 3**7)])
def test_randint_is_even(low, high):
    x = random.randint((N,), low, high, "int64", seed=6)
    counts = np.bincount(x - low, minlength=high - low)
    assert counts.size == high - low
    assert abs(chi_square(counts, N / counts.size)) < 4


@pytest.mark.parametrize("span", [2**31 + 1, 3 * 2**30, 2**32 - 1, 2**32])
def test_randint_is_even_over_wide_ranges(span):
    """Ranges at which 32 bits modulo the range would favour its lower part."""
    x = random.randint((N,), -(2**40), span - 2**40, "int64", seed=7) + 2**40
    assert x.min() >= 0 and x.max() < span
    assert abs(chi_square(np.bincount(x * 64 // span, minlength=64), N / 64)) < 4
    assert abs(chi_square(np.bincount(x % 64, minlength=64), N / 64)) < 4


@pytest.mark.parametrize("p", [0.01, 0.5, 0.9])
def test_bernoulli(p):
    x = random.bernoulli((N,), p, seed=8)
    assert x.dtype == bool and abs(x.mean() - p) < 4 * math.sqrt(p * (1 - p) / N)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_sum(rate):
    y = random.dropout(np.ones(N, "float32"), rate, seed=9)
    assert set(np.unique(y)) == {np.float32(0), np.float32(1 / (1 - rate))}
    assert abs(y.mean() - 1) < 4 * math.sqrt(rate / (1 - rate) / N)
    wide = random.dropout(np.ones((200, 300), "float32"), rate, (200, 1), seed=9)
    assert (wide == wide[:, :1]).all() and 0 < (wide[:, 0] == 0).sum() < 200


def test_categorical():
    p = np.array([[0.1, 0.2, 0.3, 0.4], [0.97, 0.01, 0.01, 0.01]])
    x = random.categorical(np.log(p).astype("float32"), N, seed=10)
    assert x.shape == (2, N) and x.dtype == np.int32
    for row, expected in zip(x, p, strict=True):
        assert abs(chi_square(np.bincount(row, minlength=4), expected * N)) < 4
    assert abs(np.corrcoef(x[0], x[1])[0, 1]) < 4 / math.sqrt(N)
    stacked = random.categorical(np.zeros((3, 2, 5)), 7, "int64", seed=1)
    assert stacked.shape == (3, 2, 7) and stacked.dtype == np.int64


def test_permutations_are_permutations_and_each_is_as_likely():
    generator = random.SeedGenerator(11)
    orders = [tuple(random.permutation(4, generator).tolist()) for _ in range(4800)]
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    counts = np.array([orders.count(order) for order in set(orders)])
    assert counts.size == 24 and abs(chi_square(counts, 200)) < 4
    long = random.permutation(10_000, seed=1)
    assert long.dtype == np.int64 and np.array_equal(np.sort(long), np.arange(10_000))
    assert abs(np.corrcoef(long, np.arange(10_000))[0, 1]) < 0.04


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_a_shuffle_moves_whole_parts(backend, axis):
    x = np.arange(24.0).reshape(4, 3, 2)
    y = host(random.shuffle(ops.convert_to_tensor(x), axis, seed=3))
    np.testing.assert_array_equal(np.sort(y, axis), x)
    order = host(random.permutation(x.shape[axis], seed=3))
    np.testing.assert_array_equal(y, np.take(x, order, axis))


# independence


def correlations(rows):
    return np.abs(np.corrcoef(rows) - np.eye(len(rows))).max() * math.sqrt(len(rows[0]))


def test_neighbours_are_independent():
    for x in (random.uniform((N,), seed=12), random.normal((N,), seed=12), random.randint((N,), 0, 1000, seed=12)):
        for lag in (1, 2, 3, 4, 8):
            assert abs(np.corrcoef(x[:-lag], x[lag:])[0, 1]) < 4 / math.sqrt(N)


def test_draws_of_seeds_steps_calls_and_generators_are_independent():
    generator = random.SeedGenerator(13)
    run = Traced(lambda: [random.uniform((2000,)) for _ in range(5)], "draws")
    rows = [random.uniform((2000,), seed=seed) for seed in range(10)]
    rows += [random.uniform((2000,), seed=generator) for _ in range(10)]
    rows += [row for step in range(4) for row in run(seed=13, step=step)]
    rows += list(run(seed=14, step=0))
    assert correlations(np.stack(rows)) < 5


# edges


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (5,), 4])
def test_shapes(backend, shape):
    wanted = (shape,) if isinstance(shape, int) else shape
    draws = [
        lambda: random.uniform(shape, seed=1),
        lambda: random.normal(shape, seed=1),
        lambda: random.truncated_normal(shape, seed=1),
        lambda: random.randint(shape, 0, 5, seed=1),
        lambda: random.bernoulli(shape, seed=1),
        lambda: random.dropout(ops.ones(wanted), 0.5, seed=1),
    ]
    for draw, traced in zip(draws, Traced(lambda: [d() for d in draws], "draws")(), strict=True):
        out = draw()
        assert backend.owns(out) and out.shape == traced.shape == wanted and out.dtype == traced.dtype


@every_float
def test_limits_of_uniform(backend, dtype):
    assert set(host(random.uniform((9,), 2.5, 2.5, dtype, seed=1))) == {2.5}
    one = np.dtype(dtype).type(1)
    x = host(random.uniform((N,), 1, np.nextafter(one, one * 2), dtype, seed=1))
    assert set(x) == {one}, "the upper limit is left out where rounding would reach it"
    narrow = host(random.uniform((N,), 1, 1 + 4 * np.finfo(dtype).eps, dtype, seed=1))
    assert len(set(narrow)) == 4


def test_edges_of_normal(backend):
    assert set(host(random.normal((9,), 2.5, 0, seed=1))) == {2.5}
    assert set(host(random.truncated_normal((9,), -1, 0.0, seed=1))) == {-1}


@pytest.mark.parametrize("rate, kept", [(0, 1), (1, 0), (1.0, 0)])
def test_edges_of_dropout_and_bernoulli(backend, rate, kept):
    for x in (random.dropout(ops.ones((50,)), rate, seed=1), random.bernoulli((50,), 1 - rate, "float32", seed=1)):
        assert set(host(x)) == {kept}
    (traced,) = Traced(lambda x: [random.dropout(x, rate)], "dropout")(ops.ones((50,)))
    assert set(host(traced)) == {kept}


def test_randint_of_one_number(backend):
    assert set(host(random.randint((9,), -5, -4, seed=1))) == {-5}


def test_categorical_with_huge_logits(backend):
    def drawn(logits, dtype="float32"):
        x = ops.convert_to_tensor(np.array(logits, dtype))
        return set(host(random.categorical(x, 300, seed=1)).tolist())

    assert drawn([1e38, 1e38, -1e38]) == {0, 1}
    assert drawn([0, 1e30, 5]) == {1}
    assert drawn([-np.inf, 3, -np.inf, 3]) == {1, 3}
    assert drawn([5, np.inf, 2]) == {1}
    assert drawn([-1e300, -1e300], "float64") == {0, 1}
    assert drawn([7], "int32") == {0}
    assert host(random.categorical(ops.zeros((2, 3)), 0, seed=1)).shape == (2, 0)


def test_one_element_and_none_are_shuffled(backend):
    for n in (0, 1):
        assert host(random.permutation(n, seed=1)).tolist() == list(range(n))
        assert host(random.shuffle(ops.ones((n, 2)), seed=1)).shape == (n, 2)
    assert host(random.shuffle(ops.ones((2, 0)), 1, seed=1)).shape == (2, 0)


def test_the_inverse_at_known_points():
    assert NormalDist().cdf(2) == pytest.approx(math.erf(math.sqrt(2)) / 2 + 0.5)
