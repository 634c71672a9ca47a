"""Everything standard has a row and computes what its row's formula says, with its gradient, in its dtype."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kcore
from kcore import ops
from kcore.interfaces import get
from kcore.testing.tolerances import assert_close
from tests.standard.rows import KINDS, ROWS, differences, make, registered, rows
from tests.standard.test_standard_optimizers import OPTIMIZERS

on_each_backend = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 4)
DTYPES = ("float32", "float64")


@pytest.mark.parametrize("kind", KINDS)
def test_everything_registered_has_a_row(kind):
    covered = {row.name for row in ROWS[kind]} | {case.name for case in OPTIMIZERS if kind == "optimizers"}
    assert registered(kind) == covered, f"add a row to tests/standard for {kind}"


@pytest.mark.parametrize("kind", ["initializers", "layers", "losses", "metrics"])
def test_a_configuration_gives_an_equal_object(kind):
    for row in ROWS[kind]:
        thing = make(kind, row)
        again = type(thing).from_config(thing.get_config())
        assert type(again) is type(thing) and again.get_config() == thing.get_config()
        assert row.options.items() <= {**again.get_config(), **vars(again)}.items()


# layers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("layers"))
@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
@on_each_backend
def test_a_layer_computes_its_formula(backend, row, dtype, data):
    x = _drawn(data, row)
    layer = make("layers", row, dtype=dtype)
    y = layer(_fed(row, x))
    weights = layer.get_weights()
    assert {w.dtype.name for w in weights} <= {dtype}
    wanted = row.formula(x.astype(dtype), *weights)
    assert_close("product", ops.convert_to_numpy(y), wanted.astype(dtype))
    shapes = [(None, *each.shape[1:]) for each in (x if row.inputs else [x])]
    assert layer.compute_output_shape(shapes if row.inputs else shapes[0]) == (None, *wanted.shape[1:])


@pytest.mark.parametrize("row", rows("layers"))
@given(data=st.data())
@on_each_backend
def test_a_layer_s_gradient_is_that_of_differences(backend, row, data):
    x, layer = _drawn(data, row), make("layers", row, dtype="float64")
    direction = np.random.default_rng(0).normal(size=np.shape(ops.convert_to_numpy(layer(_fed(row, x)))))
    weights = layer.get_weights()
    got = kcore.grad(lambda x: ops.sum(layer(_fed(row, x)) * direction))(ops.convert_to_tensor(x))
    wanted = differences(lambda x: np.sum(row.formula(x, *weights) * direction), x)
    assert_close("gradient", ops.convert_to_numpy(got), wanted)


def _drawn(data, row):
    shape = [data.draw(sizes) for _ in range(row.rank or data.draw(st.integers(2, 4)))]
    return np.random.default_rng(data.draw(seeds)).normal(size=(row.inputs, *shape) if row.inputs else shape)


def _fed(row, x):
    """What a layer is called with: x, or the parts of its first axis."""
    return [x[i] for i in range(row.inputs)] if row.inputs else x


# losses and metrics ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("losses"))
@pytest.mark.parametrize("dtype", DTYPES)
@given(shape=st.tuples(sizes, sizes), classes=st.integers(2, 5), seed=seeds)
@on_each_backend
def test_a_loss_computes_its_formula(backend, row, dtype, shape, classes, seed):
    y, p = row.data(np.random.default_rng(seed), (*shape, classes))
    p = p.astype(dtype)
    positions = row.formula(y.astype(dtype), p)
    for reduction, wanted in (
        ("none", positions),
        ("sum", positions.sum()),
        ("sum_over_batch_size", positions.mean()),
    ):
        got = make("losses", row, reduction=reduction)(y, ops.convert_to_tensor(p))
        assert_close("reduction", ops.convert_to_numpy(got), np.asarray(wanted, dtype))


@pytest.mark.parametrize("row", rows("losses"))
@given(rows_=sizes, classes=st.integers(2, 4), seed=seeds)
@on_each_backend
def test_a_loss_s_gradients_are_those_of_differences(backend, row, rows_, classes, seed):
    y, p = row.data(np.random.default_rng(seed), (rows_, classes))
    loss = make("losses", row)
    for argnum in (0, 1) if y.dtype.kind == "f" else (1,):
        at = (y, p)[argnum]
        got = kcore.grad(loss, argnum)(ops.convert_to_tensor(y), ops.convert_to_tensor(p))
        wanted = differences(lambda z, n=argnum: row.formula(*((z, p) if n == 0 else (y, z))).mean(), at)
        assert_close("gradient", ops.convert_to_numpy(got), wanted)


@pytest.mark.parametrize("row", rows("metrics"))
@given(counts=st.lists(sizes, min_size=1, max_size=3), classes=st.integers(2, 5), seed=seeds)
@on_each_backend
def test_a_metric_gathers_its_formula_over_batches(backend, row, counts, classes, seed):
    rng, metric = np.random.default_rng(seed), make("metrics", row)
    batches = [row.data(rng, (count, classes)) for count in counts]
    for y, p in batches:
        metric.update_state(y, p)
    wanted = row.over(np.concatenate([row.formula(y, p) for y, p in batches]))
    assert metric.result() == pytest.approx(wanted, rel=1e-12)
    metric.reset_state()
    assert metric.result() == 0


# activations and initializers -----------------------------------------------------------------------------


@pytest.mark.parametrize("row", rows("activations"))
@pytest.mark.parametrize("dtype", DTYPES)
@given(shape=st.tuples(sizes, sizes), scale=st.sampled_from([0.0, 1.0, 30.0, 1e4]), seed=seeds)
@on_each_backend
def test_an_activation_computes_its_formula(backend, row, dtype, shape, scale, seed):
    rows, width = shape
    width += width % 2 * (row.name == "glu")
    x = (np.random.default_rng(seed).normal(size=(rows, width)) * scale).astype(dtype)
    got = make("activations", row)(ops.convert_to_tensor(x))
    with np.errstate(all="ignore"):
        wanted = row.formula(x.astype("float64")).astype(dtype)
    assert_close("reduction", ops.convert_to_numpy(got), wanted)


@pytest.mark.parametrize("row", rows("initializers"))
def test_an_initializer_draws_its_values_in_the_dtype_that_is_asked_for(row):
    for dtype in DTYPES:
        values = make("initializers", row)((60, 50), dtype)
        assert (values.shape, values.dtype.name) == ((60, 50), dtype)
        assert row.formula(values, (60, 50))


def test_an_initializer_with_a_seed_repeats_and_one_without_does_not():
    for name in ("glorot_uniform", "he_normal", "orthogonal", "random_normal", "random_uniform", "truncated_normal"):
        first, second = (get("initializers", name, seed=3)((4, 4)) for _ in range(2))
        assert np.array_equal(first, second)
        assert not np.array_equal(get("initializers", name)((4, 4)), get("initializers", name)((4, 4)))
