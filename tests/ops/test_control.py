"""Loops and choices in keras.ops's words, at once and in programs."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.program import Traced
from kcore.testing.tolerances import assert_close

X = np.array([[1.0, -2.0], [3.0, 4.0], [-5.0, 0.5]])


def host(x):
    return ops.convert_to_numpy(x)


@pytest.fixture(params=["at once", "traced"])
def run(request, backend):
    """Calls a function on arrays, at once or in a program."""

    def call(function, *arrays):
        tensors = [ops.convert_to_tensor(a) for a in arrays]
        if request.param == "at once":
            return host(function(*tensors))
        return host(Traced(lambda *symbols: [function(*symbols)], "a function")(*tensors)[0])

    return call


def test_fori_loop(run):
    assert_close(
        "reduction", run(lambda x: ops.fori_loop(1, 4, lambda i, v: v * x + ops.cast(i, "float64"), x), X), _fori(X)
    )
    assert_close("view", run(lambda x: ops.fori_loop(3, 3, lambda i, v: v * 2.0, x), X), X)


def _fori(x):
    value = x
    for i in range(1, 4):
        value = value * x + i
    return value


def test_map(run):
    assert_close("reduction", run(lambda x: ops.map(lambda row: ops.sum(row) * row, x), X), X * X.sum(1, keepdims=True))
    assert_close("reduction", run(lambda x: ops.vectorized_map(lambda row: row @ row, x), X), (X * X).sum(1))


def test_a_map_is_one_call_for_all(backend):
    """What each turn does alone is found to be one product."""
    weight = np.ones((2, 4))
    explanation = kcore.explain(lambda x: ops.map(lambda row: ops.expand_dims(row, 0) @ weight, x), X)
    assert "scan" in explanation.simplify and "scan" not in explanation.hoist
    assert explanation.hoist.count("matmul") == 1


def test_cond(run):
    def chosen(x):
        return ops.cond(ops.sum(x) > 1.0, lambda: x * 2.0, lambda: -x)

    assert_close("view", run(chosen, X), X * 2)
    assert_close("view", run(chosen, X - 10), 10 - X)


def test_select(run):
    def chosen(x):
        return ops.select([x < 0.0, x > 2.0], [-x, x * 10.0], 7.0)

    assert_close("view", run(chosen, X), np.select([X < 0, X > 2], [-X, X * 10], 7.0))


def test_while_loop(run):
    def halved(x):
        return ops.while_loop(lambda v, n: ops.max(v) > 1.0, lambda v, n: (v / 2.0, n + 1.0), (x, x[0, 0] * 0.0), 10)[0]

    assert_close("view", run(halved, X), X / 4)
    assert_close("view", run(lambda x: ops.while_loop(lambda v: True, lambda v: v + 1.0, x, 3), X), X + 3)


def test_gradients_go_through(backend):
    x = ops.convert_to_tensor(X)
    loop = kcore.grad(lambda x: ops.sum(ops.fori_loop(0, 3, lambda i, v: v * x, x)))
    assert_close("reduction", host(loop(x)), 4 * X**3)
    either = kcore.grad(lambda x: ops.sum(ops.cond(ops.sum(x) > 1.0, lambda: x * 2.0, lambda: -x)))
    assert_close("view", host(either(x)), np.full_like(X, 2))
    bounded = kcore.grad(
        lambda x: ops.sum(ops.while_loop(lambda v: ops.max(v) < 100.0, lambda v: v * x, x, maximum_iterations=9))
    )
    assert_close("reduction", host(bounded(x)), 4 * X**3)  # the largest is 4, 25, 64, 625


@pytest.mark.parametrize(
    "function, kind, text",
    [
        (
            lambda x: ops.while_loop(lambda v: ops.max(v) > 1.0, lambda v: v / 2.0, x),
            TypeError,
            "how often ops.while_loop runs depends on numbers, which a program does not know. Give it",
        ),
        (
            lambda x: ops.cond(ops.max(x) > 1.0, lambda: x, lambda: (x, x)),
            ValueError,
            "both functions of ops.cond must give the same nesting, got . and (., .).",
        ),
        (lambda x: ops.select([x > 0.0], []), ValueError, "ops.select got 1 conditions and 0 choices."),
    ],
)
def test_what_a_program_cannot_do_is_answered(function, kind, text):
    with pytest.raises(kind, match=r"test_control\.py, line \d+: " + re.escape(text)):
        Traced(lambda x: [function(x)], "a function")(X)


def test_shapes_that_broadcast():
    assert ops.broadcast_shapes((2, 1), (3,), ()) == (2, 3)
    with pytest.raises(ValueError, match=r"test_control\.py, line \d+: Shapes \(2,\) and \(3,\) do not broadcast"):
        ops.broadcast_shapes((2,), (3,))


def test_nothing_is_divided_by_zero(backend):
    x, y = map(ops.convert_to_tensor, (np.array([1.0, 2.0, 0.0]), np.array([0.0, 4.0, 0.0])))
    assert_close("view", host(ops.divide_no_nan(x, y)), np.array([0.0, 0.5, 0.0]))
    for i, wanted in enumerate(([0.0, 0.25, 0.0], [0.0, -0.125, 0.0])):
        slope = kcore.grad(lambda x, y: ops.sum(ops.divide_no_nan(x, y)), i)(x, y)
        assert_close("view", host(slope), np.array(wanted))
