"""Every layer, loss, metric, optimizer, schedule, activation and initializer on two backends."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcore import Input, Model, Variable, ops
from kcore.backend import use_backend
from kcore.backend.selection import backend_named
from kcore.graph import Trace, finish, recording
from kcore.interfaces import get
from kcore.layers import Dense
from kcore.models import Sequential
from kcore.testing import compare_backends
from kcore.testing.compare import STEPS
from kcore.testing.making import seeded
from kcore.testing.stepping import Batch, Stepper
from kcore.testing.tolerances import allowed, difference
from tests.agreement.bodies import check, told, traced
from tests.standard.rows import make, rows
from tests.standard.test_standard_optimizers import OPTIMIZERS
from tests.standard.test_standard_schedules import SCHEDULES

DTYPES = ("float32", "float64")
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 4)


def few(count):
    return settings(
        max_examples=max(settings.default.max_examples * count // 25, 1),
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("row", rows("layers"))
@few(1)
@given(shape=st.lists(sizes, min_size=3, max_size=3), seed=seeds)
def test_training_through_a_layer_agrees(row, dtype, other, shape, seed):
    """Behind a dense layer, so that gradients of inputs are compared too."""
    rng, shape = np.random.default_rng(seed), tuple(shape[: (row.rank or 3) - 1])
    with seeded(seed):
        inputs = [Input(shape, dtype=dtype) for _ in range(row.inputs or 1)]
        hidden = [Dense(4, dtype=dtype)(x) for x in inputs]
        outputs = make("layers", row, dtype=dtype)(hidden if row.inputs else hidden[0])
        model = Model(inputs, outputs)
    model.compile(get("optimizers", "sgd", learning_rate=0.05, momentum=0.9), "mean_squared_error")
    x = [rng.normal(size=(8, *shape)) for _ in inputs]
    compare_backends(model, (x, rng.normal(size=(8, *model.output_shape[1:]))), [other]).check()


@pytest.mark.parametrize("row", rows("losses"))
@few(2)
@given(shape=st.tuples(sizes, sizes), classes=st.integers(2, 5), seed=seeds, dtype=st.sampled_from(DTYPES))
def test_a_loss_agrees(row, other, shape, classes, seed, dtype):
    rng = np.random.default_rng(seed)
    y, p = row.data(rng, (*shape, classes))
    y = y.astype(dtype) if y.dtype.kind == "f" else y
    weights = rng.uniform(0.5, 2, np.shape(row.formula(y, p))).astype(dtype)
    for reduction in ("none", "sum_over_batch_size"):
        loss = make("losses", row, reduction=reduction)
        moving = [0, 1] if y.dtype.kind == "f" else [1]
        body = traced(lambda y, p, w, loss=loss: [loss(y, p, w)], [y, p.astype(dtype), weights], moving)
        check(body, other, "chain")


@pytest.mark.parametrize("row", rows("metrics"))
@few(2)
@given(counts=st.lists(sizes, min_size=1, max_size=3), classes=st.integers(2, 5), seed=seeds)
def test_a_metric_agrees(row, other, counts, classes, seed):
    rng, metric = np.random.default_rng(seed), make("metrics", row)
    batches = [row.data(rng, (count, classes)) for count in counts]
    metric.update_state(*batches[0])
    metric.reset_state()
    held = {v.storage: v.storage.numpy() for v in metric.variables}
    ends = []
    for backend in (backend_named("numpy"), other):
        state = held
        for y, p in batches:
            trace = Trace()
            with recording(trace):
                metric.update_state(trace.input("y", y.shape, y.dtype.name), trace.input("p", p.shape, p.dtype.name))
            _, state = Stepper(finish(trace, "update", []), backend).step(state, Batch({"y": y, "p": p}, {}))
        for storage, value in state.items():
            storage.fill(0, value)
        with use_backend(backend):
            ends.append([*state.values(), np.asarray(ops.convert_to_numpy(metric.result()))])
    for a, b in zip(*ends, strict=True):
        assert difference(a, b) <= allowed("chain", a), f"{row}: {b} on {other.name}, {a} on numpy"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", OPTIMIZERS, ids=lambda case: f"{case.name} {case.options}")
@few(1)
@given(seed=seeds)
def test_an_optimizer_agrees(case, dtype, other, seed):
    """Fed with gradients of any size, so that they do not depend on the weights."""
    rng, optimizer = np.random.default_rng(seed), get("optimizers", case.name, **case.options)
    variables = [Variable(rng.normal(size=s).astype(dtype), name=f"v{len(s)}") for s in ((3, 4), (4,), ())]
    optimizer.build(variables)
    trace = Trace()
    with recording(trace):
        trained = optimizer.trained
        flat = [trace.input(f"g{i}", (v.numpy().size,), dtype) for i, v in enumerate(trained)]
        optimizer.apply([ops.reshape(g, v.shape) for g, v in zip(flat, trained, strict=True)])
    graph, steps = finish(trace, "step", []), STEPS[dtype]
    scale = 10.0 ** rng.integers(-8, 3, (steps, len(trained)))
    drawn = [[(rng.normal(size=g.shape) * s).astype(dtype) for g, s in zip(flat, each, strict=True)] for each in scale]
    batches = [
        Batch({f"g{j}": g for j, g in enumerate(each)}, {"learning_rate": 0.01, "step": i})
        for i, each in enumerate(drawn)
    ]
    home = Stepper(graph, backend_named("numpy"))
    steppers = [home, Stepper(graph, other), Stepper(home.program.graph, home.backend, wide=True)]
    start, ends = {s: s.numpy() for s in graph.storages.values()}, []
    for stepper in steppers:
        state = start
        for batch in batches:
            _, state = stepper.step(state, batch)
        ends.append(list(state.values()))
    for a, b, c in zip(*ends, strict=True):
        limit = allowed("training", a, c)
        assert (apart := difference(a, b)) <= limit, (
            f"{apart:.3g} apart, {limit:.3g} allowed{told(*steppers[:2], start, batches)}"
        )


@pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: f"{case.name} {case.options}")
def test_a_schedule_agrees(case, other):
    rates = []
    for backend in ("numpy", other):
        with use_backend(backend):
            optimizer = get("optimizers", "sgd", learning_rate=get("schedules", case.name, **case.options))
            rates.append([])
            for step in range(20):
                optimizer.iterations = step
                rates[-1].append(optimizer.rate())
    a, b = map(np.asarray, rates)
    assert difference(a, b) <= allowed("same order", a)


@pytest.mark.parametrize("row", rows("activations"))
@few(2)
@given(
    shape=st.tuples(sizes, sizes),
    scale=st.sampled_from([0.0, 1.0, 30.0, 1e4]),
    seed=seeds,
    dtype=st.sampled_from(DTYPES),
)
def test_an_activation_agrees(row, other, shape, scale, seed, dtype):
    x = np.random.default_rng(seed).normal(size=(shape[0], 2 * shape[1])) * scale
    check(traced(lambda x: [make("activations", row)(x)], [x.astype(dtype)], [0]), other, "reduction")


@pytest.mark.parametrize("row", rows("initializers"))
def test_first_weights_are_the_same_bit_for_bit(row, other):
    drawn = []
    for backend in ("numpy", other):
        with use_backend(backend), seeded(3):
            layer = Dense(5, kernel_initializer=make("initializers", row), input_shape=(5,))
            drawn.append(Sequential([layer, Dense(2)]).get_weights())
    assert all(map(np.array_equal, *drawn))
