"""Convolution and pooling where they are easily wrong: odd padding, ties, NaN, and what does not fit."""

from __future__ import annotations

import re

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.backend import current_backend
from kcore.graph import Trace, finish, recording
from kcore.program import Program, Traced, gradients


def host(x):
    return ops.convert_to_numpy(x)


def tensor(x, dtype="float64"):
    return ops.convert_to_tensor(np.asarray(x, dtype))


def line(*numbers, dtype="float64"):
    """One sequence of one channel."""
    return tensor(np.asarray(numbers, dtype).reshape(1, -1, 1), dtype)


@pytest.mark.parametrize(
    "padding, strides, wanted",
    [
        ("valid", 1, [3, 5, 7]),
        ("same", 1, [3, 5, 7, 4]),  # the odd zero is at the end
        ("causal", 1, [1, 3, 5, 7]),
        ("same", 3, [3, 4]),
        ("valid", 2, [3, 7]),
    ],
)
def test_where_zeros_go(backend, padding, strides, wanted):
    out = ops.conv(line(1, 2, 3, 4), tensor(np.ones((2, 1, 1))), strides, padding)
    np.testing.assert_array_equal(host(out).ravel(), wanted)


@pytest.mark.parametrize(
    "n, size, strides, padding, extra, wanted",
    [
        (3, 3, 2, "valid", None, 7),
        (3, 2, 3, "valid", None, 9),  # at least length * strides
        (3, 3, 2, "valid", 1, 8),
        (3, 3, 2, "same", None, 6),
        (3, 2, 3, "same", None, 9),
        (3, 3, 2, "same", 1, 6),
        (3, 4, 2, "same", 0, 4),
    ],
)
def test_the_lengths_of_a_transposed_convolution_are_those_of_keras(backend, n, size, strides, padding, extra, wanted):
    out = ops.conv_transpose(line(*range(n)), tensor(np.ones((size, 2, 1))), strides, padding, extra)
    assert out.shape == (1, wanted, 2)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("strides", [1, 2])
def test_a_transposed_convolution_is_the_adjoint(backend, padding, strides):
    rng = np.random.default_rng(0)
    x, k = rng.random((2, 6, 4, 3)), rng.random((2, 2, 3, 5))
    y = host(ops.conv(tensor(x), tensor(k), strides, padding))
    back = rng.random(y.shape)
    up = host(ops.conv_transpose(tensor(back), tensor(k), strides, padding))
    assert np.sum(y * back) == pytest.approx(np.sum(x[:, : up.shape[1], : up.shape[2]] * up))


def test_integers_are_exact(backend):
    out = ops.conv(line(2**40, 1, 1, dtype="int64"), tensor(np.ones((2, 1, 1)), "int64"))
    assert host(out).ravel().tolist() == [2**40 + 1, 2]


def test_the_padding_of_a_pool_counts_for_nothing(backend):
    x = tensor(np.full((1, 3, 3, 1), -np.inf))
    assert np.all(host(ops.max_pool(x, 2, 1, "same")) == -np.inf)
    assert np.all(host(ops.average_pool(tensor(np.ones((1, 5, 5, 2))), 3, 2, "same")) == 1)
    assert host(ops.max_pool(line(-3, -1, -2, dtype="int32"), 2, 2, "same")).ravel().tolist() == [-1, -2]
    assert str(ops.average_pool(line(1, 2, dtype="int32"), 2).dtype).endswith("float32")


def test_nan_reaches_the_windows_that_see_it(backend):
    x = line(1, np.nan, 3, 4, 5)
    np.testing.assert_array_equal(host(ops.max_pool(x, 2, 1)).ravel(), [np.nan, np.nan, 4, 5])
    np.testing.assert_array_equal(host(ops.average_pool(x, 2, 1)).ravel(), [np.nan, np.nan, 3.5, 4.5])
    np.testing.assert_array_equal(host(ops.conv(x, tensor(np.ones((2, 1, 1))))).ravel(), [np.nan, np.nan, 7, 9])


def test_of_equal_elements_each_gets_a_share_of_the_gradient(backend):
    for x, wanted in (
        (line(2, 2, 1, 3), [0.5, 0.5, 0, 1]),
        (line(0, 0, 0, 0), [0.5, 0.5, 0.5, 0.5]),
    ):
        got = kcore.grad(lambda x: ops.sum(ops.max_pool(x, 2)))(x)
        assert host(got).ravel().tolist() == wanted
    border = kcore.grad(lambda x: ops.sum(ops.max_pool(x, 2, 2, "same")))(line(1, 0, 0))
    assert host(border).ravel().tolist() == [1, 0, 1]
    lowest = kcore.grad(lambda x: ops.sum(ops.max_pool(x, 2, 2, "same")))(line(-np.inf, -np.inf, -np.inf))
    assert host(lowest).ravel().tolist() == [0.5, 0.5, 1]


def test_windows_that_overlap_add_up(backend):
    got = kcore.grad(lambda x: ops.sum(ops.average_pool(x, 3, 1)))(line(1, 2, 3, 4, 5))
    np.testing.assert_allclose(host(got).ravel() * 3, [1, 2, 3, 2, 1])


