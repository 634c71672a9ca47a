"""Rows of convolution and pooling, with loops written from their definitions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import Array, Case, Row, values


def _each(number: Any, rank: int) -> tuple[int, ...]:
    return (number,) * rank if isinstance(number, int) else tuple(number)


def _padded(x: Array, size: tuple[int, ...], strides: Any, padding: str, dilation: Any, value: Any = 0) -> Array:
    """x with the padding of Keras: with "same" there are ceil(length / stride) windows, the odd zero at the end."""
    pads = [(0, 0)]
    for n, k, s, d in zip(x.shape[1:-1], size, strides, dilation, strict=True):
        span = (k - 1) * d + 1
        total = max((-(-n // s) - 1) * s + span - n, 0)
        pads.append({"valid": (0, 0), "same": (total // 2, -(-total // 2)), "causal": (span - 1, 0)}[padding])
    return np.pad(x, [*pads, (0, 0)], constant_values=value)


def _seen(x: Array, size: tuple[int, ...], strides: Any, dilation: Any) -> dict[tuple[int, ...], Array]:
    """By the place of a window what it sees: (batch, *size, channels)."""
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    counts = [(n - span) // s + 1 for n, span, s in zip(x.shape[1:-1], spans, strides, strict=True)]
    seen = {}
    for place in itertools.product(*map(range, counts)):
        starts = [p * s for p, s in zip(place, strides, strict=True)]
        axes = zip(starts, spans, dilation, strict=True)
        seen[place] = x[(slice(None), *(slice(a, a + span, d) for a, span, d in axes))]
    return seen


def _gathered(seen: dict[tuple[int, ...], Array]) -> Array:
    """An array (batch, *lengths, channels) of what each window gave: (batch, channels)."""
    lengths = [max(c) + 1 for c in zip(*seen, strict=True)]
    first = next(iter(seen.values()))
    out = np.zeros((len(first), *lengths, first.shape[-1]), first.dtype)
    for place, value in seen.items():
        out[(slice(None), *place)] = value
    return out


def _last(x: Array, data_format: str | None) -> Array:
    return np.moveaxis(x, 1, -1) if data_format == "channels_first" else x


def _first(x: Array, data_format: str | None) -> Array:
    return np.moveaxis(x, -1, 1) if data_format == "channels_first" else x


def _conv(
    x: Array, k: Array, strides: Any = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1
) -> Array:
    x, size, rank = _last(x, data_format), k.shape[:-2], k.ndim - 2
    strides, dilation = _each(strides, rank), _each(dilation_rate, rank)
    groups = x.shape[-1] // k.shape[-2]
    seen = _seen(_padded(x, size, strides, padding, dilation), size, strides, dilation)
    kernels = np.split(k, groups, -1)
    axes = tuple(range(1, rank + 2)), tuple(range(rank + 1))

    def of(window: Array) -> Array:
        parts = zip(np.split(window, groups, -1), kernels, strict=True)
        return np.concatenate([np.tensordot(part, weights, axes) for part, weights in parts], -1)

    return _first(_gathered({place: of(window) for place, window in seen.items()}), data_format)


def _depthwise(x: Array, k: Array, data_format: str | None = None, **options: Any) -> Array:
    x = _last(x, data_format)
    each = [_conv(x[..., i : i + 1], k[..., i : i + 1, :], **options) for i in range(x.shape[-1])]
    return _first(np.concatenate(each, -1), data_format)


def _separable(x: Array, k: Array, pointwise: Array, data_format: str | None = None, **options: Any) -> Array:
    mixed = _last(_depthwise(x, k, data_format, **options), data_format) @ pointwise.reshape(pointwise.shape[-2:])
    return _first(mixed, data_format)


def _transpose(
    x: Array,
    k: Array,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Array:
    """Each element adds its multiple of the kernel; the middle is kept, in the lengths that Keras gives."""
    x, size, rank = _last(x, data_format), k.shape[:-2], k.ndim - 2
    strides, dilation = _each(strides, rank), _each(dilation_rate, rank)
    spans = [(n - 1) * d + 1 for n, d in zip(size, dilation, strict=True)]
    far = [n * s + span + 9 for n, s, span in zip(x.shape[1:-1], strides, spans, strict=True)]
    whole = np.zeros((len(x), *far, k.shape[-2]), np.result_type(x, k))
    for place in itertools.product(*map(range, x.shape[1:-1])):
        axes = zip(place, strides, spans, dilation, strict=True)
        at = (slice(None), *(slice(p * s, p * s + span, d) for p, s, span, d in axes))
        whole[at] += np.tensordot(x[(slice(None), *place)], k, (1, rank + 1))
    for i, (n, s, span) in enumerate(zip(x.shape[1:-1], strides, spans, strict=True)):
        extra = None if output_padding is None else _each(output_padding, rank)[i]
        if padding == "valid":
            start, length = 0, (n - 1) * s + (max(span, s) if extra is None else span + extra)
        else:
            length = n * s if extra is None else (n - 1) * s + span % 2 + extra
            rest = span - (length - (n - 1) * s)  # what the last window has too much
            start = max(rest // 2, 0)
        whole = np.moveaxis(np.moveaxis(whole, i + 1, 0)[start : start + length], 0, i + 1)
    return _first(whole, data_format)


def _pool(x: Array, pool_size: Any, strides: Any, padding: str, data_format: str | None, fill: Any, how: Any) -> Array:
    x = _last(x, data_format)
    size = _each(pool_size, x.ndim - 2)
    strides, ones = size if strides is None else _each(strides, len(size)), (1,) * len(size)
    seen = _seen(_padded(x, size, strides, padding, ones, fill), size, strides, ones)
    taps = tuple(range(1, x.ndim - 1))
    return _first(_gathered({place: how(w, taps).astype(x.dtype) for place, w in seen.items()}), data_format)


def _max_pool(
    x: Array, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Array:
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    return _pool(x, pool_size, strides, padding, data_format, lowest, np.max)


def _average_pool(
    x: Array, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Array:
    return _pool(x, pool_size, strides, padding, data_format, np.nan, np.nanmean)


@st.composite
def windowed(
    draw: st.DrawFn, causal: bool = False, dilated: bool = True
) -> tuple[list[int], list[int], dict[str, Any]]:
    """Lengths of one to three axes, a size that fits, and options."""
    rank = draw(st.sampled_from([1, 1, 2, 2, 3]))
    longest = {1: 7, 2: 5, 3: 3}[rank]
    size = draw(st.lists(st.integers(1, 3 if rank < 3 else 2), min_size=rank, max_size=rank))
    options: dict[str, Any] = {
        "padding": draw(st.sampled_from(["valid", "same"] + ["causal"] * (causal and rank == 1)))
    }
    options["strides"] = draw(st.integers(1, 3) | st.tuples(*[st.integers(1, 3)] * rank))
    if dilated and draw(st.booleans()):
        options["dilation_rate"] = draw(st.integers(1, 2) | st.tuples(*[st.integers(1, 2)] * rank))
    dilation = _each(options.get("dilation_rate", 1), rank)
    spans = [(k - 1) * d + 1 for k, d in zip(size, dilation, strict=True)]
    least = spans if options["padding"] == "valid" else [1] * rank
    lengths = [draw(st.integers(n, max(longest, n))) for n in least]
    options["data_format"] = draw(st.sampled_from([None, "channels_last", "channels_first"]))
    return lengths, size, options


@st.composite
def convolved(draw: st.DrawFn, depthwise: bool = False, pointwise: bool = False) -> Case:
    """Inputs and a kernel, of several groups sometimes; for depthwise convolutions a kernel of each channel."""
    lengths, size, options = draw(windowed(causal=not depthwise))
    groups, channels, filters = draw(st.sampled_from([1, 1, 2, 3])), draw(st.integers(1, 2)), draw(st.integers(1, 2))
    wide = groups * channels
    shape = _first(np.empty((draw(st.integers(0, 2)), *lengths, wide)), options["data_format"]).shape
    kernels = [(*size, wide, filters) if depthwise else (*size, channels, groups * filters)]
    if pointwise:
        kernels.append((*[1] * len(size), wide * filters, draw(st.integers(1, 3))))
    return Case(draw(values(shape, *kernels)), options)


@st.composite
def transposed(draw: st.DrawFn) -> Case:
    """Inputs and a kernel of a transposed convolution."""
    lengths, size, options = draw(windowed())
    if draw(st.booleans()):
        options["output_padding"] = draw(st.integers(1, 3))
    channels, filters = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    shape = _first(np.empty((draw(st.integers(0, 2)), *lengths, channels)), options["data_format"]).shape
    return Case(draw(values(shape, (*size, filters, channels))), options)


@st.composite
def pooled(draw: st.DrawFn) -> Case:
    """Inputs, and a window for their axes."""
    lengths, size, options = draw(windowed(dilated=False))
    options["pool_size"] = size[0] if len(set(size)) == 1 else tuple(size)
    if draw(st.booleans()):
        del options["strides"]
    shape = _first(np.empty((draw(st.integers(0, 2)), *lengths, draw(st.integers(1, 3)))), options["data_format"]).shape
    return Case(draw(values(shape)), options)


CONV = ("conv", "conv_input_gradient", "conv_kernel_gradient")
DEPTHWISE = ("depthwise_conv", "depthwise_conv_input_gradient", "depthwise_conv_kernel_gradient")

ROWS = [
    Row("conv", _conv, convolved(), "product", ops=CONV),
    Row("depthwise_conv", _depthwise, convolved(depthwise=True), "product", ops=DEPTHWISE),
    Row("separable_conv", _separable, convolved(depthwise=True, pointwise=True), "product", ops=(*CONV, *DEPTHWISE)),
    Row("conv_transpose", _transpose, transposed(), "product", ops=CONV),
    Row("max_pool", _max_pool, pooled(), "view"),
    Row("average_pool", _average_pool, pooled(), "reduction", floating=True),
]
