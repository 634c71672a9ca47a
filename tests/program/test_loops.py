"""Scans: random ones against their turns written out, and what a user meets."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend.selection import backend_named
from kcore.graph import Storage, Trace, Variable, finish, recording
from kcore.program import Program, Traced, gradients
from kcore.randomness import Philox
from kcore.testing.tolerances import assert_close
from tests.program.kernels_double import interpreted_backend
from tests.program.random_loops import draw, numbers


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name, in_place", [("numpy", True), ("numpy", False), ("strict", False), ("written", True)])
@pytest.mark.parametrize("seeds", [range(10), range(10, 20)], ids=str)
def test_random_scans_give_what_their_turns_give(seeds, name, in_place, order):
    backend = interpreted_backend() if name == "written" else backend_named(name)
    for seed in seeds:
        case = draw(seed)
        looped = numbers(case, backend, in_place, order, unroll=False)
        written_out = numbers(case, backend_named("numpy"), False, order, unroll=True)
        for i, (got, wanted) in enumerate(zip(looped, written_out, strict=True)):
            assert_close("loop", got, wanted, f"seed {seed}, result {i}")


# what it computes

X = np.random.default_rng(0).normal(size=(5, 3))


def host(tree):
    """The arrays of a tree as NumPy's."""
    from kcore.ops.nesting import leaves

    return [ops.convert_to_numpy(a) for a in leaves(tree)]


def tensors(*arrays):
    return [ops.convert_to_tensor(a) for a in arrays]


def summing(carry, x):
    return carry + x, carry * x


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_scan_goes_from_turn_to_turn(backend, reverse, unroll):
    start, x = tensors(np.ones(3), X)
    last, kept = host(ops.scan(summing, start, x, reverse=reverse, unroll=unroll))
    order = X[::-1] if reverse else X
    before = 1 + np.concatenate([np.zeros((1, 3)), np.cumsum(order, 0)])
    assert_close("reduction", last, before[-1])
    assert_close("reduction", kept, (before[:-1] * order)[:: -1 if reverse else 1])


def test_what_is_nested_stays_nested(backend):
    start, x = tensors(np.ones(3), X)

    def turn(carry, xs):
        h, (c, nothing) = carry["h"], carry["rest"]
        assert nothing is None and set(xs) == {"a", "b"}
        return {"h": h + xs["a"], "rest": (c * xs["b"], None)}, [h, None, (c,)]

    carry, kept = ops.scan(turn, {"h": start, "rest": (start, None)}, {"a": x, "b": x})
    assert carry["rest"][1] is None and kept[1] is None and isinstance(kept[2], tuple)
    assert_close("reduction", host(carry["h"])[0], 1 + X.sum(0))
    assert_close("reduction", host(carry["rest"])[0], X.prod(0))
    assert kept[0].shape == (5, 3)


def test_turns_may_be_counted_or_none(backend):
    (start,) = tensors(np.ones(2))
    last, kept = ops.scan(lambda c, x: (c * 2.0, None), start, length=3)
    assert kept is None and host(last)[0].tolist() == [8, 8]
    last, kept = ops.scan(lambda c, x: (c + x, c), start, tensors(np.ones((0, 2)))[0])
    assert host(last)[0].tolist() == [1, 1] and kept.shape == (0, 2)


@pytest.mark.parametrize("unroll", [False, True])
def test_masks_are_a_choice(backend, unroll):
    keep = np.array([True, False, True, False, False])

    def turn(carry, xs):
        x, mask = xs
        new = ops.where(mask, carry + x, carry)
        return new, new

    start, x, mask = tensors(np.zeros(3), X, keep)
    last, _ = ops.scan(turn, start, (x, mask), unroll=unroll)
    assert_close("reduction", host(last)[0], X[keep].sum(0))


