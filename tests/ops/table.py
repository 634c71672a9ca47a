"""One row for each function of kcore.ops: what NumPy gives, what arguments it takes, if it has a gradient.

Arguments are drawn in float64, all elements distinct and none near 0: no kink or tie is met by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

Array = np.ndarray[Any, Any]

FLOATS = ("float32", "float64")
REAL = (*FLOATS, "int32", "int64")
ANY = (*REAL, "bool")


@attrs.frozen
class Case:
    """Arguments of one call: arrays, options by keyword."""

    arrays: list[Array]
    options: dict[str, Any] = attrs.field(factory=dict)


Cases = st.SearchStrategy[Case]


@attrs.frozen
class Row:
    """One function of kcore.ops.

    Attributes:
        name: its name there.
        numpy: the reference, for arrays of one dtype.
        cases: the arguments that it is tried with.
        kind: of which tolerance.
        ops: the registered ops that it records, if not one of its own name.
        dtypes: those of its arguments.
        floating: whether integers become float32 first.
        differentiable: whether it has a gradient.
        traced: whether it can be recorded.
        numbers: inputs of its program beside the arrays; then it works in a trace only.
    """

    name: str
    numpy: Callable[..., Any]
    cases: Cases
    kind: str = "elementwise"
    ops: tuple[str, ...] | None = None
    dtypes: tuple[str, ...] = REAL
    floating: bool = False
    differentiable: bool = True
    traced: bool = True
    numbers: dict[str, int] = attrs.field(factory=dict)

    def reference(self, arrays: list[Array], options: dict[str, Any]) -> Array:
        """What NumPy gives for these arrays, in the dtype that kcore promises."""
        if self.floating and all(a.dtype.kind in "iub" for a in arrays):
            arrays = [a.astype("float32") for a in arrays]
        with np.errstate(all="ignore"):
            return np.asarray(self.numpy(*arrays, **options))


# what arguments are drawn from


@st.composite
def values(draw: st.DrawFn, *shapes: tuple[int, ...], low: float = -2, high: float = 2) -> list[Array]:
    """An array of each shape; all their elements differ as far as the range allows, and none is near 0."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = sum(int(np.prod(s)) for s in shapes)
    step = (high - low) / max(count, 1)
    grid = low + step * (rng.permutation(count) + rng.uniform(0.6, 0.9, count))
    grid = np.where(np.abs(grid) < step / 9, grid + step / 9, grid)
    parts = np.split(grid, np.cumsum([int(np.prod(s)) for s in shapes])[:-1])
    return [p.reshape(s) for p, s in zip(parts, shapes, strict=True)]


