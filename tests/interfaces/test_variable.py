"""Variable: numbers that last, their public face, and what a trace sees of them."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import kcore
from kcore import Variable, ops
from kcore.interfaces import Layer
from kcore.ops import convert_to_numpy


def test_the_public_face(backend):
    v = Variable([[1.0, 2.0, 3.0]], name="v")
    assert (v.shape, v.ndim, v.dtype, v.name, v.path, v.trainable) == ((1, 3), 2, "float32", "v", "v", True)
    assert repr(v) == "<Variable 'v' float32[1, 3]>"
    assert backend.owns(v.value)
    for host in (v.numpy(), np.asarray(v), convert_to_numpy(v.value)):
        assert (type(host), host.dtype, host.tolist()) == (np.ndarray, "float32", [[1, 2, 3]])
    v.numpy()[:] = 0
    np.asarray(v)[:] = 0
    assert v.numpy().tolist() == [[1, 2, 3]]  # both were copies
    assert np.asarray(v, dtype="float64").dtype == "float64"


@pytest.mark.parametrize(
    "value, dtype, got",
    [
        (1.5, None, "float32"),
        ([1, 2], None, "int64"),
        (np.zeros(2), None, "float64"),  # an array keeps its dtype
        ([True], None, "bool"),
        ([1.5], "float64", "float64"),
        (np.zeros(2), "float32", "float32"),
    ],
)
def test_dtypes(value, dtype, got):
    assert Variable(value, dtype=dtype).dtype == got


BINARY = [
    operator.add, operator.sub, operator.mul, operator.truediv,
    operator.eq, operator.gt, operator.ge, operator.lt, operator.le,
]  # fmt: skip


@pytest.mark.parametrize("function", BINARY)
def test_arithmetic_and_comparison_with_numbers_arrays_and_variables(backend, function):
    host, other = np.array([1.0, 2.0, 4.0], "float32"), np.array([2.0, 2.0, 3.0], "float32")
    v = Variable(host)
    for b in (2.0, 2, Variable(other)):
        plain = np.asarray(b, "float32")
        assert _same(function(v, b), function(host, plain))
        assert _same(function(b, v), function(plain, host))
    assert _same(function(v, ops.convert_to_tensor(other)), function(host, other))
    if backend.on_host:  # array-api-strict's own operators refuse all but its arrays on their right
        assert _same(function(other, v), function(other, host))


def test_products_and_signs(backend):
    a, b = np.arange(4.0, dtype="float32").reshape(2, 2), np.ones((2, 2), "float32")
    assert _same(Variable(a) @ Variable(b), a @ b)
    assert _same(Variable(a) @ ops.convert_to_tensor(b), a @ b)
    assert _same(-Variable(a), -a)


def test_numpy_functions_take_a_variable_for_an_array():
    v = Variable([1.0, 4.0])
    assert np.sqrt(v).tolist() == [1, 2]
    assert (np.sum(v), np.mean(v)) == (5, 2.5)
    assert np.concatenate([v, v]).tolist() == [1, 4, 1, 4]


def test_one_number_becomes_a_python_number(backend):
    assert float(Variable(2.5)) == 2.5 and int(Variable(3)) == 3
    assert bool(Variable(1.0)) and not bool(Variable(0.0))
    with pytest.raises(ValueError, match="ambiguous"):
        bool(Variable([1.0, 2.0]))


def test_assign_keeps_shape_and_dtype(backend):
    v = Variable([1.0, 2.0], name="v")
    for value in ([3, 4], np.array([3.0, 4.0]), Variable([3.0, 4.0]), ops.convert_to_tensor([3.0, 4.0])):
        v.assign([0.0, 0.0])
        v.assign(value)
        assert (v.numpy().tolist(), v.dtype) == ([3, 4], "float32")
    with pytest.raises(ValueError, match=r"^Variable 'v' has shape \(2,\); it cannot hold a value of shape \(3,\)\.$"):
        v.assign([1.0, 2.0, 3.0])


def test_adding_keeps_shape_and_dtype(backend):
    v = Variable(np.zeros(2, "int32"), name="v")
    v.assign_add([1, 2])
    v.assign_sub(np.ones(2, "int32"))
    v.assign_add(3)
    assert v.numpy().tolist() == [3, 4] and v.numpy().dtype == "int32"
    with pytest.raises(
        ValueError, match=r"^Variable 'v' has shape \(2,\); it cannot hold a value of shape \(3, 2\)\.$"
    ):
        v.assign_add(np.ones((3, 2), "int32"))


def test_it_holds_numbers_only():
    with pytest.raises(TypeError, match=r"^Variable 'v' holds numbers; got str: 'abc'\.$"):
        Variable("abc", name="v")


def test_two_backends_share_its_numbers():
    v = Variable([1.0, 2.0])
    with kcore.use_backend("strict") as strict:
        v.assign(v + 1)
        assert strict.owns(v.value)
    with kcore.use_backend("numpy"):
        v.assign(v.value * 2)
    with kcore.use_backend("strict"):
        assert convert_to_numpy(v.value).tolist() == [4, 6]


# parts of a storage ---------------------------------------------------------------------------------------


@pytest.fixture
def part() -> tuple[Variable, Variable]:
    """A variable of shape (2, 2), and the flat one of 6 elements that it lies in from element 1 on."""
    whole, part = (
        Variable(np.zeros(6, "float32"), name="whole"),
        Variable([[1.0, 2.0], [3.0, 4.0]], name="part"),
    )
    part.move(whole.storage, 1)
    return part, whole


def test_a_part_reads_and_writes_its_place(backend, part):
    v, whole = part
    assert whole.numpy().tolist() == [0, 1, 2, 3, 4, 0]
    assert _same(v.value, np.array([[1, 2], [3, 4]], "float32"))
    v.assign(v * 10)
    assert whole.numpy().tolist() == [0, 10, 20, 30, 40, 0]
    whole.assign(np.arange(6))
    assert v.numpy().tolist() == [[1, 2], [3, 4]]


def test_a_part_is_written_within_a_trace(backend, part):
    v, whole = part

    class Doubling(Layer):
        def call(self, x):
            v.assign(v * 2 + x)
            return v + 0.5

    layer, x = Doubling(), np.ones((2, 2), "float32")
    for wanted in ([[3, 5], [7, 9]], [[7, 11], [15, 19]]):
        assert _same(layer(x), np.array(wanted, "float32") + np.float32(0.5))
        assert v.numpy().tolist() == wanted
    assert whole.numpy().tolist() == [0, 7, 11, 15, 19, 0]


# inside a trace -------------------------------------------------------------------------------------------


class Counting(Layer):
    def build(self, input_shape):
        self.count = self.add_weight((), "zeros", trainable=False, name="count")

    def call(self, x):
        before = self.count + 0.0
        self.count.assign(self.count + 1.0)
        middle = self.count + 0.0
        self.count.assign(self.count * 10.0)
        return x * 0.0 + before * 10_000.0 + middle * 100.0 + self.count


def test_an_assignment_is_seen_by_later_reads_and_written_at_the_end(backend):
    layer = Counting()
    assert _same(layer(np.zeros(1, "float32")), np.array([0 + 100 + 10], "float32"))
    assert layer.count.numpy() == 10
    assert _same(layer(np.zeros(1, "float32")), np.array([100_000 + 1100 + 110], "float32"))
    assert layer.count.numpy() == 110


def test_a_variable_in_a_closure_is_read_anew_at_each_call(backend):
    v = Variable([1.0, 2.0])
    gradient = kcore.grad(lambda x: ops.sum(x * v))
    assert _same(gradient(np.ones(2, "float32")), np.array([1, 2], "float32"))
    v.assign([5.0, 6.0])
    assert _same(gradient(np.ones(2, "float32")), np.array([5, 6], "float32"))


@pytest.mark.parametrize(
    "use, message",
    [
        (
            lambda v: np.exp(v),
            r"numpy\.exp was applied to <Variable 'v' float32\[2\]>.* Use kcore\.ops\.exp\.",
        ),
        (lambda v: np.asarray(v), r"numpy\.asarray was applied to <Variable 'v' float32\[2\]>"),
        (lambda v: 1 if v else 0, r"`if`, .* needs numbers, but <Symbol v float32\[2\]>"),
        (lambda v: float(v), r"float\(\) needs numbers, but <Symbol v float32\[2\]>"),
        (lambda v: int(v), r"int\(\) needs numbers, but <Symbol v float32\[2\]>"),
    ],
)
def test_a_trace_refuses_what_would_freeze_its_numbers(use, message):
    v = Variable([1.0, 2.0], name="v")

    class Freezing(Layer):
        def call(self, x):
            use(v)
            return x

    with pytest.raises(TypeError, match=rf"^test_variable\.py, line \d+: {message}"):
        Freezing()(np.ones(2, "float32"))


def _same(got, wanted) -> bool:
    got = convert_to_numpy(got)
    return (got.dtype, got.shape) == (wanted.dtype, wanted.shape) and bool(np.all(got == wanted))
