"""Elementwise functions at special values, on dtypes that they refuse, and their gradients where these are delicate."""

from __future__ import annotations

import itertools
import math
import re
import statistics

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.graph import Trace, finish, recording
from kcore.program import Program, Traced
from tests.ops.rows_elementwise import BITS, INTEGERS

SPECIAL = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 1e-320, 1e300, -1e300])
UNARY = [
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "exp", "exp2", "expm1",
    "floor", "isfinite", "isinf", "isnan", "log", "log10", "log1p", "log2", "logical_not", "nan_to_num",
    "negative", "positive", "reciprocal", "round", "sign", "signbit", "sin", "sinh", "sqrt", "square", "tan",
    "tanh", "trunc",
]  # fmt: skip
BINARY = [
    "add", "atan2", "copysign", "divide", "equal", "floor_divide", "greater", "greater_equal", "heaviside",
    "hypot", "isclose", "less", "less_equal", "logaddexp", "logical_and", "logical_or", "logical_xor",
    "maximum", "minimum", "multiply", "nextafter", "not_equal", "pow", "remainder", "subtract",
]  # fmt: skip


def numbers(x):
    return ops.convert_to_numpy(x)


def both_ways(function, *arrays):
    """What it gives at once, and what it gives traced."""
    tensors = [ops.convert_to_tensor(a) for a in arrays]
    (traced,) = Traced(lambda *symbols: [function(*symbols)], "a test")(*tensors)
    return numbers(function(*tensors)), numbers(traced)


def agree(name, got, wanted):
    """Equal, with the signs of zeros, but for a unit in the last place where the function is no arithmetic."""
    np.testing.assert_allclose(got, wanted, rtol=1e-15, atol=0, err_msg=name)
    zero = wanted == 0
    np.testing.assert_array_equal(np.signbit(got)[zero], np.signbit(wanted)[zero], err_msg=name)


@pytest.mark.parametrize("name", UNARY)
def test_special_values_are_numpys(backend, name):
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(SPECIAL)
        for got in both_ways(getattr(ops, name), SPECIAL):
            assert got.dtype == wanted.dtype
            agree(name, *((got, wanted) if got.dtype == float else (got * 1.0, wanted * 1.0)))


@pytest.mark.parametrize("name", BINARY)
def test_special_values_meet_as_in_numpy(backend, name):
    a, b = (m.copy() for m in np.meshgrid(SPECIAL, SPECIAL))
    with np.errstate(all="ignore"):
        wanted = getattr(np, name)(a, b)
        for got in both_ways(getattr(ops, name), a, b):
            assert got.dtype == wanted.dtype
            agree(name, got * 1.0, wanted * 1.0)


@pytest.mark.parametrize("name", [*BITS, "left_shift", "right_shift"])
@pytest.mark.parametrize("dtype", INTEGERS)
def test_bits_of_every_integer(backend, name, dtype):
    limits = np.iinfo(dtype)
    a = np.array([limits.min, limits.max, 1, 85], dtype)
    b = np.array([0, 1, 7, 2], dtype)
    a, b = (m.copy() for m in np.meshgrid(a, b))
    for got in both_ways(getattr(ops, name), a, b):
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, getattr(np, name)(a, b))


def test_integers_divide_as_in_numpy(backend):
    a, b = (m.copy() for m in np.meshgrid([-7, -1, 0, 1, 7], [-3, -1, 1, 3]))
    for name in ("floor_divide", "remainder"):
        for got in both_ways(getattr(ops, name), a, b):
            np.testing.assert_array_equal(got, getattr(np, name)(a, b))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "float32", "float64"])
@pytest.mark.parametrize("decimals", [-2, -1, 0, 1])
def test_rounding_is_numpys(backend, dtype, decimals):
    x = np.array([0, 5, 15, 25, 50, 126, 0.5, 1.5, 2.5, 0.25, 0.35, -0.5, -15]) if dtype[0] == "f" else [5, 15, 25, 126]
    x = np.asarray(x).astype(dtype)
    for got in both_ways(lambda x: ops.round(x, decimals), x):
        assert got.dtype == dtype
        np.testing.assert_array_equal(got, np.round(x, decimals))


def test_clip_with_one_bound_or_none(backend):
    x = np.array([-2.0, 0.5, np.nan, np.inf, -np.inf])
    for bounds in ((None, 0.0), (0.0, None), (-1.0, 1.0), (1.0, -1.0), (-np.inf, 0.0)):
        for got in both_ways(lambda x, bounds=bounds: ops.clip(x, *bounds), x):
            np.testing.assert_array_equal(got, np.clip(x, *bounds))
    for got in both_ways(ops.clip, x):
        np.testing.assert_array_equal(got, x)
    assert numbers(ops.clip(ops.ones(2, "int32"), x_max=0.5)).dtype == "float32"


