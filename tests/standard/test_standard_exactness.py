"""What a row does not show: first weights, the bits of dropout, crossentropy without loss of digits."""

from __future__ import annotations

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.layers import Activation, Dense, Dropout
from kcore.losses import CategoricalCrossentropy
from kcore.models import Sequential
from kcore.testing.tolerances import assert_close


def test_dense_starts_with_a_glorot_uniform_kernel_then_a_bias_of_zeros():
    layer = Dense(300, input_shape=(500,))
    Sequential([layer])
    kernel, bias = layer.weights
    assert [(w.name, w.path) for w in layer.weights] == [("kernel", "dense/kernel"), ("bias", "dense/bias")]
    assert (kernel.shape, bias.shape, kernel.dtype, bias.dtype) == ((500, 300), (300,), "float32", "float32")
    limit, values = np.sqrt(6 / (500 + 300)), kernel.numpy()
    assert np.abs(values).max() <= limit
    # Uniform: tenths of the interval hold a tenth of the 150,000 values each, up to 5 standard deviations.
    counts, _ = np.histogram(values, bins=10, range=(-limit, limit))
    assert np.all(np.abs(counts - 15_000) < 5 * np.sqrt(150_000 * 0.1 * 0.9))
    assert not bias.numpy().any()


def test_dropout_leaves_out_the_published_bits(backend):
    layer, x = Dropout(0.3, dtype="float64"), np.random.default_rng(1).normal(size=(5, 7))
    layer(x, training=True)
    got = ops.convert_to_numpy(layer(x, training=True))  # the second call: step 2
    words = np.random.Philox(key=[layer.seeds.seed, layer.stream], counter=[0, 2, 0, 0]).random_raw(9)
    bits = words.astype("<u8").view("<u2")[:35].reshape(5, 7)
    assert_close("elementwise", got, np.where(bits >= round(0.3 * 65536), x / 0.7, 0.0))


def test_dropout_leaves_out_its_share(backend):
    y = ops.convert_to_numpy(Dropout(0.2)(np.ones((100, 1000), "float32"), training=True))
    assert set(np.unique(y)) == {0, np.float32(1.25)}
    assert np.mean(y == 0) == pytest.approx(0.2, abs=5 * np.sqrt(0.2 * 0.8 / 1e5))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_crossentropy_after_softmax_is_exact_for_logits_of_ten_thousand(backend, dtype):
    logits = np.array([[1e4, 0, -1e4], [0, 1e4, 9_999], [1e4, 1e4, 1e4]], dtype)
    y = np.eye(3)[[2, 2, 0]]
    wanted = np.array([2e4, 1 + np.log1p(np.exp(-1)), np.log(3)])

    def losses(x):
        return CategoricalCrossentropy(reduction="none")(y, ops.softmax(x))

    model = Sequential([Activation("softmax", input_shape=(3,), dtype=dtype)])
    model.compile("sgd", CategoricalCrossentropy(reduction="sum"))
    assert model.test_on_batch(logits, y) == pytest.approx(wanted.sum(), rel=1e-6)
    gradient = kcore.grad(lambda x: ops.sum(losses(x)))(ops.convert_to_tensor(logits))
    share = 1 / (1 + np.exp(-1))
    wanted_gradient = np.array([[1, 0, -1], [0, share, -share], [-2 / 3, 1 / 3, 1 / 3]], dtype)
    assert_close("reduction", ops.convert_to_numpy(gradient), wanted_gradient)


def test_softmax_of_a_row_sums_to_one_and_keeps_the_smallest_share_normal(backend):
    y = ops.convert_to_numpy(ops.softmax(np.array([[0.0, -50.0, -1e30]], "float32")))
    assert y.sum() == 1 and np.all(y >= np.finfo("float32").smallest_normal)
    assert y[0, 1] == pytest.approx(np.exp(-50.0), rel=1e-5)


@pytest.mark.parametrize(
    "name, y", [("categorical_crossentropy", [[1.0, 0, 0]]), ("sparse_categorical_crossentropy", [0])]
)
def test_probabilities_that_are_all_zero_give_a_finite_loss_and_gradient(backend, name, y):
    loss, zeros = kcore.losses.get(name), np.zeros((1, 3), "float32")
    value = ops.convert_to_numpy(loss(np.array(y), zeros))
    assert value == pytest.approx(-np.log(1e-7), rel=1e-6)
    slope = kcore.grad(lambda p: ops.sum(loss(np.array(y), p)))(ops.convert_to_tensor(zeros))
    assert np.all(np.isfinite(ops.convert_to_numpy(slope)))
