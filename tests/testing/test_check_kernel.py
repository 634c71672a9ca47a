"""check_kernel passes what is right and finds each of the faults that it promises to find."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.backend import OpKernel
from kcore.plugin import entry, register
from kcore.testing import check_kernel
from tests.testing.faults import Fault, check_says, each


class Product(OpKernel):
    """Right in every way: sums in float64."""

    op, backend = "matmul", "numpy"

    def takes(self, use):
        return use.dtype == "float32"

    def bind(self, use, inputs, out):
        a, b = inputs
        return lambda: np.matmul(a, b, out=out, dtype=np.float64, casting="same_kind")


class Rows(OpKernel):
    """Right: a compound."""

    op, backend = "softmax", "numpy"

    def takes(self, use):
        return use.options["axis"] == (len(use.shape) - 1,)

    def bind(self, use, inputs, out):
        (x,) = inputs

        def run():
            np.exp(x - x.max(-1, keepdims=True), out=out)
            np.divide(out, out.sum(-1, keepdims=True), out=out)

        return run


class _UnknownOp(Product):
    op = "matmull"


class _MadeOfOthers(Product):
    op = "relu"


class _OfNoOp(Product):
    op = None


class _Elementwise(Product):
    op = "exp"


class _NoBackend(Product):
    backend = "nmpy"


class _CannotRun(Product):
    @classmethod
    def probe(cls):
        return "libfast is not installed."


class _WantsArguments(Product):
    def __init__(self, library):
        self.library = library


class _TakesNone(Product):
    def takes(self, use):
        return False


class _AnswersNothing(Product):
    def takes(self, use):
        pass


class _FailsWhenAsked(Product):
    def takes(self, use):
        return use.nonsense


class _ReturnsTheResult(Product):
    def bind(self, use, inputs, out):
        return np.matmul(*inputs)


class _ReturnsNothing(Product):
    def bind(self, use, inputs, out):
        pass


class _FailsWhenRun(Product):
    def bind(self, use, inputs, out):
        def run():
            raise RuntimeError("boom")

        return run


class _WrongNumbers(Product):
    def bind(self, use, inputs, out):
        return lambda: np.matmul(*inputs, out=out) * 0 + np.multiply(out, 1.01, out=out)


class _WritesNothing(Product):
    def bind(self, use, inputs, out):
        return lambda: np.matmul(*inputs)


class _AddsToWhatLiesThere(Product):
    def bind(self, use, inputs, out):
        return lambda: np.add(out, np.matmul(*inputs), out=out)


class _ByMemory(Product):
    def bind(self, use, inputs, out):
        a, b = (x.ravel("K").reshape(x.shape) for x in inputs)
        return lambda: np.matmul(a, b, out=out)


class _Copies(Product):
    def bind(self, use, inputs, out):
        a, b = (x.copy() for x in inputs)
        return lambda: np.matmul(a, b, out=out)


class _WritesToItsInput(Product):
    def bind(self, use, inputs, out):
        a, b = inputs

        def run():
            np.matmul(a, b, out=out)
            np.multiply(a, 2, out=a)

        return run


class _OnlyTheLast(Product):
    def bind(self, use, inputs, out):
        self.bound = (*inputs, out)
        return lambda: np.matmul(*self.bound[:2], out=self.bound[2])


class _WritesToAll(Product):
    def bind(self, use, inputs, out):
        outs = self.__dict__.setdefault("outs", [])
        outs.append(out)

        def run():
            for one in outs:
                np.matmul(*inputs, out=one)

        return run


@each(
    Fault(_UnknownOp, "expected `op` to be the name of an op .*; got 'matmull'. There are: .* Did you mean 'matmul'"),
    Fault(_MadeOfOthers, "got 'relu'. kcore.ops.relu is made of other ops. There are: .*arange, .*, var.$"),
    Fault(_OfNoOp, "Kernel '_OfNoOp': expected `op` .* got None. There are: "),
    Fault(_Elementwise, "an op that is neither elementwise nor a reduction; got 'exp'"),
    Fault(_NoBackend, "the name of a backend; got 'nmpy'. The backends are: .*, strict. Did you mean 'numpy'"),
    Fault(_CannotRun, "to run here; got libfast is not installed. Skip this test where it cannot"),
    Fault(_WantsArguments, "to be made by calling its class; got TypeError"),
    Fault(_TakesNone, r"one of the uses; got it took none of matmul\(float32 \(3, 2\), float32 \(2, 4\)\); matmul"),
    Fault(_AnswersNothing, "takes to return True or False; got None"),
    Fault(_FailsWhenAsked, "takes to answer; got AttributeError"),
    Fault(_ReturnsTheResult, r"bind to return a function; got float32 \(3, 4\). Let bind return a function of nothing"),
    Fault(_ReturnsNothing, "bind to return a function; got None"),
    Fault(_FailsWhenRun, "to be bound and run; got RuntimeError: boom"),
    Fault(_WrongNumbers, r"in float32 on backend numpy, of matmul\(.*\): expected the result without it\[0, 0\] to be"),
    Fault(_WritesNothing, r"the result without it\[0, 0\] to be .* got 7.0"),
    Fault(_AddsToWhatLiesThere, r"the result without it\[0, 0\] to be"),
    Fault(_ByMemory, r"whose inputs lie otherwise in memory: expected the result without it"),
    Fault(_Copies, "in a later step the result without it.* Read the inputs each time"),
    Fault(_WritesToItsInput, "input 0 to stay as it is.* write to none but `out`"),
    Fault(_OnlyTheLast, "the result without it"),
    Fault(_WritesToAll, "what is bound for others to stay as it is"),
    Fault(Product(), "a subclass of kcore.backend.OpKernel; got <.* Register the class"),
)  # fmt: skip
def test_a_fault_is_found(fault):
    check_says(check_kernel, fault, ops.matmul, [(3, 2), (2, 4)])


def test_what_is_right_passes(monkeypatch):
    check_kernel(Product, ops.matmul, [(3, 2), (2, 4)])
    check_kernel(Product, lambda a, b: ops.relu(a @ b) @ b, [(3, 2), (2, 2)])
    check_kernel(Rows, ops.softmax, [(3, 2)])
    monkeypatch.setattr(entry, "_table", {kind: dict(known) for kind, known in entry._table.items()})
    register("kernels", "planted_product")(Product)
    check_kernel("planted_product", ops.matmul, [(3, 2), (2, 4)], dtypes=["float32"])


def test_a_function_that_does_not_use_the_op():
    with pytest.raises(AssertionError, match="the function to use the op 'matmul'; got it uses none"):
        check_kernel(Product, ops.exp, [(3, 2)])
