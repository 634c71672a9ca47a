"""What crosses while a network trains on CuPy: counted, and with pinned memory that a copy still reads left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kcore
from kcore.config import config
from kcore.layers import Dense, Dropout
from kcore.models import Sequential

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
standin = getattr(cupy, "standin", None)
if standin is None:
    pytest.skip("real CuPy counts nothing", allow_module_level=True)

from kcore_cupy.backend import CupyBackend  # noqa: E402

EPOCHS, BATCHES = 2, 7  # of 32 of 200 samples
CROSSINGS = ("uploads", "downloads", "synchronizations")


@pytest.fixture
def batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Samples are not kept on the device."""
    monkeypatch.setattr(CupyBackend, "memory", lambda self: None)


@pytest.fixture(autouse=True)
def seeds_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "seed", 3)
    monkeypatch.setattr(config, "models", 0)


def trained() -> tuple[list[Any], tuple[int, ...]]:
    """The history and the weights of a fit on a warm model, and what it crossed."""
    config.seed, config.models = 3, 0
    x = np.random.default_rng(5).normal(size=(200, 6))
    y = np.eye(3)[x[:, :3].argmax(1)]
    layers = [Dense(8, activation="relu", input_shape=(6,)), Dropout(0.2), Dense(3, activation="softmax")]
    model = Sequential(layers)
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy", "mse"])
    with kcore.use_backend("cupy"):
        model.fit(x, y, verbose=0)
        with cupy.counted() as counted:
            history = model.fit(x, y, epochs=EPOCHS, verbose=0).history
        return [*history.values(), *model.get_weights()], tuple(counted[each] for each in CROSSINGS)


def same(one: list[Any], other: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_kept_samples_cross_once_and_nothing_waits_but_for_logs() -> None:
    assert trained()[1] == (2 + EPOCHS, EPOCHS, EPOCHS)


@pytest.mark.usefixtures("batch_by_batch")
def test_a_batch_crosses_by_its_arrays_and_nothing_waits_but_for_logs() -> None:
    assert trained()[1] == (2 * BATCHES * EPOCHS, EPOCHS, EPOCHS)


def test_where_samples_lie_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = trained()[0]
    monkeypatch.setattr(CupyBackend, "memory", lambda self: None)
    assert same(trained()[0], kept)


@pytest.mark.usefixtures("batch_by_batch")
def test_a_stream_that_works_late_finds_each_batch_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is filled while copies from it are still to be made: unless the host waits, they copy a later batch."""
    at_once = trained()[0]
    with standin.using(deferred=True):
        late, crossed = trained()
        assert same(late, at_once)
        assert crossed[:2] == (2 * BATCHES * EPOCHS, EPOCHS)
        assert crossed[2] == EPOCHS * (1 + BATCHES - 3), "the third full batch and those after it wait for the first"
        monkeypatch.setattr(CupyBackend, "marked", lambda self: lambda: None)
        assert not same(trained()[0], at_once)
