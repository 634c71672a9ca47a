"""Kernels that packages bring: which op they compute, when they are asked, and what they are given."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import OpKernel, Use, use_backend
from kcore.graph import Trace, finish, recording
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.plugin import PluginError, Provider, UnknownNameError, entry, register
from kcore.program import Program
from kcore.program.choice import considered


@pytest.fixture
def kernels(monkeypatch):
    """Those that a test registers, forgotten afterwards."""
    monkeypatch.setitem(entry._table, "kernels", {})
    monkeypatch.delenv("KCORE_KERNELS", raising=False)


class Recording(OpKernel):
    """Computes by a function of NumPy and notes what it was asked."""

    backend = "numpy"
    asked: list[Use] = []

    def takes(self, use):
        self.asked.append(use)
        return True


def product(op="matmul", priority=0, sign=1):
    class Product(Recording):
        asked = []

        def bind(self, use, inputs, out):
            return lambda: np.multiply(np.matmul(*inputs), sign, out=out)

    Product.op, Product.priority = op, priority
    return Product


def program(function, *shapes, in_place=True):
    trace = Trace()
    with recording(trace):
        out = function(*[trace.input(f"x{i}", shape, "float32") for i, shape in enumerate(shapes)])
    with use_backend("numpy") as backend:
        return Program(finish(trace, "step", [out]), backend, in_place=in_place)


def run(made, *arrays):
    for host, array in zip(made.arrays.values(), arrays, strict=True):
        host[...] = array
    return np.array(made()[0])


A, B = np.random.default_rng(0).normal(size=(2, 4, 4)).astype("float32")


def test_a_product_is_computed_by_the_kernel_of_the_highest_priority(kernels):
    low, high = product(priority=1, sign=3), product(priority=2, sign=-1)
    register("kernels", "low")(low)
    register("kernels", "high")(high)
    made = program(lambda a, b: ops.matmul(a, ops.transpose(b)) + 1, (4, 4), (4, 4))
    assert "by high" in made.text and "low" not in made.text
    np.testing.assert_allclose(run(made, A, B), 1 - A @ B.T, rtol=1e-5)
    (use,) = set(map(str, high.asked))
    assert "shape=(4, 4), dtype='float32'" in use and low.asked == []


def test_a_compound_is_kept_for_its_kernel(kernels):
    class Softmax(Recording):
        op = "softmax"

        def takes(self, use):
            return use.options["axis"] in (-1, 1, (1,)) and use.inputs[0].dtype == "float32"

        def bind(self, use, inputs, out):
            def compute():
                powers = np.exp(inputs[0])
                np.divide(powers, powers.sum(-1, keepdims=True), out=out)

            return compute

    register("kernels", "softmax")(Softmax)
    made = program(lambda a: ops.softmax(a * 2) * 3, (4, 4))
    assert "softmax()" in made.text and "exp" not in made.text
    wanted = program(lambda a: ops.softmax(a * 2) * 3, (4, 4), in_place=False)
    assert "exp" in wanted.text
    np.testing.assert_allclose(run(made, A), run(wanted, A), rtol=1e-5)
    other = program(lambda a: ops.softmax(a, 0), (4, 4))
    assert "exp" in other.text, "a use that it does not take is lowered"


def test_in_a_loop_it_is_bound_for_every_turn(kernels):
    register("kernels", "product")(product())

    def looped(x, w):
        return ops.scan(lambda h, x: (ops.tanh(ops.matmul(h, w) + x), h), ops.zeros((4, 4)), x)[0]

    shapes = (3, 4, 4), (4, 4)
    x = np.stack([A, B, A + B])
    made = program(looped, *shapes)
    assert made.text.count("by product") == 1
    np.testing.assert_allclose(run(made, x, B), run(program(looped, *shapes, in_place=False), x, B), rtol=1e-4)


def test_a_model_trains_with_it(kernels):
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")

    def weights():
        kcore.utils.set_random_seed(1)
        model = Sequential([Dense(8, activation="tanh", input_shape=(3,)), Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, x.sum(1), epochs=2, verbose=0)
        return model.get_weights(), str(model.program("train", batch_size=32))

    with use_backend("numpy"):
        plain, text = weights()
        assert " by " not in text
        register("kernels", "product")(product())
        mine, text = weights()
    assert text.count("by product") == 5
    for a, b in zip(mine, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_of_others_backends_and_of_what_cannot_run_none_is_considered(kernels):
    foreign, broken = product(), product()
    foreign.backend = "cupy"
    broken.probe = classmethod(lambda cls: "its library is missing")
    register("kernels", "foreign")(foreign)
    register("kernels", "broken")(broken)
    assert "by" not in program(ops.matmul, (4, 4), (4, 4)).text


def test_a_namespace_that_is_not_there_is_an_error(kernels, monkeypatch):
    monkeypatch.setenv("KCORE_KERNELS", "nowhere")
    text = r"^KCORE_KERNELS=nowhere: no installed package brings the namespace 'nowhere'\. Known are: "
    with pytest.raises(UnknownNameError, match=text):
        program(ops.matmul, (4, 4), (4, 4))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("strictt", r"^KCORE_KERNELS=strictt: no installed .* Did you mean 'strict'\?$"),
        (
            "strict,acme/exact",
            r"^KCORE_KERNELS=strict,acme/exact: it takes namespaces, not kernels\. Write acme instead of acme/exact\.$",
        ),
    ],
)
def test_the_variable_is_named_and_what_it_takes(value, says, kernels, monkeypatch):
    monkeypatch.setenv("KCORE_KERNELS", value)
    with pytest.raises(UnknownNameError, match=says):
        considered("numpy")


def test_a_package_that_is_broken_is_told_with_the_variable(kernels, monkeypatch, tmp_path):
    (tmp_path / "acme_broken.py").write_text("import nowhere", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("kcore.plugin.manager.outsiders", lambda: (Provider("acme", "acme_broken", "acme", "1.2"),))
    monkeypatch.setenv("KCORE_KERNELS", "acme")
    with pytest.raises(PluginError, match=r"^KCORE_KERNELS=acme: Plugin 'acme' .* failed to load: ModuleNotFoundError"):
        considered("numpy")


def test_a_namespace_that_kcore_plugins_leaves_out(kernels, monkeypatch):
    monkeypatch.setattr("kcore.plugin.manager.outsiders", lambda: (Provider("acme", "json", "acme", "1.2"),))
    monkeypatch.setenv("KCORE_KERNELS", "acme")
    monkeypatch.setenv("KCORE_PLUGINS", "other")
    with pytest.raises(UnknownNameError) as error:
        considered("numpy")
    text = "acme 1.2 is installed, but left out by KCORE_PLUGINS=other. Add acme to it, or unset it."
    assert str(error.value) == f"KCORE_KERNELS=acme: {text}"


def fails(*_):
    raise ValueError("boom")


CURE = "Mend it (kcore.testing.check_kernel tries it alone), or leave its package out of KCORE_KERNELS."


@pytest.mark.parametrize(
    ("method", "what"),
    [
        ({"takes": fails}, "takes failed: ValueError: boom"),
        ({"bind": fails}, "bind failed: ValueError: boom"),
        (
            {"bind": lambda *_: None},
            "bind failed: TypeError: it must return a function of nothing, which computes `out`; got None",
        ),
        ({"bind": lambda *_: fails}, "the function that bind returned failed: ValueError: boom"),
    ],
)
def test_a_kernel_that_fails_is_named_with_its_op(method, what, kernels):
    wrong = type("Wrong", (product(),), {**method, "__module__": __name__})
    register("kernels", "wrong")(wrong)
    with pytest.raises(PluginError) as error:
        run(program(ops.matmul, (4, 4), (4, 4)), A, B)
    place = f"Kernel 'wrong' ({__name__}.Wrong), for matmul(float32[4, 4], float32[4, 4])"
    assert str(error.value) == f"{place}: {what}. {CURE}"
    assert error.value.__cause__ is not None


def test_memory_that_is_exhausted_is_no_fault_of_a_kernel(kernels):
    def exhausted(*_):
        raise MemoryError("no room")

    register("kernels", "large")(type("Large", (product(),), {"bind": lambda *_: exhausted}))
    with pytest.raises(MemoryError, match=r"has no memory for one run of step: "):
        run(program(ops.matmul, (4, 4), (4, 4)), A, B)