def test_scans_nest(backend):
    def outer(carry, row):
        total, products = ops.scan(lambda c, x: (c + x * x, c * x), carry, row)
        return total, ops.sum(products)

    def by_hand(x):
        total, kept = 0.5, []
        for row in x:
            products = 0.0
            for value in row:
                products += total * value
                total += value * value
            kept.append(products)
        return np.array(total), np.array(kept)

    start, x = tensors(np.array(0.5), X)
    last, kept = host(ops.scan(outer, start, x))
    wanted = by_hand(X)
    assert_close("reduction", last, wanted[0])
    assert_close("reduction", kept, wanted[1])

    def loss(x):
        return ops.sum(ops.scan(outer, 0.5 + 0.0 * x[0, 0], x)[1])

    slope = host(kcore.grad(loss)(x))[0]
    step = 1e-6 * np.eye(15).reshape(15, 5, 3)
    differences = [(by_hand(X + d)[1].sum() - by_hand(X - d)[1].sum()) / 2e-6 for d in step]
    np.testing.assert_allclose(slope.reshape(-1), differences, rtol=1e-6)


def test_every_kind_of_derivative_goes_through(backend):
    def product(x):
        return ops.scan(lambda c, t: (c * t, None), x[0] * 0.0 + 1.0, x)[0]

    values = np.array([0.5, -2.0, 3.0, 1.5])
    (x,) = tensors(values)
    whole = values.prod()
    gradient, hessian = whole / values, whole / np.outer(values, values) * (1 - np.eye(4))
    assert_close("reduction", host(kcore.grad(product)(x))[0], gradient)
    value, slope = host(kcore.jvp(product, (x,), tensors(np.array([1.0, 0, 2, 0]))))
    assert_close("reduction", value, np.array(whole))
    assert_close("reduction", slope, np.array(gradient[0] + 2 * gradient[2]))
    row = kcore.jvp(kcore.grad(product), (x,), tensors(np.array([0, 1.0, 0, 0])))[1]
    assert_close("reduction", host(row)[0], hessian[1])


def test_what_is_read_from_outside_gets_its_gradient(backend):
    weight = Variable(np.eye(3) * 0.5, name="weight")

    def loss(w, bias):
        last, _ = ops.scan(lambda h, x: (ops.tanh(h @ w + x + bias), None), ops.zeros((3,), "float64"), X)
        return ops.sum(last * last)

    def by_hand(w, bias):
        h = np.zeros(3)
        for x in X:
            h = np.tanh(h @ w + x + bias)
        return (h * h).sum()

    b = np.array([0.1, -0.2, 0.3])
    slopes = [host(g)[0] for g in kcore.grad(loss, (0, 1))(weight, tensors(b)[0])]
    direction = np.random.default_rng(1).normal(size=(3, 3))
    up, down = (by_hand(np.eye(3) * 0.5 + s * 1e-6 * direction, b) for s in (1, -1))
    assert (slopes[0] * direction).sum() == pytest.approx((up - down) / 2e-6, rel=1e-6)
    assert slopes[1].shape == (3,)


def test_states_are_read_before_and_written_after(backend):
    state = Variable(np.zeros(3), name="state")

    def step(x):
        last, kept = ops.scan(lambda c, t: (c + t + 0.0 * state, c), state.value, x)
        state.assign(last)
        return [kept]

    run = Traced(step, "step")
    for n in (1, 2, 3):
        run(*tensors(X))
        assert_close("reduction", state.numpy(), X.sum(0) * n)


def test_bits_differ_from_turn_to_turn_and_are_those_of_its_number(backend):
    def record(reverse):
        def turn(carry, _):
            mask = ops.dropout_mask((4,), 0.5, 2, "float64")
            return carry * mask + 1.0, mask

        def step(x):
            last, masks = ops.scan(turn, x, length=3, reverse=reverse)
            return [masks, *gradients(ops.sum(last), [x])]

        return Traced(step, "bits")(*tensors(np.ones(4)), seed=7, step=9)

    for reverse in (False, True):
        masks, slope = host(record(reverse))
        wanted = np.stack([2.0 * (Philox().bits(7, 2, 9, 0, t, (4,)) >= 32768) for t in range(3)])
        np.testing.assert_array_equal(masks, wanted)
        np.testing.assert_array_equal(slope, wanted.prod(0))  # the same masks on the way back