def test_nan_to_num_takes_other_numbers(backend):
    for dtype in ("float32", "float64"):
        x = np.array([np.nan, np.inf, -np.inf, 2], dtype)
        for options in ({}, {"nan": 7.0, "posinf": 1.0}, {"neginf": -3.0}):
            for got in both_ways(lambda x, options=options: ops.nan_to_num(x, **options), x):
                np.testing.assert_array_equal(got, np.nan_to_num(x, **options))


@pytest.mark.parametrize("equal_nan", [False, True])
def test_what_is_close(backend, equal_nan):
    a = np.array([1, 1, np.nan, np.inf, np.inf, 0, 1e10, 3])
    b = np.array([1 + 1e-6, 1.1, np.nan, np.inf, -np.inf, 1e-9, 1.00001e10, np.inf])
    for got in both_ways(lambda a, b: ops.isclose(a, b, equal_nan=equal_nan), a, b):
        np.testing.assert_array_equal(got, np.isclose(a, b, equal_nan=equal_nan))
    assert numbers(ops.isclose(np.array([100_000]), np.array([100_001]))).tolist() == [True]
    assert numbers(ops.isclose(np.array([2**40]), np.array([2**40 + 1]), rtol=0)).tolist() == [False]


# the error function


def test_the_error_function_to_its_last_digits(backend):
    x = np.concatenate([np.linspace(-7, 7, 4001), np.logspace(-307, 0.9, 500), [0.0, -0.0, np.inf, -np.inf, np.nan]])
    for dtype, bound in (("float64", 5e-16), ("float32", 2e-7)):
        given = x.astype(dtype)
        wanted = np.array([math.erf(a) for a in given])
        for got in both_ways(ops.erf, given):
            normal = ~(np.abs(wanted) < np.finfo(dtype).tiny)
            np.testing.assert_allclose(got[normal], wanted[normal], rtol=bound, atol=0)


def test_the_inverse_of_the_error_function_to_its_last_digits(backend):
    """Against Python's own normal distribution in the middle; in the tails the error function must give x back."""
    middle = np.linspace(-1, 1, 802)[1:-1]
    tails = 2.0 ** -np.arange(1, 53)
    small = np.logspace(-300, -3, 100)
    wanted = np.array([statistics.NormalDist().inv_cdf((x + 1) / 2) for x in middle]) / math.sqrt(2)
    for got in both_ways(ops.erfinv, middle):
        np.testing.assert_allclose(got, wanted, rtol=1e-15, atol=1e-15)
    for got in both_ways(ops.erfinv, 1 - tails):
        left = np.array([math.erfc(y) for y in got])
        steep = 2 / math.sqrt(math.pi) * np.exp(-np.square(got))
        np.testing.assert_array_less(np.abs(left - tails) / steep / got, 1e-15)
    for got in both_ways(ops.erfinv, small):
        np.testing.assert_allclose([math.erf(y) for y in got], small, rtol=1e-15)
    for got in both_ways(ops.erfinv, np.array([1, -1, 0, 2, -2])):
        assert got.dtype == "float32"
        np.testing.assert_array_equal(got, [np.inf, -np.inf, 0, np.nan, np.nan])


# gradients where they are delicate

