"""Convolution over any number of axes: what windows see of the input, times a kernel.

A convolution is linear in its input x and in its kernel k, so each gradient is again linear in two operands, and the
gradients of those are of the same three kinds:

    conv(x, k)                    gradients  conv_input_gradient(g, k)  and  conv_kernel_gradient(x, g)
    conv_input_gradient(g, k)     gradients  conv(h, k)                 and  conv_kernel_gradient(h, g)
    conv_kernel_gradient(x, g)    gradients  conv_input_gradient(g, h)  and  conv(x, h)

The transposed convolution is the second of them. In all three arrays are (batch, *lengths, channels), and kernels
(*size, channels of a group, filters) with the filters of the first group first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import attrs

from ..graph import Op, call, define
from ..graph.node import GradientRule, Node
from ..graph.types import DType, Shape, size_of
from ..graph.where import users_line
from .axes import shape_of
from .elementwise import add
from .joining import concatenate, split
from .naming import named
from .products import matmul
from .reductions import sum
from .shaping import reshape, transpose
from .windows import DataFormat, Sizes, Windows, as_given, channels_last, per_axis, windows_of, windows_over

Product = Callable[..., Any]
"""Of two operands, given the windows and the shape of the result."""
_PADDINGS = "valid", "same", "causal"


# One group: a matrix product with patches, the rows of which are what one window sees. In NumPy that takes 0.3 ms for
# (32, 28, 28, 1) by (3, 3, 1, 32) and 1.5 ms for (32, 14, 14, 32) by (3, 3, 32, 64), where a product for each tap takes
# 10 and 1.8 ms; and the gradient for the kernel finds the patches made.


def _output(x: Any, k: Any, windows: Windows, shape: Shape) -> Any:
    return reshape(matmul(_patches(x, windows), _rows(k)), shape)


def _input(g: Any, k: Any, windows: Windows, shape: Shape) -> Any:
    patches = matmul(_rows(g), transpose(_rows(k)))
    taps = size_of(windows.size)
    return windows.spread(split(reshape(patches, (*g.shape[:-1], taps * shape[-1])), taps, -1), shape)


def _kernel(x: Any, g: Any, windows: Windows, shape: Shape) -> Any:
    return reshape(matmul(transpose(_patches(x, windows)), _rows(g)), shape)


def _patches(x: Any, windows: Windows) -> Any:
    return _rows(named(_joined(windows.views(x)), "patches"))


# A kernel of its own for each channel: too little for matrix products, so it is multiplied and added tap by tap.


def _output_each(x: Any, k: Any, windows: Windows, shape: Shape, groups: int) -> Any:
    taps = zip(windows.views(x), _weights(k, groups), strict=True)
    return reshape(functools.reduce(add, [_deep(view, groups) * weights for view, weights in taps]), shape)


def _input_each(g: Any, k: Any, windows: Windows, shape: Shape, groups: int) -> Any:
    deep = _deep(g, groups)
    parts = [deep * weights for weights in _weights(k, groups)]
    flat = (*g.shape[:-1], shape[-1])
    return windows.spread([reshape(p, flat) if deep.shape[-1] == 1 else sum(p, -1) for p in parts], shape)


def _kernel_each(x: Any, g: Any, windows: Windows, shape: Shape, groups: int) -> Any:
    deep = _deep(g, groups)
    rows = range(len(g.shape) - 1)
    taps = [sum(_deep(view, groups) * deep, rows) for view in windows.views(x)]
    return reshape(_joined([reshape(t, shape[-1:]) for t in taps]), shape)


def _weights(k: Any, channels: int) -> list[Any]:
    """For each tap what a kernel has for all channels: (channels, filters of one)."""
    taps = size_of(k.shape[:-2])
    deep = reshape(k, (taps, channels, k.shape[-1] // channels))
    return [deep[i] for i in range(taps)]


def _deep(x: Any, channels: int) -> Any:
    """x with its last axis as one of channels and one of what each has."""
    return reshape(x, (*x.shape[:-1], channels, x.shape[-1] // channels))


def _rows(x: Any) -> Any:
    """The matrix whose rows are what lies along the last axis."""
    return reshape(x, (size_of(x.shape[:-1]), x.shape[-1]))


def _joined(parts: list[Any]) -> Any:
    return concatenate(parts, -1) if len(parts) > 1 else parts[0]


def _in_groups(product: Product) -> Product:
    """The product for each group: both operands and the result lie in groups along their last axes."""

    def grouped(a: Any, b: Any, windows: Windows, shape: Shape, groups: int) -> Any:
        part = (*shape[:-1], shape[-1] // groups)
        pairs = zip(split(a, groups, -1), split(b, groups, -1), strict=True)
        return _joined([product(p, q, windows, part) for p, q in pairs])

    return grouped


def _compound(name: str, noun: str, product: Product, *gradients: GradientRule) -> Op:
    def rule(a: Node, b: Node, *, shape: Shape, **_: object) -> tuple[Shape, DType]:
        return shape, a.dtype

    return define(Op(name, "compound", rule, gradients, product, noun=noun))


def _three(name: str, output: Product, input: Product, kernel: Product) -> Op:
    """The compounds of a convolution and of its gradients, of which the first is returned."""

    def of(op: str, a: Any, b: Any, like: Any, options: dict[str, Any]) -> Any:
        return call(op, a, b, **options | {"shape": like.shape})

    input_gradient, kernel_gradient = f"{name}_input_gradient", f"{name}_kernel_gradient"
    _compound(
        input_gradient,
        name,
        input,
        lambda h, out, g, k, **options: of(name, h, k, g, options),
        lambda h, out, g, k, **options: of(kernel_gradient, h, g, k, options),
    )
    _compound(
        kernel_gradient,
        "kernel",
        kernel,
        lambda h, out, x, g, **options: of(input_gradient, g, h, x, options),
        lambda h, out, x, g, **options: of(name, x, h, g, options),
    )
    return _compound(
        name,
        name,
        output,
        lambda g, out, x, k, **options: of(input_gradient, g, k, x, options),
        lambda g, out, x, k, **options: of(kernel_gradient, x, g, k, options),
    )


_CONV = _three("conv", _in_groups(_output), _in_groups(_input), _in_groups(_kernel))
_DEPTHWISE = _three("depthwise_conv", _output_each, _input_each, _kernel_each)


def conv(
    inputs: Any,
    kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: DataFormat = None,
    dilation_rate: Sizes = 1,
) -> Any:
    """The convolution (without turning the kernel round, as is the custom) over any number of axes.

    Element i of the result is the sum over taps t and channels of
    `inputs[i * strides + t * dilation_rate] * kernel[t]`.

    Args:
        inputs: (batch, *lengths, channels).
        kernel: (*size, channels, filters). If it has the n-th part of the channels of the inputs, there are n groups:
            the first channels give the first filters, and so on.
        strides: from one window to the next, one number or one for each axis.
        padding: "valid" sees only what is there; "same" has zeros around, one more at the end if they are odd, so that
            without strides the lengths stay; "causal", for one axis, has all zeros before.
        data_format: "channels_first" for inputs and results (batch, channels, *lengths).
        dilation_rate: from one tap to the next.

    Raises:
        ValueError: shapes do not fit, or the kernel is longer than the padded inputs.
    """
    inputs = channels_last(inputs, data_format)
    shape, weights = shape_of(inputs), shape_of(kernel)
    _checked("conv", shape, weights)
    bare = windows_of(len(shape) - 2, weights[:-2], strides, dilation_rate)
    windows = windows_over(shape[1:-1], bare, padding, _PADDINGS if len(shape) == 3 else _PADDINGS[:2])
    groups = shape[-1] // weights[-2] if weights[-2] else 0
    if groups * weights[-2] != shape[-1] or not groups or weights[-1] % groups:
        raise ValueError(
            f"{users_line()}ops.conv takes a kernel (*size, channels, filters) with the channels of the inputs or an "
            f"equal part of them, and as many filters for each part: got inputs {shape} and a kernel {weights}."
        )
    op = _DEPTHWISE if groups > 1 and weights[-2] == 1 else _CONV
    out = (shape[0], *windows.count(shape), weights[-1])
    return as_given(call(op, inputs, kernel, windows=windows, shape=out, groups=groups), data_format)


def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: DataFormat = None,
    dilation_rate: Sizes = 1,
) -> Any:
    """The convolution of each channel by itself, with kernels of its own.

    Args:
        inputs: (batch, *lengths, channels).
        kernel: (*size, channels, filters of each channel).
        strides: as of `conv`, like what follows.
        padding: "valid" or "same".
        data_format: "channels_first" for inputs and results (batch, channels, *lengths).
        dilation_rate: from one tap to the next.

    Returns:
        (batch, *lengths, channels * filters of each), those of the first channel first.

    Raises:
        ValueError: shapes do not fit, or the kernel is longer than the padded inputs.
    """
    inputs = channels_last(inputs, data_format)
    shape, weights = shape_of(inputs), shape_of(kernel)
    _checked("depthwise_conv", shape, weights)
    bare = windows_of(len(shape) - 2, weights[:-2], strides, dilation_rate)
    windows = windows_over(shape[1:-1], bare, padding, _PADDINGS[:2])
    if weights[-2] != shape[-1]:
        raise ValueError(
            f"{users_line()}ops.depthwise_conv takes a kernel (*size, channels, filters) with the channels of the "
            f"inputs: got inputs {shape} and a kernel {weights}."
        )
    flat = (*weights[:-2], 1, weights[-2] * weights[-1])
    out = (shape[0], *windows.count(shape), flat[-1])
    made = call(_DEPTHWISE, inputs, reshape(kernel, flat), windows=windows, shape=out, groups=shape[-1])
    return as_given(made, data_format)


def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    data_format: DataFormat = None,
    dilation_rate: Sizes = 1,
) -> Any:
    """A `depthwise_conv`, and a `conv` of size 1 that mixes what it gives.

    Args:
        inputs: (batch, *lengths, channels).
        depthwise_kernel: (*size, channels, filters of each channel).
        pointwise_kernel: (1, ..., 1, channels * filters of each, filters).
        strides: of the first, like what follows.
        padding: "valid" or "same".
        data_format: "channels_first" for inputs and results (batch, channels, *lengths).
        dilation_rate: from one tap to the next.

    Raises:
        ValueError: shapes do not fit, or the kernel is longer than the padded inputs.
    """
    first = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(first, pointwise_kernel, data_format=data_format)


def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Sizes = 1,
    padding: str = "valid",
    output_padding: Sizes | None = None,
    data_format: DataFormat = None,
    dilation_rate: Sizes = 1,
) -> Any:
    """The transposed convolution: each element of the inputs adds a multiple of the kernel to a window of the result.

    It is the gradient of `conv` for its inputs.

    Args:
        inputs: (batch, *lengths, channels).
        kernel: (*size, filters, channels).
        strides: from the window of one element to that of the next.
        padding: "valid" gives lengths of `(length - 1) * strides + span`, at least `length * strides`, where a
            kernel spans `(size - 1) * dilation_rate + 1`; "same" gives `length * strides`.
        output_padding: how much longer than `(length - 1) * strides + span` ("same": `+ span % 2`) it is instead.
        data_format: "channels_first" for inputs and results (batch, channels, *lengths).
        dilation_rate: from one tap to the next.

    Raises:
        ValueError: shapes do not fit.
    """
    inputs = channels_last(inputs, data_format)
    shape, weights = shape_of(inputs), shape_of(kernel)
    _checked("conv_transpose", shape, weights)
    if weights[-1] != shape[-1]:
        raise ValueError(
            f"{users_line()}ops.conv_transpose takes a kernel (*size, filters, channels) with the channels of the "
            f"inputs: got inputs {shape} and a kernel {weights}."
        )
    windows, lengths = _transposed(shape[1:-1], weights[:-2], strides, padding, output_padding, dilation_rate)
    out = (shape[0], *lengths, weights[-2])
    made = call("conv_input_gradient", inputs, kernel, windows=windows, shape=out, groups=1)
    return as_given(made, data_format)


def _transposed(
    lengths: Shape, size: Shape, strides: Sizes, padding: str, extra: Sizes | None, dilation: Sizes
) -> tuple[Windows, Shape]:
    """The windows of a transposed convolution on its result, and the lengths of that.

    With Keras's (as with TensorFlow's) "same", half of what is too much is left out at the start.
    """
    if padding not in ("valid", "same"):
        raise ValueError(f"{users_line()}padding is 'valid' or 'same' for ops.conv_transpose, got {padding!r}.")
    if 0 in lengths:
        raise ValueError(f"{users_line()}ops.conv_transpose needs elements along each axis, got lengths {lengths}.")
    rank = len(size)
    bare = windows_of(rank, size, strides, dilation)
    more = None if extra is None else per_axis("output_padding", extra, rank, least=0)
    made, pads = [], []
    for i, (n, span, stride) in enumerate(zip(lengths, bare.span, bare.strides, strict=True)):
        if padding == "valid":
            last = max(span, stride) if more is None else span + more[i]  # how much the last window adds
        else:
            last = stride if more is None else span % 2 + more[i]
        before = max((span - last) // 2, 0) if padding == "same" else 0
        made.append((n - 1) * stride + last)
        pads.append((before, span - before - last))
    return attrs.evolve(bare, padding=tuple(pads)), tuple(made)


def _checked(name: str, inputs: Shape, kernel: Shape) -> None:
    """Raise ValueError unless both have the same axes but for the two ends of each."""
    if len(inputs) < 3 or len(kernel) != len(inputs):
        raise ValueError(
            f"{users_line()}ops.{name} takes inputs (batch, *lengths, channels) and a kernel of as many axes: got "
            f"inputs {inputs} and a kernel {kernel}."
        )
