"""The same seed draws the same weights, masks and order of samples: in every run, and on every backend."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore.config import config
from kcore.interfaces import Callback


class Orders(Callback):
    """Notes what each step saw: its x, and the mask that its program drew."""

    def __init__(self):
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(logs["loss"])


def run(make, x, y, seed, dtype="float64", **fit):
    model = make(dtype, seed=seed, metrics=None)
    first, orders = model.get_weights(), Orders()
    history = model.fit(x, y, batch_size=14, epochs=4, verbose=0, callbacks=[orders], **fit).history
    return first, model.get_weights(), history["loss"], orders.seen


def equal(a, b):
    return all(np.array_equal(p, q) for p, q in zip(a, b, strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_repeats_bit_for_bit(backend, make, x, y, dtype):
    first, second, other = run(make, x, y, 3, dtype), run(make, x, y, 3, dtype), run(make, x, y, 4, dtype)
    for a, b, c in zip(first, second, other, strict=True):
        assert equal(a, b) and not equal(a, c)


def test_two_models_of_one_run_differ(make):
    first, second = make(seed=3), make()
    assert not np.array_equal(first.get_weights()[0], second.get_weights()[0])


def test_without_a_seed_every_model_is_another(make, monkeypatch):
    monkeypatch.setattr(config, "seed", None)
    assert not np.array_equal(make().get_weights()[0], make().get_weights()[0])


def test_two_backends_agree(make, x, y):
    """First weights bit for bit; 20 steps of the same masks and batches end within 1e-8, in float64."""
    runs = []
    for name in ("numpy", "strict"):
        with kcore.use_backend(name):
            runs.append(run(make, x, y, 3))
    (first, last, history, losses), (other_first, other_last, other_history, other_losses) = runs
    assert equal(first, other_first) and len(losses) == 20
    np.testing.assert_allclose(losses, other_losses, rtol=1e-10)  # another mask or order in one step would be seen here
    np.testing.assert_allclose(history, other_history, rtol=1e-10)
    for a, b, start in zip(last, other_last, first, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-8)
        assert np.max(np.abs(a - start)) > 1e-3


def test_masks_are_the_same_bits_on_every_backend(make):
    masks = []
    for name in ("numpy", "strict"):
        with kcore.use_backend(name):
            model = make(seed=3)
            model.predict(np.ones((1, 6)))
            dropout = model.layers[1]
            masks.append([kcore.ops.convert_to_numpy(dropout(np.ones((16, 8)), training=True)) for _ in range(2)])
    assert equal(*masks) and not np.array_equal(*masks[0])


def test_the_order_of_samples_is_drawn_anew_over_all_of_them(make):
    from kcore.models.data import shuffled

    orders = [shuffled(5, epoch, 70) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(70)) for order in orders) and not np.array_equal(*orders)
    assert np.array_equal(shuffled(5, 1, 70), orders[1])
