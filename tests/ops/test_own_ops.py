"""Ops that a package outside brings: as the ones that are here, in programs, loops and gradients of any order."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.ops import Op, call, define
from kcore.plugin import UnknownNameError, entries
from kcore.program import Traced
from kcore.testing.tolerances import assert_close

WAVE = define(
    Op(
        "acme/wave",
        "compound",
        rule=lambda x, *, times: (x.shape, x.dtype),
        gradients=(lambda g, out, x, *, times: g * ops.cos(x * times) * times,),
        lowering=lambda x, *, times: ops.sin(x * times),
        floating=True,
    )
)
X = np.array([0.3, -1.2, 2.0])


def wave(x, times=3.0):
    return call(WAVE, x, times=times)


def host(x):
    return ops.convert_to_numpy(x)


def test_at_once_and_in_a_program(backend):
    x = ops.convert_to_tensor(X)
    for out in (wave(x), Traced(lambda x: [wave(x)], "wave")(x)[0]):
        assert_close("elementwise", host(out), np.sin(3 * X))
    assert str(wave(np.array([1, 2])).dtype).endswith("float32")


def test_its_gradients(backend):
    x = ops.convert_to_tensor(X)
    once = kcore.grad(lambda x: ops.sum(wave(x)))
    twice = kcore.grad(lambda x: ops.sum(once(x)))
    assert_close("elementwise", host(once(x)), 3 * np.cos(3 * X))
    assert_close("reduction", host(twice(x)), -9 * np.sin(3 * X))


def test_in_a_loop(backend):
    def end(x):
        return ops.sum(ops.scan(lambda c, _: (wave(c, 1.0), None), x, length=2)[0])

    x = ops.convert_to_tensor(X)
    assert_close("reduction", host(kcore.grad(end)(x)), np.cos(np.sin(X)) * np.cos(X))


def test_an_op_without_a_gradient_says_so(backend):
    plain = Op("acme/plain", "elementwise", lambda x: (x.shape, x.dtype), text="abs({0})")
    with pytest.raises(TypeError, match=r"ops\.acme/plain has no gradient rule"):
        kcore.grad(lambda x: ops.sum(call(plain, x)))(ops.convert_to_tensor(X))


@pytest.mark.parametrize(
    ("kind", "end"),
    [("compund", "got 'compund'. Did you mean 'compound'?"), ("atom", "got 'atom'."), (None, "got None.")],
)
def test_a_kind_that_is_none_is_refused(kind, end):
    with pytest.raises(ValueError) as error:
        define(Op("acme/other", kind, lambda x: (x.shape, x.dtype)))
    assert str(error.value) == (
        "The op 'acme/other': kind must be 'compound' if it has a lowering, else say what an atom makes of its "
        "operands, as one of 'elementwise', 'fresh', 'gather', 'item', 'loop', 'pack', 'product', 'reduction', "
        "'source', 'view'; " + end
    )


def test_kcores_own_are_found_by_name():
    assert ops.get("softsign") is ops.get("standard/softsign") is ops.softsign
    assert ops.get("absolute") is ops.get("abs") is ops.abs
    functions = {thing for thing in map(vars(ops).get, ops.__all__) if inspect.isfunction(thing)}
    functions -= {call, define, ops.get}
    assert {entry.thing for entry in entries("ops", outsiders=False)} == functions


def test_an_unknown_function():
    text = r"^Unknown op 'softsing'\. kcore knows: abs \(alias absolute\), .* Did you mean 'softsign'\?$"
    with pytest.raises(UnknownNameError, match=text):
        ops.get("softsing")
    with pytest.raises(UnknownNameError, match=r"no installed package brings the namespace 'nobody'"):
        ops.get("nobody/softsign")