def shapes(least: int = 0, most: int = 3, shortest: int = 0) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes of up to three axes of up to four elements, empty ones and 0-d ones among them."""
    return hnp.array_shapes(min_dims=least, max_dims=most, min_side=shortest, max_side=4)


@st.composite
def one(draw: st.DrawFn, low: float = -2, high: float = 2, **limits: int) -> Case:
    """One array."""
    return Case(draw(values(draw(shapes(**limits)), low=low, high=high)))


@st.composite
def two(draw: st.DrawFn) -> Case:
    """Two arrays that broadcast."""
    pair = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=0, max_dims=3, max_side=4))
    return Case(draw(values(*pair.input_shapes)))


@st.composite
def chosen(draw: st.DrawFn) -> Case:
    """Zeros and ones for a condition, and two arrays that broadcast with it."""
    three = draw(hnp.mutually_broadcastable_shapes(num_shapes=3, min_side=0, max_dims=3, max_side=4))
    condition, *arrays = draw(values(*three.input_shapes))
    return Case([np.float64(condition > 0), *arrays])


@st.composite
def clipped(draw: st.DrawFn) -> Case:
    """An array and two bounds, the lower first."""
    x, *bounds = draw(values(draw(shapes()), (), ()))
    return Case([x, *sorted(bounds)])


@st.composite
def reduced(draw: st.DrawFn, shortest: int = 0) -> Case:
    """An array, and the axes that a reduction goes over."""
    (x,) = draw(values(draw(shapes(shortest=shortest))))
    some = (
        st.lists(st.integers(-x.ndim, x.ndim - 1), unique_by=lambda a: a % x.ndim).map(tuple) if x.ndim else st.just(())
    )
    single = st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none()
    return Case([x], {"axis": draw(st.one_of(st.none(), single, some)), "keepdims": draw(st.booleans())})


@st.composite
def indexed(draw: st.DrawFn) -> Case:
    """An array with elements, and the one axis that argmax counts along."""
    (x,) = draw(values(draw(shapes(least=1, shortest=1))))
    return Case([x], {"axis": draw(st.none() | st.integers(-x.ndim, x.ndim - 1)), "keepdims": draw(st.booleans())})


@st.composite
def reshaped(draw: st.DrawFn) -> Case:
    """An array, and another shape for it, sometimes with one length left open."""
    (x,) = draw(values(draw(shapes())))
    factors = [n for n in range(1, x.size + 1) if x.size % n == 0] or [0]
    rows = draw(st.sampled_from(factors))
    shape = [rows, x.size // rows if rows else 3]
    shape.insert(draw(st.integers(0, 2)), draw(st.sampled_from([1, 1, -1]) if x.size else st.just(1)))
    return Case([x], {"newshape": draw(st.sampled_from([tuple(shape), x.shape, (x.size,)]))})


@st.composite
def widened(draw: st.DrawFn) -> Case:
    """An array, and a shape that it broadcasts to."""
    target = draw(shapes())
    source = tuple(draw(st.sampled_from([n, 1])) for n in target)[draw(st.integers(0, len(target))) :]
    return Case(draw(values(source)), {"shape": target})


@st.composite
def multiplied(draw: st.DrawFn) -> Case:
    """A matrix, or several, and a matrix that fits."""
    n, m = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return Case(draw(values((*draw(shapes(most=2)), n), (n, m))))


@st.composite
def classified(draw: st.DrawFn) -> Case:
    """Targets and logits, a class each along the last axis."""
    shape = draw(shapes(least=1, shortest=1))
    return Case([*draw(values(shape, low=0.1, high=1)), *draw(values(shape))])


@st.composite
def converted(draw: st.DrawFn) -> Case:
    """An array, and another dtype for it."""
    return Case(draw(values(draw(shapes()), low=-20, high=20)), {"dtype": draw(st.sampled_from(ANY))})


# what NumPy would give


def _softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def _crossentropy(target: Array, logits: Array) -> Array:
    return -(target * np.log(_softmax(logits))).sum(-1)


def _sum(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.sum(x, axis=axis, keepdims=keepdims)


def _argmax(x: Array, axis: Any, keepdims: bool) -> Array:
    return np.argmax(x, axis=axis, keepdims=keepdims)


def _mean(x: Array, axis: Any, keepdims: bool) -> Array:
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).astype(int)
    count = x.dtype.type(np.prod([x.shape[a] for a in axes]))
    return np.sum(x, axis=axis, keepdims=keepdims) / count


def _bits(shape: tuple[int, ...], stream: int) -> Array:
    words = np.random.Philox(key=[3, stream], counter=[0, 5, 0, 0]).random_raw(-(-int(np.prod(shape)) // 4))
    return words.astype("<u8").view("<u2")[: int(np.prod(shape))].reshape(shape)


def _mask(shape: tuple[int, ...], rate: float, stream: int, dtype: str) -> Array:
    return np.where(_bits(shape, stream) >= round(rate * 65536), 1 / (1 - rate), 0).astype(dtype)


def _full(shape: tuple[int, ...], fill_value: float = 0, dtype: str = "float32") -> Array:
    return np.full(shape, fill_value, dtype)


FILLED = st.builds(lambda shape, dtype: Case([], {"shape": shape, "dtype": dtype}), shapes(), st.sampled_from(ANY))
SEEDED = {"seed": 3, "step": 5}

ROWS = [
    Row("add", np.add, two()),
    Row("subtract", np.subtract, two()),
    Row("multiply", np.multiply, two()),
    Row("divide", np.divide, two(), floating=True),
    Row("maximum", np.maximum, two()),
    Row("minimum", np.minimum, two()),
    Row("greater", np.greater, two(), differentiable=False),
    Row("greater_equal", np.greater_equal, two(), differentiable=False),
    Row("less", np.less, two(), ops=("greater",), differentiable=False),
    Row("equal", np.equal, two(), differentiable=False),
    Row("negative", np.negative, one()),
    Row("exp", np.exp, one(), floating=True),
    Row("log", np.log, one(low=0.5, high=4), floating=True),
    Row("tanh", np.tanh, one(), floating=True),
    Row("sqrt", np.sqrt, one(low=0.5, high=4), floating=True),
    Row("square", np.square, one()),
    Row("where", np.where, chosen(), "view", differentiable=False),
    Row("clip", np.clip, clipped(), ops=("maximum", "minimum")),
    Row("relu", lambda x: np.maximum(x, 0), one(), ops=("maximum",)),
    Row("sigmoid", lambda x: 1 / (1 + np.exp(-x)), one(), floating=True),
    Row("softmax", _softmax, one(least=1, shortest=1), floating=True),
    Row("softmax_crossentropy", _crossentropy, classified(), "reduction", floating=True),
    Row("sum", _sum, reduced(), "reduction", dtypes=ANY),
    Row("mean", _mean, reduced(shortest=1), "reduction", ops=("sum", "divide"), dtypes=ANY, floating=True),
    Row("max", lambda x, axis, keepdims: np.max(x, axis=axis, keepdims=keepdims), reduced(shortest=1), "view"),
    Row("argmax", _argmax, indexed(), differentiable=False),
    Row("matmul", np.matmul, multiplied(), "product"),
    Row("reshape", lambda x, newshape: x.reshape(newshape), reshaped(), "view", dtypes=ANY),
    Row("transpose", np.transpose, one(least=2, most=2), "view", dtypes=ANY),
    Row("broadcast_to", np.broadcast_to, widened(), "view", dtypes=ANY),
    Row("cast", lambda x, dtype: x.astype(dtype), converted(), "view", dtypes=ANY, differentiable=False),
    Row("full", _full, FILLED.map(lambda c: Case([], {**c.options, "fill_value": 3})), ops=()),
    Row("zeros", _full, FILLED, ops=()),
    Row("ones", lambda shape, dtype: _full(shape, 1, dtype), FILLED, ops=()),
    Row("zeros_like", np.zeros_like, one(), ops=(), dtypes=ANY, differentiable=False),
    Row("convert_to_tensor", lambda x, dtype: x.astype(dtype), converted(), "view", ops=(), traced=False),
    Row("convert_to_numpy", np.array, one(), "view", ops=(), dtypes=ANY, traced=False),
    Row(
        "random_bits",
        _bits,
        st.builds(lambda s, n: Case([], {"shape": s, "stream": n}), shapes(), st.integers(0, 9)),
        numbers=SEEDED,
    ),
    Row(
        "dropout_mask",
        _mask,
        st.builds(
            lambda s, r, d: Case([], {"shape": s, "rate": r, "stream": 2, "dtype": d}),
            shapes(),
            st.sampled_from([0, 0.1, 0.5, 0.9]),
            st.sampled_from(FLOATS),
        ),
        numbers=SEEDED,
    ),
]

NO_ROW = {"logits_of": "looks into the graph: test_logits_of"}
