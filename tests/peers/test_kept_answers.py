"""kcore gives what Keras gave: its answers, with gradients, are kept in a file, so that this runs without Keras.

`python -m tests.peers.answers` makes the file anew, in the environment of `tox -e peers`.
"""

from __future__ import annotations

import functools
import json
import pathlib
from typing import Any

import pytest

from kcore.plugin import entries
from tests.peers import ours
from tests.peers.cases import loss_cases, unlike
from tests.peers.cases_of_metrics import metric_cases
from tests.peers.cases_over_time import optimizer_cases, recurrent_cases

CASES = [case for kind in (loss_cases, metric_cases, optimizer_cases, recurrent_cases) for case in unlike(kind())]
NOT_IN_KERAS = {
    ("metrics", "accuracy"): "compile() chooses by shapes: test_live_fit.py",
    ("metrics", "crossentropy"): "compile() chooses by the loss: test_live_fit.py",
    ("metrics", "clone_metric"): "a function that copies a metric",
    ("metrics", "clone_metrics"): "a function that copies metrics",
    ("metrics", "mean_metric_wrapper"): "has no number of its own",
}


@functools.cache
def kept() -> dict[str, Any]:
    return json.loads(pathlib.Path(__file__).with_name("keras-3.15.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_kcore_gives_what_keras_gave(backend, case, dtype):
    ours.compare(case, ours.answer(case, dtype), kept()["answers"][str(case)][dtype], dtype)


@pytest.mark.parametrize("kind", ["losses", "metrics", "optimizers"])
def test_everything_registered_is_compared_with_keras(kind):
    compared = {case.name for case in CASES if case.kind == kind}
    for entry in entries(kind, outsiders=False):
        if entry.distribution == "kcore" and (kind, entry.name) not in NOT_IN_KERAS:
            assert compared & {entry.name, *entry.aliases}, f"add {entry.name} to tests/peers/cases.py for {kind}"


def test_the_file_holds_the_answers_of_these_cases_and_no_others():
    assert kept()["answers"].keys() == {str(case) for case in CASES}
    assert kept()["made"].keys() == {"by", "keras", "jax"}
