"""vjp, jvp, gradients of nested arguments, and all of them inside each other."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.program import Traced
from kcore.testing.tolerances import assert_close

X, Y = np.array([0.3, -1.2, 2.0]), np.array([1.5, 0.5, -0.7])


def host(x):
    return ops.convert_to_numpy(x)


def tensors(*arrays):
    return [ops.convert_to_tensor(a) for a in arrays]


def close(got, wanted):
    assert_close("reduction", host(got), np.asarray(wanted))


# vjp


def test_vjp_pulls_cotangents_back(backend):
    x, y = tensors(X, Y)
    value, pull = kcore.vjp(lambda x, y: x * ops.exp(y), x, y)
    close(value, X * np.exp(Y))
    for cotangent in (np.array([1.0, 0, 0]), np.array([2.0, 3, 4])):
        a, b = pull(*tensors(cotangent))
        close(a, cotangent * np.exp(Y))
        close(b, cotangent * X * np.exp(Y))


def test_vjp_of_nested_values(backend):
    x, g, h = tensors(X, np.ones(3), np.array(2.0))
    value, pull = kcore.vjp(lambda p: {"a": p["w"] * p["w"], "b": [ops.sum(p["w"])]}, {"w": x})
    assert set(value) == {"a", "b"}
    (back,) = pull({"a": g, "b": [h]})
    close(back["w"], 2 * X + 2)
    with pytest.raises(ValueError, match=re.escape(": the cotangents are nested as {'a': .}, but the value")):
        pull({"a": g})


def test_a_row_of_a_jacobian(backend):
    weight = np.arange(6.0).reshape(2, 3)
    (x,) = tensors(X)
    _, pull = kcore.vjp(lambda x: ops.tensordot(weight, x, 1), x)
    rows = [pull(*tensors(unit))[0] for unit in np.eye(2)]
    for row, wanted in zip(rows, weight, strict=True):
        close(row, wanted)


# jvp


def test_jvp_pushes_tangents_forward(backend):
    x, y, dx, dy = tensors(X, Y, np.array([1.0, 0, 2]), np.array([0.5, 1, 0]))
    value, tangent = kcore.jvp(lambda x, y: x * ops.exp(y), (x, y), (dx, dy))
    close(value, X * np.exp(Y))
    close(tangent, np.exp(Y) * host(dx) + X * np.exp(Y) * host(dy))


def test_jvp_and_vjp_are_adjoint(backend):
    rng = np.random.default_rng(0)
    w, u, v = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=3)

    def function(x):
        return ops.tanh(ops.matmul(x, w)) / (1.0 + ops.sum(x * x))

    x, tangent, cotangent = tensors(X, v, u)
    forward = host(kcore.jvp(function, (x,), (tangent,))[1])
    back = host(kcore.vjp(function, x)[1](cotangent)[0])
    assert forward @ u == pytest.approx(back @ v, rel=1e-12)


def test_jvp_of_what_does_not_depend_is_zero(backend):
    x, d = tensors(X, np.ones(3))
    value, tangent = kcore.jvp(lambda x: ops.ones((2,), "float64"), (x,), (d,))
    close(tangent, np.zeros(2))
    assert value.shape == (2,)


def test_tangents_are_nested_as_primals(backend):
    x, d = tensors(X, np.ones(3))
    with pytest.raises(ValueError, match=re.escape(": the tangents are nested as (.,), but primals as ({'w': .},)")):
        kcore.jvp(lambda p: p["w"], ({"w": x},), (d,))


# nesting


def test_gradients_of_nested_arguments(backend):
    x, y = tensors(X, Y)

    def loss(p, s):
        return ops.sum(p["w"] * p["b"][0]) * s

    gradient = kcore.grad(loss)({"w": x, "b": (y,)}, 2.0)
    close(gradient["w"], 2 * Y)
    close(gradient["b"][0], 2 * X)
    assert isinstance(gradient["b"], tuple)
    value, (first, second) = kcore.value_and_grad(loss, (0, 1))({"w": x, "b": (y,)}, 2.0)
    assert float(host(value)) == pytest.approx(2 * X @ Y)
    assert float(host(second)) == pytest.approx(X @ Y, rel=1e-6)
    close(first["w"], 2 * Y)


def test_grad_of_grad_of_grad(backend):
    (x,) = tensors(np.array(0.7))
    third = kcore.grad(kcore.grad(kcore.grad(ops.sin)))
    close(third(x), -np.cos(0.7))


def test_a_hessian_times_a_vector_both_ways(backend):
    def function(x):
        return ops.sum(ops.exp(x) * x) + ops.prod(x) if hasattr(ops, "prod") else ops.sum(ops.exp(x) * x)

    x, v = tensors(X, Y)
    forward = kcore.jvp(kcore.grad(function), (x,), (v,))[1]
    back = kcore.grad(lambda x: ops.sum(kcore.grad(function)(x) * Y))(x)
    close(forward, host(back))


def test_inside_of_a_trace_they_are_recorded(backend):
    def record(x):
        value, pull = kcore.vjp(lambda x: x * x, x)
        _, tangent = kcore.jvp(lambda x: x * x, (x,), (x,))
        return [value, pull(x)[0], tangent]

    for got in Traced(record, "a function")(*tensors(X)):
        assert host(got).shape == (3,)
    value, pulled, tangent = Traced(record, "a function")(*tensors(X))
    close(value, X * X)
    close(pulled, 2 * X * X)
    close(tangent, 2 * X * X)


def test_integers_have_no_gradient(backend):
    with pytest.raises(
        TypeError, match=r"A variable of dtype int64 has no gradient: only floats have one\. Use ops\.cast"
    ):
        kcore.grad(lambda x: ops.sum(ops.cast(x, "float32")))(np.arange(3))


def test_only_a_scalar_has_a_gradient(backend):
    with pytest.raises(ValueError, match=r"A gradient is taken of a scalar; this has shape \(3,\)"):
        kcore.grad(lambda x: x * x)(*tensors(X))
    with pytest.raises(TypeError, match=r"must return a scalar that is computed from its arguments, not 1"):
        kcore.grad(lambda x: 1)(*tensors(X))


def test_a_function_may_change_the_containers_that_it_gets(backend):
    def loss(p):
        p["w"] = ops.tanh(p["w"])
        return ops.sum(p.pop("w"))

    (x,) = tensors(X)
    close(kcore.grad(loss)({"w": x})["w"], 1 - np.tanh(X) ** 2)


@pytest.mark.parametrize(
    "function, text",
    [
        (lambda x: kcore.vjp(lambda x: ops.sum(x * x), x)[1](x), "cotangent 0 has shape (3,), but the value that"),
        (lambda x: kcore.vjp(lambda x: x * 2.0, x)[1](x[:1]), "cotangent 0 has shape (1,), but the value that"),
        (lambda x: kcore.jvp(lambda x: x * x, (x,), (x[0],)), "tangent 0 has shape (), but the argument that"),
    ],
)
def test_cotangents_and_tangents_are_not_broadcast(function, text):
    with pytest.raises(ValueError, match=r"test_transform\.py, line \d+: " + re.escape(text)):
        function(X)


def test_integers_have_neither_tangents_nor_cotangents(backend):
    text = r"An argument of dtype int64 has no gradient: only floats have one"
    with pytest.raises(TypeError, match=text):
        kcore.jvp(lambda x, y: x * y, (2, 3), (1, 1))
    with pytest.raises(TypeError, match=text):
        kcore.vjp(lambda x: x * x, np.arange(3))


def test_a_value_may_hold_numbers(backend):
    (x,) = tensors(X)
    (_, one), pull = kcore.vjp(lambda x: (x * 2.0, 1.0), x)
    assert float(host(one)) == 1
    close(pull((x, one))[0], 2 * X)
    value, tangent = kcore.jvp(lambda x: (x * x, 3.0), (x,), (x,))
    close(tangent[0], 2 * X * X)
    assert float(host(value[1])) == 3 and float(host(tangent[1])) == 0


def test_keys_of_any_kind(backend):
    (x,) = tensors(X)
    gradient = kcore.grad(lambda p: ops.sum(p[1] * p["a"]))({1: x, "a": x * 2.0})
    close(gradient[1], 2 * X)
    close(gradient["a"], X)
