"""compare_backends: what it reports, of which models, and that it leaves the model alone."""

from __future__ import annotations

import re

import numpy as np
import pytest

from kcore import Input, Model
from kcore.backend import current_backend
from kcore.backend.selection import backend_named
from kcore.layers import LSTM, Dense, Dropout
from kcore.models import Sequential
from kcore.optimizers import Adam
from kcore.schedules import ExponentialDecay
from kcore.testing import CheckFailedError, compare_backends
from kcore.testing.compare import Comparison, Difference
from kcore.testing.making import seeded

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(50, 6)), np.eye(3)[RNG.integers(0, 3, 50)]


def network(dtype: str = "float32", built: bool = True, **compiled) -> Sequential:
    first = {"input_shape": (6,)} if built else {}
    layers = [Dense(5, activation="tanh", dtype=dtype, **first), Dropout(0.3, dtype=dtype)]
    with seeded(1):
        model = Sequential([*layers, Dense(3, activation="softmax", dtype=dtype)])
    model.compile(**{"optimizer": "adam", "loss": "categorical_crossentropy", "metrics": ["accuracy"]} | compiled)
    return model


def test_the_report_has_weights_slots_metrics_and_outputs(other):
    report = compare_backends(network(), (X, Y), [other])
    assert (report.agrees, report.steps, report.batch, report.culprits) == (True, 5, 32, {})
    assert [d.what for d in report.differences] == [
        *(f"weight {name}" for name in ("dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias")),
        *(f"slot {w}_{slot}" for w in ("dense_kernel", "dense_bias", "dense_1_kernel", "dense_1_bias")
          for slot in ("momentum", "velocity")),
        "metric loss", "metric accuracy", "output dense_1",
    ]  # fmt: skip
    assert {d.backend for d in report.differences} == {other.name}
    assert report.programs.keys() == {"numpy", other.name}
    assert str(report).startswith(f"After 5 steps of 32 samples\n\n{other.name} beside numpy ")
    assert str(report).endswith("\n  all within what rounding explains")
    report.check()


def test_float64_takes_twenty_steps_and_ends_within_1e_8(other):
    report = compare_backends(network("float64"), (X, Y), [other])
    assert report.steps == 20
    assert all(d.allowed == pytest.approx(1e-8) for d in report.differences if d.what.startswith("weight"))
    assert report.agrees


def test_the_model_is_left_as_it_was(other):
    model = network()
    model.fit(X, Y, verbose=0)
    before, steps, backend = model.get_weights(), model.optimizer.iterations, current_backend()
    compare_backends(model, (X, Y), [other], steps=2)
    assert all(map(np.array_equal, model.get_weights(), before))
    assert model.optimizer.iterations == steps and current_backend() is backend
    unbuilt = network(built=False)
    assert compare_backends(unbuilt, (X, Y), [other], steps=1).agrees and not unbuilt.built


@pytest.mark.parametrize("compiled", [{"backend": "strict"}, {"run_eagerly": True}, {"optimizer": "sgd"}], ids=str)
def test_a_model_may_be_compiled_in_any_way(other, compiled):
    assert compare_backends(network(**compiled), (X, Y), [other], steps=2, batch_size=7).agrees


def test_rates_of_a_schedule_and_weights_of_samples_count(other):
    rate = ExponentialDecay(0.1, decay_steps=1, decay_rate=0.5)
    data = X, Y, RNG.uniform(0.5, 2, 50)
    assert compare_backends(network(optimizer=Adam(rate)), data, [other], batch_size=100).batch == 50


def test_several_inputs_and_outputs_are_told_by_name(other):
    words, numbers = Input((4, 2), name="words"), Input((6,), name="numbers")
    hidden = Dense(3, activation="tanh")(numbers)
    model = Model(
        [words, numbers], [LSTM(2, name="summary")(words), Dense(3, activation="softmax", name="kind")(hidden)]
    )
    model.compile("rmsprop", ["mean_squared_error", "categorical_crossentropy"])
    x, y = [RNG.normal(size=(50, 4, 2)), X], [RNG.normal(size=(50, 2)), Y]
    report = compare_backends(model, (x, y), [other], steps=2)
    told = [d.what for d in report.differences if not d.what.startswith(("weight", "slot"))]
    assert told == ["metric loss", "metric summary_loss", "metric kind_loss", "output summary", "output kind"]
    assert report.agrees


def test_lines_are_80_columns_however_long_a_name_is():
    apart = [Difference("strict", f"weight {'a_layer_with_a_long_name/' * 5}kernel", 1.2345e-3, 1e-8)]
    report = str(Comparison(5, 32, apart, {"strict": None}, {"strict": "def train(): pass\n"}))
    assert max(map(len, report.splitlines())) <= 80
    assert re.search(r"  \.\.\.\S+/kernel +0\.0012 +1e-08  <-$", report, re.MULTILINE)
    assert "No kernel differs by more than rounding explains when a step is made again" in report


def test_what_is_no_data_or_no_backend_is_answered():
    with pytest.raises(
        ValueError, match=r"compare_backends takes data as for fit: \(x, y\), or \(x, y, sample_weight\)"
    ):
        compare_backends(network(), X)
    with pytest.raises(ValueError, match="Unknown backend 'strcit'"):
        compare_backends(network(), (X, Y), ["strcit"])
    with pytest.raises(RuntimeError, match=r"compare_backends\(\) needs a model with an optimizer and a loss"):
        compare_backends(Sequential([Dense(3, input_shape=(6,))]), (X, Y))


def test_all_backends_at_hand_are_compared_unless_some_are_named(other):
    assert other.name in {d.backend for d in compare_backends(network(), (X, Y), steps=1).differences}


@pytest.mark.parametrize("named", ["numpy", backend_named("numpy")], ids=["name", "object"])
def test_nothing_compared_is_no_agreement(named):
    report = compare_backends(network(), (X, Y), [named], steps=1)
    assert report.differences == [] and not report.agrees
    text = "\n\nNothing was compared: no backend beside numpy was named, or none is at hand.\nOne that runs anywhere "
    with pytest.raises(CheckFailedError, match=re.escape(f'{text}comes by pip install "kcore[strict]".')):
        report.check()


@pytest.mark.parametrize(
    ("how", "error", "text"),
    [
        ({"backends": []}, ValueError, "backends=[] names none. Leave it out for all that can run here"),
        ({"backends": "strict"}, TypeError, "backends is a list; got 'strict' alone. Write backends=['strict']."),
        ({"backends": backend_named("numpy")}, TypeError, "got NumpyBackend() alone. Write backends=[NumpyBackend()]."),
        ({"steps": 0}, ValueError, "compare_backends: steps must be a whole number of at least 1; got 0."),
        ({"batch_size": 2.5}, ValueError, "batch_size must be a whole number of at least 1; got 2.5."),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_compared_is_answered(how, error, text):
    with pytest.raises(error, match=re.escape(text)):
        compare_backends(network(), (X, Y), **how)
