"""Rows of softmax, crossentropies, classes as vectors, normalization and attention."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.ops.draw import FLOATS, Array, Case, Row, shapes, values
from tests.ops.rows_activations import given_one_of, sigmoid, softplus, wide


def softmax(x: Array, axis: Any = -1) -> Array:
    powers = np.exp(x - x.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def log_softmax(x: Array, axis: Any = -1) -> Array:
    return np.log(softmax(x, axis))


def sparsemax(x: Array, axis: int = -1) -> Array:
    """The threshold by bisection: what is above it sums to 1."""
    low, high = x.max(axis, keepdims=True) - 1, x.max(axis, keepdims=True)
    for _ in range(100):
        middle = (low + high) / 2
        enough = np.maximum(x - middle, 0).sum(axis, keepdims=True) >= 1
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return np.maximum(x - low, 0)


def softmax_crossentropy(target: Array, logits: Array, axis: Any = -1) -> Array:
    return -(target * log_softmax(logits, axis)).sum(axis)


def sigmoid_crossentropy(target: Array, logits: Array) -> Array:
    return target * softplus(-logits) + (1 - target) * softplus(logits)


def binary_crossentropy(target: Array, output: Array, from_logits: bool = False) -> Array:
    p = sigmoid(output) if from_logits else output
    return -(target * np.log(p) + (1 - target) * np.log(1 - p))


def _shares(output: Array, from_logits: bool, axis: int) -> Array:
    if from_logits:
        return softmax(output, axis)
    return np.clip(output / output.sum(axis, keepdims=True), 1e-7, 1 - 1e-7)


def categorical_crossentropy(target: Array, output: Array, from_logits: bool = False, axis: int = -1) -> Array:
    return -(target * np.log(_shares(output, from_logits, axis))).sum(axis)


def sparse_categorical_crossentropy(target: Array, output: Array, from_logits: bool = False, axis: int = -1) -> Array:
    target = target[..., 0] if target.ndim == output.ndim else target
    rows = np.moveaxis(_shares(output, from_logits, axis), axis, -1)
    hits = [rows[(*place, target[place])] for place in np.ndindex(target.shape)]
    return -np.log(np.reshape(hits, target.shape)).astype(output.dtype)


def one_hot(x: Array, num_classes: int, axis: int = -1, dtype: Any = None) -> Array:
    rows = [[i == c for c in range(num_classes)] for i in x.ravel()]
    hot = np.array(rows, dtype or "float32").reshape(*x.shape, num_classes)
    return np.moveaxis(hot, -1, axis)


def multi_hot(x: Array, num_classes: int, axis: int = -1, dtype: Any = None) -> Array:
    return one_hot(x, num_classes, axis, dtype).max(min(x.ndim - 1, 1), initial=0)


def normalize(x: Array, axis: Any = -1, order: float = 2, epsilon: float = 1e-7) -> Array:
    size = np.abs(x)
    norm = (size**order).sum(axis, keepdims=True) ** (1 / order) if order < np.inf else size.max(axis, keepdims=True)
    return x / np.maximum(norm, epsilon)


def _beside(weights: Array, x: Array, axis: Any) -> Array:
    over = [a % x.ndim for a in np.atleast_1d(axis)]
    return np.reshape(weights, [n if i in over else 1 for i, n in enumerate(x.shape)])


def batch_normalization(
    x: Array, mean: Array, variance: Array, axis: int, offset: float = 0, scale: float = 1, epsilon: float = 1e-3
) -> Array:
    return (x - _beside(mean, x, axis)) / np.sqrt(_beside(variance, x, axis) + epsilon) * scale + offset


def layer_normalization(x: Array, *more: Array, axis: Any = -1, epsilon: float = 1e-7) -> Array:
    gamma, beta = (_beside(a, x, axis) for a in more) if more else (1, 0)
    centred = x - x.mean(axis, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis, keepdims=True) + epsilon) * gamma + beta


def rms_normalization(x: Array, *more: Array, axis: Any = -1, epsilon: float = 1e-7) -> Array:
    scale = _beside(more[0], x, axis) if more else 1
    return x / np.sqrt((x**2).mean(axis, keepdims=True) + epsilon) * scale


def attention(q: Array, k: Array, v: Array, *more: Array, scale: float | None = None, is_causal: bool = False) -> Array:
    """Query by query, head by head."""
    out = np.zeros((*q.shape[:3], v.shape[3]), q.dtype)
    wide_shape = (q.shape[0], q.shape[2], q.shape[1], k.shape[1])
    for b, t, n in np.ndindex(q.shape[:3]):
        group = n * k.shape[2] // q.shape[2]
        logits = k[b, :, group] @ q[b, t, n] * (q.shape[3] ** -0.5 if scale is None else scale)
        for add in more[:1]:
            logits = logits + np.broadcast_to(add, wide_shape)[b, n, t]
        for seen in more[1:]:
            logits = np.where(np.broadcast_to(seen, wide_shape)[b, n, t], logits, -np.inf)
        if is_causal:
            logits = np.where(np.arange(k.shape[1]) <= t, logits, -np.inf)
        out[b, t, n] = softmax(logits) @ v[b, :, group]
    return out


@st.composite
def shared(draw: st.DrawFn, several: bool = True) -> Case:
    """An array, and one of its axes that is not empty, or several."""
    (x,) = draw(values(draw(shapes(least=1, shortest=1))))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    some = draw(st.lists(st.integers(0, x.ndim - 1), min_size=1, unique=True))
    options = [{"axis": axis}, {"axis": tuple(some)}, {}] if several else [{"axis": axis}, {}]
    return Case([x], draw(st.sampled_from(options)))


@st.composite
def classified(draw: st.DrawFn, low: float = -2, high: float = 2, axis: bool = True) -> Case:
    """Targets, and as many logits or probabilities of classes along an axis."""
    shape = draw(shapes(least=1, shortest=1))
    arrays = [*draw(values(shape, low=0.1, high=1)), *draw(values(shape, low=low, high=high))]
    along = draw(st.integers(-len(shape), len(shape) - 1))
    return Case(arrays, {"axis": along} if axis and draw(st.booleans()) else {})


@st.composite
def crossed(draw: st.DrawFn, axis: bool = True) -> Case:
    """The same, of logits if `from_logits` is True."""
    logits = draw(st.booleans())
    case = draw(classified(axis=axis) if logits else classified(0.1, 0.9, axis))
    return Case(case.arrays, case.options | {"from_logits": logits})


@st.composite
def labelled(draw: st.DrawFn) -> Case:
    """The same, the targets as indices of classes."""
    case = draw(crossed())
    _, output = case.arrays
    axis = case.options.get("axis", -1)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    target = rng.integers(0, output.shape[axis], np.delete(output.shape, axis))
    wide_ = axis in (-1, output.ndim - 1) and draw(st.booleans())
    return Case([target[..., None] if wide_ else target, output], case.options)


@st.composite
def indices(draw: st.DrawFn, least: int = 0) -> Case:
    """Indices of classes, some of which are none."""
    shape = draw(shapes(least=least))
    (x,) = draw(values(shape, low=-1, high=5))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    options = {"num_classes": draw(st.integers(0, 4)), "axis": axis, "dtype": draw(st.sampled_from([None, "int32"]))}
    return Case([np.floor(x).astype(draw(st.sampled_from(["int8", "int64"])))], options)


@st.composite
def normalized(draw: st.DrawFn, weights: int, several: bool = True) -> Case:
    """An array, one or several axes of three elements at least together, and weights for them or none."""
    shape = tuple(n + 2 for n in draw(shapes(least=1, shortest=1)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    some = tuple(sorted(draw(st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True))))
    options = draw(st.sampled_from([{"axis": axis}, {"axis": some}, {}] if several else [{"axis": axis}]))
    over = {a % len(shape) for a in np.atleast_1d(options.get("axis", -1))}
    lengths = tuple(n for i, n in enumerate(shape) if i in over)
    count = draw(st.sampled_from([weights, 0]))
    return Case(draw(values(shape, *[lengths] * count)), options)


@st.composite
def channels(draw: st.DrawFn) -> Case:
    """An array, and the mean and variance of each channel."""
    case = draw(normalized(0, several=False))
    n = (case.arrays[0].shape[case.options["axis"]],)
    arrays = case.arrays + draw(values(n)) + draw(values(n, low=0.1, high=2))
    return Case(arrays, case.options | draw(st.sampled_from([{}, {"epsilon": 0.1, "offset": 0.3, "scale": 1.7}])))


@st.composite
def attended(draw: st.DrawFn) -> Case:
    """Queries, keys and values of some heads, a bias, and a mask by which every query sees the first key."""
    b, t, s, groups, each, d, e = (draw(st.integers(1, 3)) for _ in range(7))
    arrays = draw(values((b, t, groups * each, d), (b, s, groups, d), (b, s, groups, e)))
    if draw(st.booleans()):
        wide_shape = (b, groups * each, t, s)
        kept = [n if draw(st.booleans()) else 1 for n in wide_shape]
        (bias,) = draw(values(tuple(kept)))
        mask = np.random.default_rng(draw(st.integers(0, 99))).random(wide_shape) < 0.6
        mask[..., 0] = True
        arrays += [bias, mask]
    return Case(arrays, {"scale": draw(st.sampled_from([None, 0.7])), "is_causal": draw(st.booleans())})


ROWS = [
    Row("softmax", softmax, shared(), floating=True),
    Row("log_softmax", wide(log_softmax), shared(), floating=True),
    Row("sparsemax", wide(sparsemax), shared(several=False), floating=True),
    Row("softmax_crossentropy", softmax_crossentropy, classified(), "reduction", floating=True),
    Row(
        "binary_crossentropy",
        wide(binary_crossentropy),
        crossed(axis=False),
        "reduction",
        dtypes=FLOATS,
        ops=("sigmoid_crossentropy", "sigmoid_error"),
    ),
    Row("categorical_crossentropy", categorical_crossentropy, crossed(), "reduction", dtypes=FLOATS, ops=("log",)),
    Row(
        "sparse_categorical_crossentropy",
        sparse_categorical_crossentropy,
        labelled(),
        "reduction",
        fixed=(0,),
        dtypes=FLOATS,
        ops=("log",),
    ),
    Row("one_hot", one_hot, indices(), fixed=(0,), differentiable=False, ops=("equal",)),
    Row("multi_hot", multi_hot, indices(1), fixed=(0,), differentiable=False, ops=("any",)),
    Row(
        "normalize",
        wide(normalize),
        given_one_of(shared(), order=[1, 3, np.inf]),
        "reduction",
        floating=True,
        ops=("sum",),
    ),
    Row("batch_normalization", batch_normalization, channels(), "reduction", dtypes=FLOATS, ops=("multiply",)),
    Row("layer_normalization", layer_normalization, normalized(2), "reduction", dtypes=FLOATS, ops=("var",)),
    Row("rms_normalization", rms_normalization, normalized(1), "reduction", floating=True, ops=("sum",)),
    Row("dot_product_attention", attention, attended(), "product", fixed=(4,), floating=True, ops=("softmax",)),
]