def test_nested_loops_draw_other_bits_in_every_turn_of_each(backend):
    def inner(carry, _):
        return carry, ops.cast(ops.random_bits((2,), 5), "int64")

    def step(x):
        return [ops.scan(lambda c, _: ops.scan(inner, c, length=3), x, length=4)[1]]

    (bits,) = host(Traced(step, "bits")(*tensors(np.ones(1)), seed=3, step=1))
    assert bits.shape == (4, 3, 2)
    np.testing.assert_array_equal(bits.reshape(12, 2), [Philox().bits(3, 5, 1, 0, t, (2,)) for t in range(12)])


# what it costs


def recurrent(length, batch=2, units=3):
    """The program of a recurrent cell's loss and gradients."""
    calls, trace = [], Trace()

    def cell(h, x):
        calls.append(1)
        h = ops.tanh(x @ w + h @ u + b)
        return h, h

    with recording(trace):
        x = trace.input("x", (length, batch, units))
        w, u, b = (trace.input(n, s) for n, s in (("w", (units, units)), ("u", (units, units)), ("b", (units,))))
        last, kept = ops.scan(cell, ops.zeros((batch, units)), x)
        loss = ops.sum(last) + ops.sum(kept * kept)
        graph = finish(trace, "step", [loss, *gradients(loss, [w, u, b, x])])
    assert len(calls) == 1
    return Program(graph, backend_named("numpy"), in_place=True)


def test_the_program_is_as_long_for_any_number_of_turns():
    assert recurrent(80).text.count("\n") == recurrent(2).text.count("\n")


def test_what_needs_no_carry_leaves_the_loop():
    program = recurrent(5)
    inside = re.findall(r"^ {8}(\S+?)\(", program.text, re.MULTILINE)
    outside = re.findall(r"^ {4}(\S+?)\(", program.text, re.MULTILINE)
    assert inside.count("matmul") == 2  # by the weights of the carry, one way and the other
    assert outside.count("matmul") == 4  # of all inputs, and the gradients of both weights and of the inputs
    assert not any("sum" in name for name in inside)


def test_memory_grows_by_what_the_way_back_reads():
    def kept(length):
        return sum(int(n) for n in re.findall(r"zeros\((\d+), uint8\)", recurrent(length).setup))

    one = 4 * 16 * 16  # bytes of what a turn holds of one value
    grown = {n: sum(int(b) for b in re.findall(r"zeros\((\d+), uint8\)", _of_units(n).setup)) for n in (10, 20, 40)}
    assert grown[40] - grown[20] == pytest.approx(2 * (grown[20] - grown[10]), rel=0.01)
    turn = (grown[20] - grown[10]) / 10 / one
    # x @ w, the states, kept * kept and its gradient, that of the sum before tanh, and that of x
    assert turn <= 6
    assert kept(3) < kept(30)


def _of_units(length):
    return recurrent(length, batch=16, units=16)


# what is refused


def refused(function, *arrays):
    def record(*symbols):
        return [function(*symbols)[0]]

    return Traced(record, "a scan")(*tensors(*arrays))


@pytest.mark.parametrize(
    "function, kind, text",
    [
        (lambda x: ops.scan(lambda c, t: (c, c), x[0]), ValueError, "needs `xs` or `length`"),
        (lambda x: ops.scan(lambda c, t: (c, c), x[0], x, length=4), ValueError, "shapes (5, 3) and length 4"),
        (lambda x: ops.scan(lambda c, t: (c, c), x[0], (x, x[1:])), ValueError, "shapes (5, 3), (4, 3)"),
        (lambda x: ops.scan(lambda c, t: (c, c), x[0], length=-3), ValueError, "got shapes  and length -3"),
        (lambda x: ops.scan(lambda c, t: c + t, x[0], x), TypeError, "returns (carry, y), got <Symbol"),
        (
            lambda x: ops.scan(lambda c, t: ((c, c), t), x[0], x),
            ValueError,
            "nested as . and returned one nested as (., .)",
        ),
        (
            lambda x: ops.scan(lambda c, t: (c[:2], t), x[0], x),
            ValueError,
            "part 0 of the carry of ops.scan is float64[3], but the function returned float64[2] for it.",
        ),
        (
            lambda x: ops.scan(lambda c, t: (ops.cast(c, "float32"), t), x[0], x),
            TypeError,
            "part 0 of the carry of ops.scan is float64[3], but the function returned float32[3] for it.",
        ),
    ],
    ids=range(8),
)
def test_what_does_not_fit_is_answered(function, kind, text):
    with pytest.raises(kind, match=re.escape(text)) as caught:
        refused(function, X)
    assert re.match(r"test_loops\.py, line \d+: ", str(caught.value))


