"""stop_gradient and custom_gradient."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.testing.tolerances import assert_close

X = np.array([0.3, -1.2, 2.0])


def host(x):
    return ops.convert_to_numpy(x)


@pytest.fixture
def x(backend):
    return ops.convert_to_tensor(X)


def test_nothing_flows_through_a_stop(x):
    assert_close("view", host(ops.stop_gradient(x)), X)
    assert_close("view", host(kcore.grad(lambda x: ops.sum(ops.stop_gradient(x) * x))(x)), X)
    assert host(kcore.grad(lambda x: ops.sum(ops.stop_gradient(x * x)))(x)).tolist() == [0, 0, 0]


def test_a_gradient_of_ones_own(x):
    @ops.custom_gradient
    def halved(x):
        return x * 2.0, lambda upstream: upstream * 0.5

    assert_close("view", host(halved(x)), X * 2)
    assert_close("view", host(kcore.grad(lambda x: ops.sum(halved(x) * 3.0))(x)), np.full(3, 1.5))


def test_it_may_read_what_the_value_was_made_of_and_be_differentiated(x):
    @ops.custom_gradient
    def log1pexp(x):
        e = ops.exp(x)
        return ops.log(1.0 + e), lambda upstream: upstream * (1.0 - 1.0 / (1.0 + e))

    sigmoid = 1 / (1 + np.exp(-X))
    once = kcore.grad(lambda x: ops.sum(log1pexp(x)))
    assert_close("reduction", host(once(x)), sigmoid)
    assert_close("reduction", host(kcore.grad(lambda x: ops.sum(once(x)))(x)), sigmoid * (1 - sigmoid))


def test_several_arguments_and_values(x):
    @ops.custom_gradient
    def both(a, b):
        return (a + b, a * b), lambda g, h: (g * 10.0 + h, ops.zeros_like(b))

    def loss(a, b):
        first, second = both(a, b)
        return ops.sum(first) + ops.sum(second * 2.0)

    assert [host(v).tolist() for v in both(x, x)] == [(X + X).tolist(), (X * X).tolist()]
    a, b = kcore.grad(loss, (0, 1))(x, x)
    assert host(a).tolist() == [12, 12, 12] and host(b).tolist() == [0, 0, 0]


def test_too_few_cotangents_are_answered(x):
    @ops.custom_gradient
    def wrong(a, b):
        return a + b, lambda g: g

    with pytest.raises(ValueError, match=r"gave 1 cotangents for the 2 arrays that the function takes: return one"):
        kcore.grad(lambda a, b: ops.sum(wrong(a, b)))(x, x)


def test_in_a_loop_the_rule_stays_within_the_turn(x):
    def end(x):
        return ops.sum(ops.scan(lambda c, _: (ops.stop_gradient(c) * c, None), x, length=2)[0])

    assert_close("reduction", host(kcore.grad(end)(x)), X**3)


def exp_of_ones_own(x):
    """Its gradient reads a value that was made on the way there."""
    e = ops.exp(x)
    return e, lambda upstream: upstream * e


def chain(e):
    def end(x):
        return ops.sum(ops.scan(lambda c, t: (ops.tanh(c * e(t)), c * e(t)), 0.5 + 0.0 * x[0], x * 0.1)[1])

    return end


def nested(e):
    def turn(c, t):
        return ops.scan(lambda d, _: (ops.tanh(d * e(t) + c), None), c, length=2)[0], None

    return lambda x: ops.scan(turn, 0.1 + 0.0 * x[0], x * 0.1)[0]


@pytest.mark.parametrize("function", [chain, nested])
def test_in_a_loop_it_reads_the_values_of_its_turn(x, function):
    slopes = [kcore.grad(function(e)) for e in (ops.custom_gradient(exp_of_ones_own), ops.exp)]
    ours, theirs = (host(slope(x)) for slope in slopes)
    assert abs(theirs).min() > 1e-4
    assert_close("reduction", ours, theirs)
    twice = [kcore.grad(lambda x, s=s: ops.sum(s(x) * s(x))) for s in slopes]
    assert_close("reduction", *(host(slope(x)) for slope in twice))


def test_a_cotangent_of_another_shape_is_answered(x):
    @ops.custom_gradient
    def wrong(a):
        return a * a, lambda g: ops.sum(g)

    with pytest.raises(ValueError, match=r"gave a cotangent of shape \(\) for array 0, which has shape \(3,\)"):
        kcore.grad(lambda x: ops.sum(wrong(x)))(x)
