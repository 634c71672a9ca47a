"""check_op passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from kcore import ops
from kcore.ops import Op, call, define
from kcore.testing import check_op
from tests.testing.faults import Fault, check_says, each, elsewhere, narrow, on_numpy, slope_elsewhere, steep

_numbers = itertools.count()


def op(name, **how):
    """A function of one array: twice its square, by an op of its own with something wrong."""
    right = {
        "rule": lambda x: (x.shape, x.dtype),
        "gradients": (lambda g, out, x: g * 4.0 * x,),
        "lowering": lambda x: 2.0 * ops.square(x),
    }
    made = define(Op(f"planted/{name}_{next(_numbers)}", how.pop("kind", "compound"), **right | how))

    def function(x):
        return call(made, x)

    function.__name__ = name
    return function


def atom(name, **how):
    return op(name, kind="elementwise", **{"lowering": None, "text": "multiply(square({0}), 2.0)"} | how)


RIGHT = op("right")

wrong_shape = op("wrong_shape", rule=lambda x: ((*x.shape, 1), x.dtype))
wrong_dtype = op("wrong_dtype", rule=lambda x: (x.shape, "float32"))
wrong_gradient = op("wrong_gradient", gradients=(lambda g, out, x: g * 2.0 * x,))
no_gradient = op("no_gradient", gradients=())
nothing_flows = op("nothing_flows", gradients=(None,))
wrong_second = op("wrong_second", gradients=(lambda g, out, x: g * 4.0 * ops.stop_gradient(x),))
writes = atom("writes", text="square({0}, out={0})")
wrong_into = atom(
    "wrong_into", text="square({0})", into="add({0}, 1.0, out={out})", gradients=(lambda g, out, x: 2 * g * x,)
)
wrong_batched = op(
    "wrong_batched",
    kind="gather",
    lowering=None,
    text="sort({0}, axis=0)",
    into="copyto({out}, sort({0}, axis=0))",
    batched=lambda inputs, stacked: ops.sort(inputs[0], axis=0),  # of all turns: should be the next axis
)
gives_other_shape = atom("gives_other_shape", rule=lambda x: (x.shape[:1], x.dtype), text="sum({0}, axis=(0, 1))")
gives_other_dtype = atom("gives_other_dtype", rule=lambda x: (x.shape, "float64"))
fails_in_place = atom("fails_in_place", into="nonsense({0}, {out})")
fails_batched = op(
    "fails_batched",
    kind="gather",
    lowering=None,
    text="sort({0}, axis=0)",
    into="copyto({out}, sort({0}, axis=0))",
    batched=lambda inputs, stacked: ops.sort(inputs[0], axis=7),
)


def _other_slope_elsewhere(x):
    return slope_elsewhere(x)


def _wants_strides(x):
    return x * 1.0 if hasattr(x, "node") or getattr(x, "strides", (0,))[0] >= 0 else x.nonsense


def _on_numpy_alone(x):
    return on_numpy(x)


def _other_numbers_elsewhere(x):
    return elsewhere(x)


def _narrow(x):
    return narrow(x)


def _not_a_number(x):
    return ops.log(x)


def _at_once_alone(x):
    return ops.square(x) if not hasattr(x, "node") else ops.convert_to_tensor(np.ones(3))


def _other_in_programs(x):
    return ops.square(x) * (2.0 if hasattr(x, "node") else 1.0)


def _by_strides(x):
    return x * (2.0 if getattr(x, "strides", (1,))[0] < 0 else 1.0)


@each(
    Fault(wrong_shape, "Op 'wrong_shape' in float32 on backend numpy: expected"),
    Fault(wrong_dtype, "float32", {"differentiable": False}),
    Fault(wrong_gradient, "the gradient for argument 0 along a direction"),
    Fault(no_gradient, "gradients; got TypeError: .* has no gradient rule.* say differentiable=False"),
    Fault(nothing_flows, "the gradient for argument 0 along a direction"),
    Fault(wrong_second, "the gradient for argument 0, of the first derivative along a direction"),
    Fault(writes, "arrays that are given to stay as they are.* Write to no operand"),
    Fault(wrong_into, r"in a program that writes in place what it gives at once.* Let `into` write to \{out\}"),
    Fault(wrong_batched, "in a loop what each turn gives alone.* Let `batched` write", {"differentiable": False}),
    Fault(gives_other_dtype, "shapes and dtypes as its rule says, .*float64.* got .*float32.* Let `rule` say"),
    Fault(gives_other_shape, "expected .* Let `rule` say|to run"),
    Fault(fails_in_place, "to run in a program that writes in place; got AttributeError"),
    Fault(fails_batched, "to run in ops.scan; got", {"differentiable": False}),
    Fault(_other_slope_elsewhere, "on backend strict: expected numpy's gradient"),
    Fault(_wants_strides, "a result for arrays that lie backwards in memory; got AttributeError"),
    Fault(RIGHT, "the reference's result, 2 arrays; got 1", {"reference": lambda x: [x, x]}),
    Fault(RIGHT, "the reference's result", {"reference": np.square}),
    Fault(_on_numpy_alone, "on backend strict: expected a result; got NameError"),
    Fault(_other_numbers_elsewhere, "on backend strict: expected numpy's result"),
    Fault(_narrow, "change of 1e-8 of argument 0"),
    Fault(_not_a_number, "finite numbers as the result; got nan"),
    Fault(_at_once_alone, "to be traced|in a program"),
    Fault(_other_in_programs, "in a program what it gives at once"),
    Fault(_by_strides, "the same for arrays that lie otherwise in memory"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_op, fault, [(3, 2)])


def truths(rng, shape):
    return rng.random(shape) > 0.5


@pytest.mark.parametrize(
    ("function", "shapes", "how"),
    [
        (RIGHT, [(3, 2)], {"reference": lambda x: 2 * np.square(x)}),
        (atom("right_atom"), [(3, 2)], {}),
        ("hypot", [(2, 3), (3,)], {"reference": np.hypot}),
        (ops.sum, [(2, 3)], {"options": {"axis": 0}, "reference": np.sum}),
        (ops.matmul, [(2, 3), (3, 4)], {"reference": np.matmul}),
        (ops.split, [(4, 3)], {"options": {"indices_or_sections": 2}, "reference": np.split}),
        (ops.where, [(2, 3), (3,), ()], {"fixed": [0], "data": [truths, *[lambda r, s: r.normal(size=s)] * 2]}),
        (ops.sign, [(3, 2)], {"differentiable": False, "reference": np.sign}),
        (ops.argmax, [(3, 2)], {"differentiable": False, "reference": np.argmax}),
        (wrong_gradient, [(3, 2)], {"differentiable": False}),
        (steep, [(3, 2)], {"differentiable": False}),
    ],
)
def test_what_is_right_passes(function, shapes, how):
    check_op(function, shapes, **how)
