"""Everything that kcore itself registers passes the checks that it gives to authors, by the rows of other tests."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kcore.testing import (
    check_activation,
    check_callback,
    check_dataset,
    check_initializer,
    check_layer,
    check_loss,
    check_metric,
    check_op,
    check_optimizer,
    check_schedule,
)
from tests.ops.table import ROWS as OP_ROWS
from tests.standard.row import Row
from tests.standard.rows import registered, rows
from tests.standard.test_standard_optimizers import OPTIMIZERS
from tests.standard.test_standard_schedules import SCHEDULES

EVERY = 1 if os.environ.get("KCORE_HYPOTHESIS") == "thorough" else 4
"""Which of the rows of ops are checked."""
MIXING = ("circle", "dice", "tversky")
"""Losses that look at a batch as a whole."""
FLAT = [(7, 3)]
METRICS: dict[str, dict[str, Any]] = {
    "f1_score": {"shapes": FLAT},
    "fbeta_score": {"shapes": FLAT},
    "r2_score": {"shapes": FLAT},
    "mean_io_u": {"weighted": False},
    "mean": {"in_model": False},
    "sum": {"in_model": False},
}
INITIALIZERS: dict[str, Any] = {"identity": [(6, 4), (4, 6)], "variance_scaling": [(6, 4), (4, 6)]}


def over_samples(row: Row) -> bool:
    return row.options.get("axis", -1) == 0


@pytest.mark.parametrize("row", rows("layers"))
def test_layers(row):
    shape = {0: (4,), 2: (4,), 3: (4, 2)}[row.rank] if row.options != {"axes": (1, 1)} else (3, 3)
    check_layer(row.name, [shape] * row.inputs if row.inputs else shape, options=row.options)


@pytest.mark.parametrize("row", rows("losses"))
def test_losses(row):
    samplewise = not over_samples(row) and row.name not in MIXING
    check_loss(row.name, options=row.options, data=row.data, samplewise=samplewise)


@pytest.mark.parametrize("row", [r for r in rows("metrics") if not over_samples(r.values[0])])
def test_metrics(row):
    check_metric(row.name, options=row.options, data=row.data, **METRICS.get(row.name, {}))


@pytest.mark.parametrize("case", OPTIMIZERS, ids=lambda case: f"{case.name}-{case.options}")
def test_optimizers(case):
    check_optimizer(case.name, options={k: v for k, v in case.options.items() if k != "learning_rate"})


@pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: f"{case.name}-{case.options}")
def test_schedules(case):
    check_schedule(case.name, options=case.options)


@pytest.mark.parametrize("row", rows("activations"))
def test_activations(row):
    check_activation(row.name, same_shape=row.name != "glu")


@pytest.mark.parametrize("row", rows("initializers"))
def test_initializers(row):
    shapes = {"shapes": INITIALIZERS[row.name]} if row.name in INITIALIZERS else {}
    check_initializer(row.name, options=row.options, **shapes)


CALLBACKS: dict[str, dict[str, Any]] = {
    "csv_logger": {"options": {"filename": "log.csv"}},
    "early_stopping": {"options": {"monitor": "loss", "patience": 0, "min_delta": 1.0}, "passive": False},
    "lambda_callback": {"options": {"on_epoch_end": lambda epoch, logs: None}},
    "learning_rate_scheduler": {"options": {"schedule": lambda epoch: 0.01 / (1 + epoch)}, "passive": False},
    "model_checkpoint": {"options": {"filepath": "best.safetensors", "save_weights_only": True}},
    "progress": {},
    "reduce_lr_on_plateau": {"options": {"monitor": "loss", "patience": 0, "min_delta": 1.0}, "passive": False},
    "terminate_on_nan": {},
}
HERE = {"digits": {}, "boston_housing": {}, "california_housing": {"options": {"version": "small"}}}
"""Data sets that are small; all others are read whole by tests/datasets."""


def test_every_callback_is_checked():
    assert registered("callbacks") == set(CALLBACKS)


@pytest.mark.parametrize("name", CALLBACKS)
def test_callbacks(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check_callback(name, **CALLBACKS[name])


@pytest.mark.parametrize("name", HERE)
def test_data_sets(name, monkeypatch):
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    try:
        check_dataset(name, **HERE[name])
    except AssertionError as error:
        if "DatasetUnavailableError" not in str(error):
            raise
        pytest.skip(str(error).partition("\n")[0])


SEVERAL = settings(max_examples=1, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
OPS = [r for r in OP_ROWS if r.traced and not r.numbers and r.kind != "random"][::EVERY]


@pytest.mark.parametrize("row", OPS, ids=lambda row: row.name)
@SEVERAL
@given(data=st.data())
def test_ops(row, data):
    case = data.draw(row.cases)
    arrays = case.arrays if "float64" in row.dtypes else [(a * 3).astype(row.dtypes[-1]) for a in case.arrays]

    def function(*arrays):
        return row.results(arrays, case.options)

    check_op(
        function,
        [a.shape for a in arrays],
        data=[lambda rng, shape, a=a: a for a in arrays],
        fixed=row.fixed,
        differentiable=row.differentiable,
    )