def test_groups_and_channels_of_their_own_agree(backend):
    rng = np.random.default_rng(0)
    x, k = rng.random((2, 5, 5, 4)), rng.random((3, 3, 4, 2))
    one, other = ops.depthwise_conv(tensor(x), tensor(k)), ops.conv(tensor(x), tensor(k.reshape(3, 3, 1, 8)))
    np.testing.assert_allclose(host(one), host(other))


@pytest.mark.parametrize("name", ["conv", "depthwise_conv", "conv_transpose"])
@pytest.mark.parametrize("by, of", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_gradients_of_gradients(backend, name, by, of):
    rng = np.random.default_rng(0)
    arrays = [rng.random((2, 5, 4, 2)), rng.random((2, 2, 2, 2))]
    direction, weights = rng.random(arrays[of].shape), rng.random(arrays[by].shape)

    gradient = kcore.grad(lambda x, k: ops.sum(ops.square(getattr(ops, name)(x, k, 2, "same"))), by)

    def moved(step):
        operands = [tensor(a + step * direction if i == of else a) for i, a in enumerate(arrays)]
        return np.sum(host(gradient(*operands)) * weights)

    second = host(kcore.grad(lambda x, k: ops.sum(gradient(x, k) * weights), of)(*map(tensor, arrays)))
    assert np.sum(second * direction) == pytest.approx((moved(1e-4) - moved(-1e-4)) / 2e-4, rel=1e-6)


def nodes_of(*shapes):
    trace = Trace()
    with recording(trace):
        x, k = (trace.input(name, shape) for name, shape in zip("xk", shapes, strict=True))
        outputs = gradients(ops.sum(ops.square(ops.conv(x, k, 2, "same"))), [x, k])
    program = Program(finish(trace, "step", outputs), current_backend())
    return [node.op.name for node in program.graph.nodes]


def test_a_step_makes_the_patches_once_and_multiplies_three_times(backend):
    names = nodes_of((2, 9, 9, 3), (3, 3, 3, 4))
    assert names.count("matmul") == 3
    assert names.count("join") == 3  # the padding, the patches and the gradient of both
    assert len(names) < 50


E = [
    (
        lambda x, k: ops.conv(x, k[..., :1, :]),
        "ops.conv takes a kernel (*size, channels, filters) with the channels of the inputs or an equal part of them, "
        "and as many filters for each part: got inputs (1, 4, 4, 3) and a kernel (2, 2, 1, 4).",
    ),
    (
        lambda x, k: ops.conv(x[0], k),
        "ops.conv takes inputs (batch, *lengths, channels) and a kernel of as many axes: got inputs (4, 4, 3) "
        "and a kernel (2, 2, 3, 4).",
    ),
    (
        lambda x, k: ops.conv(x[:, :1], k),
        'a window over (2, 2) elements does not fit into axes of lengths (1, 4): use a smaller one, or padding="same".',
    ),
    (
        lambda x, k: ops.conv(x, k, padding="causal"),
        "padding is 'valid' or 'same' here, got 'causal'.",
    ),
    (
        lambda x, k: ops.conv(x, k, data_format="NHWC"),
        'data_format is "channels_last" (as is None) or "channels_first"; got \'NHWC\'.',
    ),
    (
        lambda x, k: ops.conv(x, k, strides=(1, 2, 3)),
        "strides is a number from 1 up, or 2 of them; got (1, 2, 3).",
    ),
    (
        lambda x, k: ops.conv(x, k, dilation_rate=0),
        "dilation_rate is a number from 1 up, or 2 of them; got 0.",
    ),
    (
        lambda x, k: ops.depthwise_conv(x[..., :2], k),
        "ops.depthwise_conv takes a kernel (*size, channels, filters) with the channels of the inputs: got inputs "
        "(1, 4, 4, 2) and a kernel (2, 2, 3, 4).",
    ),
    (
        lambda x, k: ops.conv_transpose(x, k),
        "ops.conv_transpose takes a kernel (*size, filters, channels) with the channels of the inputs: got inputs "
        "(1, 4, 4, 3) and a kernel (2, 2, 3, 4).",
    ),
    (
        lambda x, k: ops.conv_transpose(x[:, :0], k[..., :3]),
        "ops.conv_transpose needs elements along each axis, got lengths (0, 4).",
    ),
    (
        lambda x, k: ops.conv_transpose(x, k[..., :3], output_padding=-1),
        "output_padding is a number from 0 up, or 2 of them; got -1.",
    ),
    (lambda x, k: ops.max_pool(x, 5), "a window over (5, 5) elements does not fit into axes of lengths (4, 4)"),
    (lambda x, k: ops.max_pool(x, (2, 2, 2)), "pool_size is a number from 1 up, or 2 of them; got (2, 2, 2)."),
    (
        lambda x, k: ops.average_pool(x[0, 0], 2),
        "ops.average_pool takes inputs (batch, *lengths, channels), got (4, 3).",
    ),
]


@pytest.mark.parametrize("act, text", E, ids=lambda x: x[:30] if isinstance(x, str) else "")
def test_what_does_not_fit_is_refused(act, text):
    x, k = np.ones((1, 4, 4, 3), "float32"), np.ones((2, 2, 3, 4), "float32")
    for call in (act, lambda x, k: Traced(lambda x, k: [act(x, k)], "a call")(x, k)):
        with pytest.raises(ValueError, match=re.escape(text)) as caught:
            call(x, k)
        assert re.match(r"test_convolution_edges\.py, line \d+: ", str(caught.value))
