"""What a traced function may not do: refusals name the user's line, what was done, and what to do instead."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

import kcore
from kcore import Variable, ops
from kcore.backend.selection import backend_named
from kcore.graph import OPS, Op, Trace, define, recording, running_trace
from kcore.program import Traced

STANDS = (
    r"needs numbers, but <Symbol a0 float32\[3\]> stands for an array that exists only "
    "when the program runs. "
)
HERE = r"test_errors\.py, line \d+: "

FORBIDDEN = {
    "if": (
        lambda x: x if x > 0 else -x,
        r"`if`, `while`, `and`, `not` needs numbers, but <Symbol greater bool\[3\]> stands for an array that "
        r"exists only when the program runs. Choose with kcore.ops.where\(condition, a, b\).",
    ),
    "not": (lambda x: not x, "`if`, `while`, `and`, `not` " + STANDS),
    "float": (lambda x: float(x), r"float\(\) " + STANDS + "Keep it an array and use kcore.ops; "),
    "int": (lambda x: int(x), r"int\(\) " + STANDS + r'Use kcore.ops.cast\(x, "int64"\).'),
    "index": (lambda x: [1, 2][x], r"int\(\) " + STANDS),
    "range": (lambda x: range(x), r"int\(\) " + STANDS),
    "len": (lambda x: len(x), r"len\(\) " + STANDS + r"Use x.shape\[0\]."),
    "iter": (lambda x: list(x), "Iterating " + STANDS + r".*by kcore.ops.unstack\(x\), or loop by kcore.ops.scan."),
    "unpack": (lambda x: [*x], "Iterating " + STANDS),
    "in": (lambda x: 1 in x, "`in` " + STANDS + "Compare by kcore.ops.equal."),
    "assign": (
        lambda x: x.__setitem__(0, 1),
        "Assigning to elements " + STANDS + "Make a new array by kcore.ops.where or kcore.ops.slice_update.",
    ),
    "numpy.exp": (
        lambda x: np.exp(x),
        r"numpy.exp was applied to <Symbol a0 float32\[3\]>, which has no numbers until the program runs. "
        r"Use kcore.ops.exp.",
    ),
    "numpy.sum": (lambda x: np.sum(x), r"numpy.sum was applied to <Symbol a0 .*Use kcore.ops.sum."),
    "numpy.add.reduce": (
        lambda x: np.add.reduce(x),
        r"numpy.add was applied to <Symbol a0 .*Use kcore.ops.add.",
    ),
    "numpy.maximum": (
        lambda x: np.maximum(x, 0),
        r"numpy.maximum was applied to <Symbol.*Use kcore.ops.maximum.",
    ),
    "numpy.matmul out": (lambda x: np.add(x, x, out=np.ones(3)), "numpy.add was applied to"),
    "numpy.asarray": (
        lambda x: np.asarray(x),
        "Converting to a NumPy array " + STANDS + "Use the function of that name in kcore.ops.",
    ),
    "numpy.array in a list": (
        lambda x: np.array([x, x]),
        "(Converting to a NumPy array|Iterating|len|float)",
    ),
    "numpy's operand": (
        lambda x: np.hypot(np.ones(3, "float32"), x),
        "numpy.hypot was applied to <Symbol a0 ",
    ),
    "format": (lambda x: f"{x:.3f}", "Formatting " + STANDS + "Print what the traced function returns."),
    "convert_to_numpy": (lambda x: ops.convert_to_numpy(x), "Converting to a NumPy array " + STANDS),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_symbol_refuses(name, backend):
    act, text = FORBIDDEN[name]
    line = inspect.getsourcelines(act)[1]

    def record(x):
        return [act(x)]

    with pytest.raises(TypeError) as caught:
        Traced(record, "a function")(ops.convert_to_tensor(np.ones(3, "float32")))
    said = re.match(r"test_errors\.py, line (\d+): (.*)", str(caught.value))
    assert said, str(caught.value)
    assert line <= int(said[1]) <= line + 3 and re.match(text, said[2]), str(caught.value)


def test_numpys_operators_on_a_symbol_are_recorded(backend):
    host = np.array([1.0, 2, 3], "float32")

    def record(x):
        return [
            host + x,
            host * x,
            host - x,
            host / x,
            host > x,
            host <= x,
            np.float32(2) * x,
            np.add(host, x),
            -x,
            *operated(host, x),
        ]

    def operated(a, b):
        numbers = [a**b, a // b, a % b, a != b, a == b, a < b, a >= b, abs(-b), +b, 2**b, 7 // b, 7 % b, b**2]
        truths = [a > b, a >= b, True & (a > b)]
        truths = [truths[0] & truths[1], truths[0] | truths[1], truths[0] ^ truths[1], ~truths[0], *truths]
        whole = [a.astype("int32") if a is host else a, ops.cast(b, "int32") if b is not x_host else b.astype("int32")]
        bits = [whole[0] << whole[1], whole[0] >> whole[1], whole[0] & whole[1], ~whole[1], 1 << whole[1], 5 | whole[1]]
        return numbers + truths + bits

    x = x_host = np.array([3.0, 2, 1], "float32")
    wanted = [host + x, host * x, host - x, host / x, host > x, host <= x, 2 * x, host + x, -x, *operated(host, x)]
    for got, want in zip(Traced(record, "operators")(ops.convert_to_tensor(x)), wanted, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(got), want)


@pytest.mark.parametrize(
    "act, text",
    [
        (
            lambda v: np.asarray(v),
            "numpy.asarray was applied to <Variable 'weight' float32[3]>, which has no numbers",
        ),
        (
            lambda v: np.exp(v),
            "numpy.exp was applied to <Variable 'weight' float32[3]>, which has no numbers",
        ),
        (
            lambda v: np.add.reduce(v),
            "numpy.add was applied to <Variable 'weight' float32[3]>, which has no numbers",
        ),
    ],
)
def test_a_variable_does_not_vanish_into_a_trace(backend, act, text):
    weight = Variable([1.0, 2.0, 3.0], name="weight")
    with pytest.raises(TypeError, match=r"test_errors\.py, line \d+: " + re.escape(text)):
        kcore.grad(lambda x: ops.sum(x * act(weight)))(np.ones(3, "float32"))
    both = kcore.value_and_grad(lambda x: ops.sum((np.ones(3, "float32") + weight) * x))(np.ones(3, "float32"))
    assert float(ops.convert_to_numpy(both[0])) == 9, "operators are recorded"
    np.testing.assert_array_equal(np.asarray(weight), [1, 2, 3])
    np.testing.assert_array_equal(np.exp(weight), np.exp(np.float32([1, 2, 3])))


def test_a_symbol_does_not_outlive_its_trace(backend):
    kept = []

    def leak(x):
        kept.append(x)
        return ops.sum(x)

    x = ops.convert_to_tensor(np.ones(3, "float32"))
    kcore.grad(leak)(x)
    with pytest.raises(
        TypeError,
        match=HERE + r"ops\.exp was called on <Symbol a0 float32\[3\]> after its trace had ended: "
        "return it from the traced function.",
    ):
        ops.exp(kept[0])
    with pytest.raises(
        TypeError,
        match=HERE + r"<Symbol a0 float32\[3\]> belongs to another trace. A symbol lives only while the "
        "function that it was given to is traced: return it instead of keeping it.",
    ):
        kcore.grad(lambda x: ops.sum(x * kept[0]))(x)


@pytest.mark.parametrize("call", [lambda a, b: ops.add(a, b), lambda a, b: ops.matmul(b, a)])
def test_arrays_of_host_and_device_do_not_meet(call):
    strict = backend_named("strict")
    with kcore.use_backend(strict):
        host, device = np.ones((2, 2), "float32"), ops.convert_to_tensor(np.ones((2, 2), "float32"))
        with pytest.raises(
            TypeError,
            match=HERE + r"ops\.(add|matmul) mixes an array of the backend 'strict' with one of "
            r"NumPy. Move it by kcore.ops.convert_to_tensor\(array\), or bring the other back by "
            r"kcore.ops.convert_to_numpy\(array\).",
        ):
            call(host, device)
        assert strict.owns(ops.add(host, host)), "host arrays alone are moved"
    with pytest.raises(
        TypeError,
        match=HERE + r"ops\.(add|matmul) got a array_api_strict\._array_object\.Array, but the "
        r"current backend is 'numpy'. Bring it to the host first, or choose its backend by kcore.use_backend",
    ):
        call(host, device)


def test_the_traced_calls_too_refuse_a_mixture():
    with kcore.use_backend("strict"):
        device = ops.convert_to_tensor(np.ones(2, "float32"))
        gradient = kcore.grad(lambda a, b: ops.sum(a * b))
        with pytest.raises(TypeError, match=r"test_errors\.py, line \d+: .* mixes an array of the backend 'strict'"):
            gradient(device, np.ones(2, "float32"))


@pytest.mark.parametrize(
    "function, x, kind, text",
    [
        (
            lambda x: ops.sum(x),
            np.ones(3, "int64"),
            TypeError,
            "of dtype int64 has no gradient: only floats have one. Use ops.cast.",
        ),
        (
            lambda x: ops.argmax(x),
            np.ones(3, "float32"),
            TypeError,
            "The loss of dtype int64 has no gradient: only floats have one. Use ops.cast.",
        ),
        (
            lambda x: x * 2,
            np.ones(3, "float32"),
            ValueError,
            "A gradient is taken of a scalar; this has shape (3,). Take its ops.mean or ops.sum.",
        ),
        (
            lambda x: 3.0,
            np.ones(3, "float32"),
            TypeError,
            "must return a scalar that is computed from its arguments, not 3.0.",
        ),
        (
            lambda x: None,
            np.ones(3, "float32"),
            TypeError,
            "must return a scalar that is computed from its arguments, not None.",
        ),
    ],
)
def test_what_has_no_gradient(backend, function, x, kind, text):
    with pytest.raises(kind, match=re.escape(text)):
        kcore.grad(function)(ops.convert_to_tensor(x))


def test_an_op_without_a_gradient_rule_is_named(backend):
    define(Op("blind", "compound", lambda a: (a.shape, a.dtype), (), lambda a: a * 2.0))
    try:
        with pytest.raises(TypeError, match=r"ops\.blind has no gradient rule."):
            kcore.grad(lambda x: ops.sum(kcore.graph.call("blind", x)))(ops.convert_to_tensor(np.ones(2, "float32")))
    finally:
        del OPS["blind"]


def test_what_needs_a_trace_says_so(backend):
    with pytest.raises(RuntimeError, match="This works only while a program is traced, inside a layer, a loss or"):
        running_trace()
    with pytest.raises(RuntimeError, match="This works only while a program is traced"):
        ops.random_bits((3,), 0)


def test_an_error_in_a_trace_leaves_no_trace_behind(backend):
    with pytest.raises(ZeroDivisionError):
        kcore.grad(lambda x: 1 / 0)(ops.convert_to_tensor(np.ones(2, "float32")))
    assert backend.owns(ops.add(1, 2))
    with pytest.raises(KeyError), recording(Trace()):
        raise KeyError
    assert backend.owns(ops.add(1, 2))


def test_a_variable_keeps_its_shape(backend):
    weight = Variable(np.zeros((2, 3)), name="weight")
    text = re.escape("Variable 'weight' has shape (2, 3); it cannot hold a value of shape (3,).")
    with pytest.raises(ValueError, match=text):
        weight.assign(np.ones(3))

    def record(x):
        weight.assign(x)
        return [x]

    with pytest.raises(ValueError, match=text):
        Traced(record, "a function")(ops.convert_to_tensor(np.ones(3)))


@pytest.mark.parametrize("name, function", [("mean", "mean"), ("T", "transpose"), ("astype", "cast"), ("item", None)])
def test_a_symbol_has_functions_where_an_array_has_methods(name, function):
    cure = (
        rf"{HERE}<Symbol a0 .*> has no attribute '{name}'\. Use kcore\.ops\.{function}\(x\)\."
        if function
        else (f"^<Symbol a0 .*> has no attribute '{name}'")
    )
    with pytest.raises(AttributeError, match=cure):
        Traced(lambda x: [getattr(x, name)], "a method")(np.ones(3, "float32"))


def test_an_unknown_op_is_told_apart_from_the_nearest():
    with pytest.raises(AttributeError, match=r"kcore\.ops has no function 'sotfmax'\. Did you mean 'softmax'\?"):
        _ = ops.sotfmax


def test_two_modules_cannot_define_one_op():
    def rule(a):
        return a.shape, a.dtype

    rule.__module__ = "acme"
    with pytest.raises(ValueError, match=r"The op 'exp' is defined in kcore\.ops\.\w+ already; acme must give"):
        define(Op("exp", "elementwise", rule))


@pytest.mark.parametrize("name", ["exp", "abs", "sum", "mean", "add"])
def test_complex_numbers_are_refused(name):
    z = np.array([1j, 2.0])
    with pytest.raises(TypeError, match=HERE + r"ops\.\w+ takes real numbers, got complex128"):
        getattr(ops, name)(*[z] * (2 if name == "add" else 1))