def test_a_variable_assigned_in_a_turn_is_refused():
    variable = Variable(np.zeros(3))

    def turn(carry, x):
        variable.assign(x)
        return carry, x

    with pytest.raises(TypeError, match=r"a variable cannot be assigned inside of a scan\. Make it a carry: give"):
        refused(lambda x: ops.scan(turn, x[0], x), X)


def test_a_symbol_of_a_turn_does_not_leave_it():
    kept = []

    def turn(carry, x):
        kept.append(x)
        return carry, x

    for use in (lambda x: x + 1.0, lambda x: x):
        kept.clear()
        with pytest.raises(TypeError, match="belongs to another trace"):
            refused(lambda x, use=use: [ops.scan(turn, x[0], x), use(kept[0])][1:], X)


# in a model


class Recurrent(kcore.layers.Layer):
    """Ten lines of an outsider's: h = tanh(x w + h u)."""

    units: int

    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], self.units), name="w")
        self.u = self.add_weight((self.units, self.units), name="u")

    def call(self, x):
        start = ops.zeros((x.shape[0], self.units), x.dtype)
        steps = ops.transpose(x, (1, 0, 2))
        last, _ = ops.scan(lambda h, t: (ops.tanh(t @ self.w + h @ self.u), None), start, steps)
        return last


def test_an_outsiders_recurrent_layer_trains_alike_on_every_backend():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 6, 4)).astype("float32"), rng.normal(size=(32, 2)).astype("float32")
    weights = []
    for name in ("numpy", "strict"):
        with kcore.use_backend(name):
            kcore.utils.set_random_seed(1)
            model = kcore.Sequential([Recurrent(5), kcore.layers.Dense(2)])
            model.compile("sgd", "mean_squared_error")
            history = model.fit(x, y, batch_size=8, epochs=3, verbose=0)
            losses = history.history["loss"]
            assert losses[-1] < losses[0]
            weights.append(model.get_weights())
    for ours, theirs in zip(*weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_storages_read_in_a_turn_are_not_written():
    storage, trace = Storage(np.arange(3.0), "state"), Trace()
    with recording(trace):
        last, _ = ops.scan(lambda c, _: (c + trace.read(storage), None), trace.read(storage), length=2)
        trace.write(storage, last)
        graph = finish(trace, "step", [])
    program = Program(graph, backend_named("numpy"), in_place=True)
    program()
    program()
    np.testing.assert_array_equal(storage.numpy(), np.arange(3.0) * 9)


def test_a_growing_carry_may_be_handed_to_another(backend):
    start, x = tensors(np.zeros(3), X)
    (total, before), _ = ops.scan(lambda c, t: ((c[0] + t, c[0]), None), (start, start), x)
    assert_close("reduction", host(total)[0], X.sum(0))
    assert_close("reduction", host(before)[0], X[:-1].sum(0))


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int32", "bool"])
def test_a_carry_keeps_its_dtype(backend, dtype):
    start, x = tensors(np.ones((), dtype), np.full(200, 3).astype(dtype))
    looped, unrolled = (ops.scan(lambda c, t: (c + t, None), start, x, unroll=u)[0] for u in (False, True))
    assert_close("view", host(looped)[0], host(unrolled)[0])