INF = math.inf
GRADIENTS = {
    # of the sum of a function of numbers: where, and what is wanted
    "the root of relu": (lambda x: ops.sqrt(ops.relu(x)), [-1, 0, 4], [0, 0, 0.25]),
    "relu times its root": (lambda x: ops.sqrt(ops.relu(x)) * ops.relu(x), [-1, 0, 4], [0, 0, 3]),
    "relu of what overflowed": (lambda x: ops.relu(x) * ops.exp(x * 1e3), [-1, 0], [0, 0]),
    "acos of clip": (lambda x: ops.acos(ops.clip(x, -1, 1)), [-2, 1, 2], [0, 0, 0]),
    "a power of relu": (lambda x: ops.relu(x) ** 0.5, [-1, 4], [0, 0.25]),
    "where": (lambda x: ops.where(x > 0, ops.sqrt(ops.where(x > 0, x, 1.0)), 0), [-1, 0, 4], [0, 0, 0.25]),
    "abs": (ops.abs, [-2, 0, 2], [-1, 0, 1]),
    "clip": (lambda x: ops.clip(x, -1, 1), [-2, -1, 0, 1, 2], [0, 0, 1, 0, 0]),
    "copysign": (lambda x: ops.copysign(x, -1.0), [-2, 0, 2], [1, -1, -1]),
    "square by power": (lambda x: x**2, [-2, 0], [-4, 0]),
    "the power 0": (lambda x: ops.pow(x, ops.zeros(3, "float64")), [-2, 0, 2], [0, 0, 0]),
    "the power 1": (lambda x: ops.pow(x, ops.ones(3, "float64")), [-2, 0, 2], [1, 1, 1]),
    "the power 0.5": (lambda x: ops.pow(x, 0.5), [0, 4], [INF, 0.25]),
    "powers of 0": (lambda x: ops.pow(0.0, x), [1, 2], [0, 0]),
    "powers of 2": (lambda x: 2**x, [0, 1], [math.log(2), 2 * math.log(2)]),
    "powers of -2": (lambda x: ops.pow(-2.0, x), [1, 2], [0, 0]),
    "hypot": (lambda x: ops.hypot(x, 0.0), [-1, 0, 1], [-1, 0, 1]),
    "atan2": (lambda x: ops.atan2(x, 0.0), [-1, 0, 1], [0, 0, 0]),
    "sinc": (ops.sinc, [0, 1], [0, -1]),
    "logaddexp": (lambda x: ops.logaddexp(x, x * 0), [-1e4, 0, 1e4], [0, 0.5, 1]),
    "logaddexp of equals": (lambda x: ops.logaddexp(x, -INF), [-INF, 0, INF], [0.5, 1, 1]),
    "nan_to_num": (lambda x: ops.nan_to_num(x) ** 2, [math.nan, INF, 3], [0, 0, 6]),
    "remainder": (lambda x: ops.remainder(x, 3.0), [-4, 4, 3.5], [1, 1, 1]),
    "of a remainder": (lambda x: ops.remainder(7.0, x), [-3, 3, 2], [3, -2, -3]),
    "round, floor, ceil, trunc, sign": (lambda x: ops.round(x) + ops.floor(x) + ops.sign(x), [0.2], [0]),
    "erf": (ops.erf, [0, 30, -INF], [2 / math.sqrt(math.pi), 0, 0]),
    "erfinv": (ops.erfinv, [0, 1], [math.sqrt(math.pi) / 2, INF]),
    "heaviside": (lambda x: ops.heaviside(0.0, x), [2, 3], [1, 1]),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_at_edges(backend, name):
    function, at, wanted = GRADIENTS[name]
    x = ops.convert_to_tensor(np.array(at, "float64"))
    gradient = numbers(kcore.grad(lambda x: ops.sum(function(x)))(x))
    np.testing.assert_allclose(gradient, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["the root of relu", "abs", "clip", "hypot", "sinc", "the power 0", "logaddexp"])
def test_second_derivatives_at_edges_are_finite(backend, name):
    function, at, _ = GRADIENTS[name]
    x = ops.convert_to_tensor(np.array(at, "float64"))
    second = kcore.grad(lambda x: ops.sum(kcore.grad(lambda x: ops.sum(function(x)))(x)))(x)
    assert np.isfinite(numbers(second)).all()


MASKED = {
    # the shapes of the condition and of what is chosen from, and its dtype
    "floats": ((3, 4), (3, 4), "float64"),
    "a wide condition": ((3, 4), (4,), "float32"),
    "a wide choice": ((4,), (3, 4), "float32"),
    "one number": ((), (), "float64"),
    "nothing": ((0, 4), (0, 4), "float64"),
    "integers": ((3, 4), (3, 4), "int32"),
    "truth values": ((3, 4), (3, 4), "bool"),
}


@pytest.mark.parametrize("name", MASKED)
@pytest.mark.parametrize("value", [2.0, np.inf, -np.inf, np.nan])
def test_what_a_mask_hides_does_not_matter(backend, name, value):
    """In a program that writes in place a choice from 0 is a product, mended where that gave NaN."""
    wide, narrow, dtype = MASKED[name]
    trace = Trace()
    with recording(trace):
        keep, x = trace.input("keep", wide, "bool"), trace.input("x", narrow, dtype)
        outputs = [ops.where(keep, x, 0), ops.where(ops.logical_not(keep), x + x, 0)]
    program = Program(finish(trace, "step", outputs), backend)
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        given = {"keep": rng.random(wide) < 0.5, "x": np.where(rng.random(narrow) < 0.5, value, 3.0).astype(dtype)}
        wanted = [np.where(given["keep"], given["x"], False), np.where(given["keep"], False, given["x"] + given["x"])]
    for key, host in program.arrays.items():
        host[...] = given[key]
    for got, want in zip(program(**{k: v for k, v in given.items() if not v.shape}), wanted, strict=True):
        np.testing.assert_array_equal(numbers(got), want)
    if backend.in_place and backend.kernels() is None:
        assert program.text.count("masked(") == 2


# dtypes

REFUSED = [
    (
        "bitwise_and",
        ("float32", "float32"),
        'takes truth values and integers, got float32. Use kcore.ops.cast(x, "int64").',
    ),
    (
        "bitwise_or",
        ("int32", "float64"),
        'takes truth values and integers, got float64. Use kcore.ops.cast(x, "int64").',
    ),
    ("bitwise_invert", ("float32",), 'takes truth values and integers, got float32. Use kcore.ops.cast(x, "int64").'),
    ("bitwise_left_shift", ("float32", "int32"), 'takes integers, got float32. Use kcore.ops.cast(x, "int64").'),
    ("subtract", ("bool", "bool"), 'takes integers and floats, got bool. Use kcore.ops.cast(x, "float32").'),
    ("negative", ("bool",), 'takes integers and floats, got bool. Use kcore.ops.cast(x, "float32").'),
    ("sign", ("bool",), 'takes integers and floats, got bool. Use kcore.ops.cast(x, "float32").'),
    ("positive", ("bool",), 'takes numbers, got bool. Use kcore.ops.cast(x, "int64").'),
]


@pytest.mark.parametrize("name, dtypes, text", REFUSED, ids=[f"{n}-{d[0]}" for n, d, _ in REFUSED])
def test_dtypes_that_numpy_refuses(backend, name, dtypes, text):
    arrays = [np.ones(2, d) for d in dtypes]
    with pytest.raises(TypeError):
        getattr(np, name)(*arrays)
    with pytest.raises(TypeError, match=rf"^test_elementwise_edges\.py, line \d+: ops\.{name} {re.escape(text)}$"):
        getattr(ops, name)(*map(ops.convert_to_tensor, arrays))
    with pytest.raises(TypeError, match=rf"^test_elementwise_edges\.py, line \d+: ops\.{name} {re.escape(text)}$"):
        Traced(lambda *symbols: [getattr(ops, name)(*symbols)], "a test")(*map(ops.convert_to_tensor, arrays))


def test_integers_have_no_negative_whole_power(backend):
    x = ops.convert_to_tensor(np.array([1, 2]))
    with pytest.raises(ValueError, match=r"Integers to negative"):
        np.power(np.array([1, 2]), -1)
    with pytest.raises(
        ValueError, match=r"line \d+: integers have no whole power of -1: write it as -1.0, which gives"
    ):
        ops.pow(x, -1)
    assert numbers(ops.pow(x, -1.0)).tolist() == [1, 0.5]


@pytest.mark.parametrize("name, wanted", [("floor_divide", "int8"), ("remainder", "int8"), ("pow", "int8")])
def test_truth_values_count(backend, name, wanted):
    a, b = np.array([True, False]), np.array([True, True])
    for got in both_ways(getattr(ops, name), a, b):
        assert got.dtype == wanted
        np.testing.assert_array_equal(got, getattr(np, name)(a, b))


def test_every_pair_of_dtypes_compares(backend):
    for left, right in itertools.product(("bool", "int8", "uint8", "int64", "float32"), repeat=2):
        a, b = np.array([0, 1, 1]).astype(left), np.array([1, 1, 0]).astype(right)
        for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
            for got in both_ways(getattr(ops, name), a, b):
                np.testing.assert_array_equal(got, getattr(np, name)(a, b))


# operators on variables


def test_operators_of_a_variable(backend):
    v, w = kcore.Variable(np.array([3, -2])), kcore.Variable(np.array([1.5, 2.0]))
    assert numbers(v**2).tolist() == [9, 4]
    assert numbers(2.0**w).tolist() == [2**1.5, 4]
    assert numbers(v // 2).tolist() == [1, -1]
    assert numbers(7 // v).tolist() == [2, -4]
    assert numbers(v % 2).tolist() == [1, 0]
    assert numbers(7 % v).tolist() == [1, -1]
    assert numbers(v != 3).tolist() == [False, True]
    assert numbers(abs(v)).tolist() == [3, 2]
    assert numbers(+v).tolist() == [3, -2]
    assert numbers(~v).tolist() == [-4, 1]
    assert numbers(v & 1).tolist() == [1, 0]
    assert numbers(4 | v).tolist() == [7, -2]
    assert numbers(v ^ 1).tolist() == [2, -1]
    assert numbers(v << 1).tolist() == [6, -4]
    assert numbers(-8 >> abs(v)).tolist() == [-1, -2]
    assert len({v, w, v}) == 2, "variables are keys by identity"
