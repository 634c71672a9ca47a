"""Optimizers take the steps of plain NumPy references, over many steps and gradients of all sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import numpy as np
import pytest

from kcore import Variable, ops
from kcore.graph import Trace, finish, recording
from kcore.interfaces import get
from kcore.program import Program

STEPS = 30
OF_THE_DISTANCE = {"float32": 1e-5, "float64": 1e-9}
"""How far from the reference a weight may end, as a part of the way that it went and of the learning rate."""


def sgd(p, grads, learning_rate=0.01, momentum=0.0, nesterov=False):
    velocity = np.zeros_like(p)
    for g in grads:
        velocity = momentum * velocity - learning_rate * g
        p = p + (momentum * velocity - learning_rate * g if nesterov else velocity)
        yield p


def rmsprop(p, grads, learning_rate=0.001, rho=0.9, momentum=0.0, epsilon=1e-7, centered=False):
    squares, mean, moved = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for g in grads:
        squares = rho * squares + (1 - rho) * g * g
        mean = rho * mean + (1 - rho) * g
        moved = momentum * moved + learning_rate * g / np.sqrt(squares - centered * mean**2 + epsilon)
        p = p - moved
        yield p


def adagrad(p, grads, learning_rate=0.01, initial_accumulator_value=0.1, epsilon=1e-7):
    total = np.full_like(p, initial_accumulator_value)
    for g in grads:
        total = total + g * g
        p = p - learning_rate * g / np.sqrt(total + epsilon)
        yield p


def adadelta(p, grads, learning_rate=1.0, rho=0.95, epsilon=1e-7):
    squares, moves = np.zeros_like(p), np.zeros_like(p)
    for g in grads:
        squares = rho * squares + (1 - rho) * g * g
        delta = g * np.sqrt((moves + epsilon) / (squares + epsilon))
        moves = rho * moves + (1 - rho) * delta * delta
        p = p - learning_rate * delta
        yield p


def adam(p, grads, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    m, v, largest = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        m, v = m + (g - m) * (1 - beta_1), v + (g * g - v) * (1 - beta_2)
        largest = np.maximum(largest, v)
        alpha = learning_rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        p = p - alpha * m / (np.sqrt(largest if amsgrad else v) + epsilon)
        yield p


def adamw(p, grads, learning_rate=0.001, weight_decay=0.004, **options):
    """As a sum of Adam's steps, which do not depend on the weights, and of decays."""
    direction = np.zeros_like(p)
    for after in adam(direction, grads, learning_rate, **options):
        p = p - p * weight_decay * learning_rate + (after - direction)
        direction = after
        yield p


def lion(p, grads, learning_rate=0.001, beta_1=0.9, beta_2=0.99):
    m = np.zeros_like(p)
    for g in grads:
        p, m = p - learning_rate * np.sign(beta_1 * m + (1 - beta_1) * g), beta_2 * m + (1 - beta_2) * g
        yield p


