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


def rmsprop(p, grads, learning_rate=0.001, rho=0.9, epsilon=1e-7):
    velocity = np.zeros_like(p)
    for g in grads:
        velocity = rho * velocity + (1 - rho) * g * g
        p = p - learning_rate * g / np.sqrt(velocity + epsilon)
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
]
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
    for step in gradients:
        for i, gradient in enumerate(step):
            program.arrays[f"g{i}"][...] = np.ravel(gradient)
        program(learning_rate=optimizer.learning_rate)
    return [v.numpy() for v in variables]


def drawn_gradients(rng, shapes):
    """For each step and variable: of every size from 1e-8 to 1e4, and zero."""
    scales = np.array([0.0, 1e-8, 1e-3, 1.0, 1e4])
    pick = [scales[rng.integers(0, len(scales), shape)] for shape in shapes]  # one size for each weight
    return [[rng.normal(size=s) * p for s, p in zip(shapes, pick, strict=True)] for _ in range(STEPS)]


@cases
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shapes", [[(3, 4), (4,), ()], [(300, 301), (5,)]], ids=["small", "longer than a block"])
def test_steps_are_those_of_the_reference(backend, case, dtype, shapes):
    rng = np.random.default_rng(3)
    optimizer = get("optimizers", case.name, **case.options)
    gradients = drawn_gradients(rng, shapes)
    # In float32 from zero, where the way is not lost in the rounding of a large weight.
    starts = [(rng.normal(size=s) if dtype == "float64" else np.zeros(s)).astype(dtype) for s in shapes]
    ends = run(optimizer, backend, starts, gradients)
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        assert end.dtype == dtype
        given = [np.asarray(step[i], dtype).astype("float64") for step in gradients]
        path = np.stack([start, *case.reference(start.astype("float64"), given, **case.options)])
        allowed = OF_THE_DISTANCE[dtype] * (np.abs(np.diff(path, axis=0)).sum(0) + optimizer.learning_rate)
        assert np.all(np.abs(end - path[-1]) <= allowed), np.max(np.abs(end - path[-1]) / allowed)


@cases
def test_no_gradient_moves_nothing_that_counts(backend, case):
    start, optimizer = np.linspace(-1, 1, 7).astype("float32"), get("optimizers", case.name, **case.options)
    (end,) = run(optimizer, backend, [start], [[np.zeros(7)]] * STEPS)
    assert np.max(np.abs(end - start)) <= OF_THE_DISTANCE["float64"] * optimizer.learning_rate


@cases
def test_a_configuration_gives_an_equal_optimizer(case):
    optimizer = get("optimizers", case.name, **case.options)
    again = type(optimizer).from_config(optimizer.get_config())
    assert again.get_config() == optimizer.get_config()
    assert case.options.items() <= again.get_config().items()


@cases
def test_after_hundreds_of_steps_without_gradient_no_slot_is_denormal(backend, case):
    """A decaying slot among denormal numbers would make every later step several times slower."""
    optimizer = get("optimizers", case.name, **case.options)
    once = [[np.array([1e-3, 1.0, -1.0, 0.0])], *[[np.zeros(4)]] * 1000]
    run(optimizer, backend, [np.zeros(4, "float32")], once)
    smallest = np.finfo("float32").smallest_normal
    for slot in optimizer.variables:
        value = np.abs(slot.numpy())
        assert not np.any((value > 0) & (value < smallest)), slot.name
