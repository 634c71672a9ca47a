"""kcore beside installed Keras, value and gradient, over drawn inputs, shapes, weights and options: `tox -e peers`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.peers import answers, ours
from tests.peers.cases import LOSSES, REDUCTIONS, Case, drawn
from tests.peers.cases_of_metrics import METRICS
from tests.peers.cases_over_time import OPTIMIZERS, RECURRENT, gradients, recurrent_cases
from tests.peers.draws import exact, stream

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras's
few = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
seeds = st.integers(0, 2**32 - 1)
dtypes = st.sampled_from(["float32", "float64"])


def compared(case: Case, dtype: str) -> None:
    ours.compare(case, ours.answer(case, dtype), answers.answer(case, dtype), dtype)


def positions_of(shape: tuple[int, ...], options: dict[str, Any]) -> tuple[int, ...]:
    """The shape of what a loss gives before it is reduced."""
    axis = options.get("axis", -1) % len(shape)
    return shape[:axis] + shape[axis + 1 :]


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data(), seed=seeds, dtype=dtypes)
@few
def test_losses(backend, name, data, seed, dtype):
    subject = LOSSES[name]
    options, draw, note = data.draw(st.sampled_from(list(subject.variants())))
    rank = data.draw(st.integers(max(2, np.max(options.get("axis", 0)) + 2), 3))
    shape = tuple(data.draw(st.integers(2, 4)) for _ in range(rank))
    weights: Any = None
    if data.draw(st.booleans()):
        whole = isinstance(options.get("axis"), tuple) or name in ("dice", "tversky")
        positions = () if whole else positions_of(shape, options)
        weights = data.draw(st.sampled_from([(), positions, (*positions, 1), tuple(1 for _ in positions)]))
        if whole:
            weights = ()
    options = {**options, "reduction": data.draw(st.sampled_from(REDUCTIONS))}
    compared(Case("losses", name, subject.keras, options, drawn(str(seed), draw, shape, weights), note=note), dtype)


@pytest.mark.parametrize("name", METRICS)
@given(data=st.data(), seed=seeds, dtype=dtypes)
@few
def test_metrics(backend, name, data, seed, dtype):
    subject = METRICS[name]
    variants = [v for v in subject.variants() if name != "binary_crossentropy" or "axis" not in v[0]]
    options, draw, note = data.draw(st.sampled_from(variants))
    weighted = "axis" not in options and subject.forms > 1 and data.draw(st.booleans())
    middle = (3,) if options.get("axis", -1) >= 0 else ()
    if name == "r2_score":  # from a difference of sums, of which Keras in float32 loses digits and kcore does not
        dtype = "float64"
    arrays = {}
    least = 8 if name == "r2_score" else 1  # a variance of two numbers may be next to nothing
    for i, n in enumerate(data.draw(st.tuples(*[st.integers(least, least + 4)] * 2))):
        one = drawn(f"{seed} {i}", draw, (n, *middle, 6), (n,) if weighted else None)
        arrays |= {k + "_2" * i: v for k, v in one.items() if name not in ("mean", "sum") or not k.startswith("y_true")}
    compared(Case("metrics", name, subject.keras, options, arrays, note=note), dtype)


@pytest.mark.parametrize("name", OPTIMIZERS)
@given(data=st.data(), seed=seeds, rate=st.sampled_from([1e-3, 0.1]), dtype=dtypes)
@settings(few, max_examples=4)
def test_optimizers(backend, name, data, seed, rate, dtype):
    keras, _, variants = OPTIMIZERS[name]
    options = {**data.draw(st.sampled_from(variants)), "learning_rate": rate}
    arrays = gradients(str(seed), 0.01)
    compared(Case("optimizers", name, keras, options, arrays, keras_options=options), dtype)


@pytest.mark.parametrize("name", RECURRENT)
@given(data=st.data(), seed=seeds, dtype=dtypes)
@settings(few, max_examples=6)
def test_recurrent_layers(backend, name, data, seed, dtype):
    case = data.draw(st.sampled_from([case for case in recurrent_cases(str(seed)) if case.name == name]))
    compared(case, dtype)


@pytest.mark.parametrize("name", ["mse", "MSE", "bce", "BCE", "kld", "KLD", "mae", "MAE", "mape", "MAPE", "msle"])
def test_short_names_mean_the_same(name):
    import keras

    import kcore

    rng = stream(name)
    y, p = exact(rng.uniform(0.1, 0.9, (4, 3))), exact(rng.uniform(0.1, 0.9, (4, 3)))
    for theirs, mine in ((keras.losses, kcore.losses), (keras.metrics, kcore.metrics)):
        if theirs is keras.metrics and name.lower() == "kld":
            continue  # no metric of Keras's
        got, wanted = mine.get(name)(y.astype("float32"), p.astype("float32")), theirs.get(name)(y, p)
        np.testing.assert_allclose(np.mean(got), np.mean(wanted), rtol=1e-5)
