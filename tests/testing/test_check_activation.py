"""check_activation passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kcore import ops
from kcore.ops import Op, call, define
from kcore.plugin import entry, register
from kcore.testing import check_activation
from tests.testing.faults import (
    UNSEEDED,
    Fault,
    check_says,
    each,
    elsewhere,
    narrow,
    no_slope,
    on_numpy,
    slope_elsewhere,
    steep,
)


def bent(x):
    """Right in every way."""
    return ops.where(x > 0, x, 0.1 * x)


def _flat(x):
    return ops.sum(x, -1)


def _always_float32(x):
    return ops.cast(ops.tanh(x), "float32")


def _narrow(x):
    return ops.tanh(narrow(x))


def _overflowing(x):
    return ops.exp(ops.square(x))


STEEP = define(
    Op(
        "planted/overflowing_slope",
        "compound",
        lambda x: (x.shape, x.dtype),
        gradients=(lambda g, out, x: g * (ops.exp(2 * x) * ops.exp(-2 * x)),),  # 1, as long as exp is finite
        lowering=lambda x: x * 1.0,
    )
)


def _slope_not_finite(x):
    return call(STEEP, x)


def _wrong_gradient(x):
    return steep(x)


def _on_numpy_alone(x):
    return on_numpy(x)


def _other_numbers_elsewhere(x):
    return elsewhere(x)


def _other_slope_elsewhere(x):
    return slope_elsewhere(x)


def _over_samples(x):
    return ops.softmax(x, 0)


def _random_in_traces(x):
    return x * (1.0 + UNSEEDED.uniform(0.1, 1))


def _of_lists(x):
    return [x, x]


def _by_math(x):
    return math.exp(x)


def _not_a_number(x):
    return x * np.nan


def _without_a_gradient(x):
    return no_slope(x)


@each(
    Fault(_flat, r"Activation '_flat' of float32 \(3, 4\) on .*: expected a result of shape \(3, 4\); got \(3,\)"),
    Fault(_always_float32, "in float64; got float32", {"differentiable": False}),
    Fault(_narrow, "change of 1e-8 of the input"),
    Fault(_overflowing, "finite numbers as the result; got inf", {"differentiable": False}),
    Fault(_slope_not_finite, "finite numbers as the gradient; got nan"),
    Fault(_wrong_gradient, "the gradient for the input along a direction"),
    Fault(_on_numpy_alone, "on backend strict: expected a result and its gradient; got NameError"),
    Fault(_other_numbers_elsewhere, "on backend strict: expected numpy's result"),
    Fault(_other_slope_elsewhere, "on backend strict: expected numpy's gradient"),
    Fault(_over_samples, "of samples alone what they give together.* Reduce over the last axis only"),
    Fault(_random_in_traces, "in a program what it gives at once", {"differentiable": False}),
    Fault(_of_lists, "an array; got list. Return one, made in kcore.ops"),
    Fault(_by_math, r"a result for float64 \(3, 4\); got TypeError: .* The error says what is wrong"),
    Fault(_not_a_number, r"finite numbers as the result; got nan at \[0, 0\]. Bound what exp and the like are given"),
    Fault(_without_a_gradient, "gradients; got TypeError: .* has no gradient rule.* or say differentiable=False"),
    Fault("unheard_of", "Unknown activation 'unheard_of'"),
    Fault("rleu", r"Did you mean 'relu'\?$"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_activation, fault)


@pytest.mark.parametrize("function", [bent, "relu", "softmax", ops.silu])
def test_what_is_right_passes(function):
    check_activation(function)


def test_an_activation_that_is_saved_under_another_s_name(monkeypatch):
    monkeypatch.setattr(entry, "_table", {kind: dict(known) for kind, known in entry._table.items()})

    @register("activations", "planted_relu")
    def relu(x):
        return x

    with pytest.raises(AssertionError, match="its saved name 'relu' to find it; got <function relu"):
        check_activation("planted_relu")


def test_an_activation_whose_name_another_has(monkeypatch):
    monkeypatch.setattr(entry, "_table", {kind: dict(known) for kind, known in entry._table.items()})
    register("activations", "planted_one")(lambda x: x)
    register("activations", "planted_two")(lambda x: 2 * x)
    with pytest.raises(AssertionError, match="to be found by the name that it is saved under; got NameClashError"):
        check_activation("planted_two")