def lamb(p, grads, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, v = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        m, v = m + (g - m) * (1 - beta_1), v + (g * g - v) * (1 - beta_2)
        step = m / (1 - beta_1**t) / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        weights, length = np.sqrt(np.sum(p**2)), np.sqrt(np.sum(step**2))
        p = p - learning_rate * step * (weights / length if weights * length > 0 else 1)
        yield p


def adamax(p, grads, learning_rate=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, u = np.zeros_like(p), np.zeros_like(p)
    for t, g in enumerate(grads, 1):
        m, u = m + (g - m) * (1 - beta_1), np.maximum(beta_2 * u, np.abs(g))
        p = p - learning_rate * m / ((1 - beta_1**t) * (u + epsilon))
        yield p


def nadam(p, grads, learning_rate=0.002, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    m, v = np.zeros_like(p), np.zeros_like(p)
    momenta = beta_1 * (1 - 0.5 * 0.96 ** np.arange(1, len(grads) + 2))
    products = np.cumprod(momenta)
    for t, g in enumerate(grads):
        m, v = m + (g - m) * (1 - beta_1), v + (g * g - v) * (1 - beta_2)
        ahead = momenta[t + 1] * m / (1 - products[t + 1]) + (1 - momenta[t]) * g / (1 - products[t])
        p = p - learning_rate * ahead / (np.sqrt(v / (1 - beta_2 ** (t + 1))) + epsilon)
        yield p


@attrs.frozen
class Case:
    name: str
    reference: Callable[..., Iterator[np.ndarray]]  # where the weights are after each step
    options: dict[str, Any] = attrs.field(factory=dict)


OPTIMIZERS = [
    Case("sgd", sgd),
    Case("sgd", sgd, {"learning_rate": 0.1, "momentum": 0.9}),
    Case("sgd", sgd, {"momentum": 0.5, "nesterov": True}),
    Case("rmsprop", rmsprop),
    Case("rmsprop", rmsprop, {"learning_rate": 0.05, "rho": 0.5, "epsilon": 1e-3}),
    Case("rmsprop", rmsprop, {"momentum": 0.9}),
    Case("rmsprop", rmsprop, {"rho": 0.5, "epsilon": 1e-3, "centered": True}),
    Case("adagrad", adagrad),
    Case("adagrad", adagrad, {"learning_rate": 0.5, "initial_accumulator_value": 0.0, "epsilon": 1e-4}),
    Case("adadelta", adadelta),
    Case("adadelta", adadelta, {"learning_rate": 0.3, "rho": 0.5, "epsilon": 1e-4}),
    Case("adam", adam),
    Case("adam", adam, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
    Case("adam", adam, {"amsgrad": True}),
    Case("adamw", adamw),
    Case("adamw", adamw, {"learning_rate": 0.1, "weight_decay": 0.1, "amsgrad": True}),
    Case("lion", lion),
    Case("lion", lion, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.5}),
    Case("lamb", lamb),
    Case("lamb", lamb, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
    Case("adamax", adamax),
    Case("adamax", adamax, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
    Case("nadam", nadam),
    Case("nadam", nadam, {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-4}),
]
FIRST = {case.name: case for case in reversed(OPTIMIZERS)} | {"sgd": OPTIMIZERS[1], "rmsprop": OPTIMIZERS[5]}
first_of_each = pytest.mark.parametrize("case", FIRST.values(), ids=FIRST)
cases = pytest.mark.parametrize("case", [pytest.param(c, id=f"{c.name}-{c.options}") for c in OPTIMIZERS])


def run(optimizer, backend, starts, gradients):
    """Where variables end: `gradients` has for each step one array a variable."""
    variables = [Variable(start) for start in starts]
    optimizer.build(variables)
    trace = Trace()
    with recording(trace):
        order = [next(i for i, v in enumerate(variables) if v is w) for w in optimizer.trained]
        flat = {i: trace.input(f"g{i}", (variables[i].numpy().size,), variables[i].dtype) for i in order}
        optimizer.apply([ops.reshape(flat[i], variables[i].shape) for i in order])
    program = Program(finish(trace, "step", []), backend)
    for count, step in enumerate(gradients):
        for i, gradient in enumerate(step):
            program.arrays[f"g{i}"][...] = np.ravel(gradient)
        program(learning_rate=optimizer.rate(), step=count)
    return [v.numpy() for v in variables]


SCALES = np.array([0.0, 1e-12, 1e-8, 1e-3, 1.0, 1e4])


def drawn_gradients(rng, shapes):
    """For each step and variable: of every size, one for each weight; a third of the weights seldom get one."""
    pick = [SCALES[rng.integers(0, len(SCALES), shape)] for shape in shapes]
    seldom = [rng.random(shape) < 1 / 3 for shape in shapes]
    return [
        [rng.normal(size=s.shape) * np.where(z & (t % 7 != 0), 0, s) for s, z in zip(pick, seldom, strict=True)]
        for t in range(STEPS)
    ]


def compare(optimizer, backend, shapes, dtype, wanted):
    """Run 30 steps and compare where they end: `wanted` has the path of each weight for its start and gradients."""
    rng = np.random.default_rng(3)
    gradients = [[np.asarray(g, dtype) for g in step] for step in drawn_gradients(rng, shapes)]
    # In float32 from zero, where the way is not lost in the rounding of a large weight.
    starts = [(rng.normal(size=s) if dtype == "float64" else np.zeros(s)).astype(dtype) for s in shapes]
    ends = run(optimizer, backend, starts, gradients)
    exact = [s.astype("float64") for s in starts], [[g.astype("float64") for g in step] for step in gradients]
    for start, end, path in zip(starts, ends, wanted(*exact), strict=True):
        assert end.dtype == dtype
        distance = np.abs(np.diff(np.stack([start, *path]), axis=0)).sum(0)
        lost = 0 if dtype == "float32" else STEPS * np.spacing(np.abs(start))
        allowed = OF_THE_DISTANCE[dtype] * distance + lost
        assert np.all(np.abs(end - path[-1]) <= allowed), np.nanmax(np.abs(end - path[-1]) / allowed)


def each_alone(reference, options):
    """The paths of weights that move independently of each other."""
    return lambda starts, gradients: [
        list(reference(start, [step[i] for step in gradients], **options)) for i, start in enumerate(starts)
    ]


@cases
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_are_those_of_the_reference(backend, case, dtype):
    optimizer = get("optimizers", case.name, **case.options)
    compare(optimizer, backend, [(3, 40), (4,), ()], dtype, each_alone(case.reference, case.options))


@first_of_each
def test_so_they_are_where_the_weights_are_longer_than_a_block(backend, case):
    optimizer = get("optimizers", case.name, **case.options)
    compare(optimizer, backend, [(300, 301), (5,)], "float32", each_alone(case.reference, case.options))


def clipped(gradients, clipnorm=None, clipvalue=None, global_clipnorm=None):
    if clipvalue:
        return [np.clip(g, -clipvalue, clipvalue) for g in gradients]
    lengths = [np.sqrt(np.sum(g**2)) for g in gradients]
    if global_clipnorm:
        lengths = [np.sqrt(np.sum(np.square(lengths)))] * len(lengths)
    longest = clipnorm or global_clipnorm
    return [g * longest / max(length, longest) for g, length in zip(gradients, lengths, strict=True)]


@pytest.mark.parametrize("case", [Case("sgd", sgd, {"momentum": 0.9}), Case("adam", adam)], ids=["sgd", "adam"])
@pytest.mark.parametrize("clip", [{"clipnorm": 0.5}, {"clipvalue": 0.1}, {"global_clipnorm": 0.5}], ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_are_clipped(backend, case, clip, dtype):
    def wanted(starts, gradients):
        return each_alone(case.reference, case.options)(starts, [clipped(step, **clip) for step in gradients])

    optimizer = get("optimizers", case.name, **case.options, **clip)
    compare(optimizer, backend, [(3, 4), (4,), (), (200,)], dtype, wanted)


def test_weights_decay_before_the_step_except_those_excluded(backend):
    """Plain steps, so that w - w * decay * rate - rate * g can be written down."""
    starts = [np.array([1.0, -2.0, 4.0]), np.array([3.0]), np.array([5.0])]
    variables = [Variable(s, name=n) for s, n in zip(starts, ["kernel", "bias", "scale"], strict=True)]
    optimizer = get("optimizers", "sgd", learning_rate=0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_list=variables[2:], var_names=["bias"])
    gradients = [np.array([1.0, 0.0, -1.0]), np.array([1.0]), np.array([2.0])]
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    np.testing.assert_allclose(variables[0].numpy(), starts[0] * 0.95 - 0.5 * gradients[0], rtol=1e-12)
    assert (variables[1].numpy(), variables[2].numpy()) == (2.5, 4)


@pytest.mark.parametrize("every", [None, 3])
def test_running_averages_of_weights_are_kept_and_taken(backend, every):
    rng = np.random.default_rng(0)
    optimizer = get(
        "optimizers", "sgd", learning_rate=0.5, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=every
    )
    variables, average = [Variable(rng.normal(size=4)), Variable(rng.normal(size=(2, 3)))], [0.0, 0.0]
    weights = [v.numpy() for v in variables]
    for step in range(1, 8):
        gradients = [rng.normal(size=v.shape) for v in variables]
        optimizer.apply(gradients, variables)
        weights = [w - 0.5 * g for w, g in zip(weights, gradients, strict=True)]
        average = [w if step == 1 else 0.9 * a + 0.1 * w for a, w in zip(average, weights, strict=True)]
        weights = average if every and step % every == 0 else weights
        for got, wanted in zip([*variables, *optimizer.variables[2:]], [*weights, *average], strict=True):
            np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-12)
    optimizer.finalize_variable_values(variables)
    for got, wanted in zip(variables, average, strict=True):
        np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-12)


@cases
def test_no_gradient_moves_nothing(backend, case):
    start, optimizer = np.linspace(-1, 1, 7).astype("float32"), get("optimizers", case.name, **case.options)
    optimizer.weight_decay = 0.0
    (end,) = run(optimizer, backend, [start], [[np.zeros(7)]] * STEPS)
    assert np.array_equal(end, start)


@cases
def test_a_weight_that_was_moved_once_follows_its_momentum_only(backend, case):
    """Where all later gradients are 0, as of an embedding's row that no batch names."""
    once = [[np.array([1.0, 1e-8])], *[[np.zeros(2)]] * (STEPS - 1)]
    optimizer = get("optimizers", case.name, **case.options)
    (end,) = run(optimizer, backend, [np.zeros(2, "float32")], once)
    path = np.stack(list(case.reference(np.zeros(2), [g for (g,) in once], **case.options)))
    assert np.all(np.abs(end - path[-1]) <= 1e-5 * np.abs(np.diff(path, axis=0, prepend=0)).sum(0))


@cases
def test_a_configuration_gives_an_equal_optimizer(case):
    optimizer = get("optimizers", case.name, **case.options)
    again = type(optimizer).from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    assert case.options.items() <= again.get_config().items()


@first_of_each
def test_after_hundreds_of_steps_without_gradient_no_slot_is_denormal(backend, case):
    """A decaying slot among denormal numbers would make every later step several times slower."""
    optimizer = get("optimizers", case.name, **case.options)
    once = [[np.array([1e-3, 1.0, -1.0, 0.0])], *[[np.zeros(4)]] * 1000]
    run(optimizer, backend, [np.zeros(4, "float32")], once)
    smallest = np.finfo("float32").smallest_normal
    for slot in optimizer.variables:
        value = np.abs(slot.numpy())
        assert not slot.shape or not np.any((value > 0) & (value < smallest)), slot.name
