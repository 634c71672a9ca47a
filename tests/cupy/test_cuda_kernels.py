"""The kernels that kcore_cupy writes: each word of the scalar language, reductions of every layout, any geometry."""

from __future__ import annotations

import numpy as np
import pytest

from kcore import ops
from kcore.backend import use_backend
from kcore.graph import OPS, Trace, call, finish, recording
from kcore.graph.types import is_float
from kcore.program import Program
from kcore.testing.tolerances import assert_close

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
if not cupy.cuda.is_available():
    pytest.skip("CuPy finds no GPU", allow_module_level=True)

standin = getattr(cupy, "standin", None)
from kcore_cupy import geometry  # noqa: E402
from kcore_cupy.words import REDUCTIONS, TYPES, WORDS  # noqa: E402

ELEMENTWISE = sorted(name for name, op in OPS.items() if op.kind == "elementwise")
EXACT = (
    "abs add ceil copysign divide floor maximum minimum multiply negative reciprocal round sign sqrt square "
    "subtract trunc"
)
FLOATS = [-np.inf, -1e30, -2.5, -1.0, -0.5, -0.0, 0.0, 0.25, 1.0, 1.5, 2.0, 3.0, 1e30, np.inf, np.nan]


def both(function, arrays):
    """What a program gives, in place on CuPy and op by op on NumPy, as host arrays."""
    trace = Trace()
    with recording(trace):
        inputs = [trace.input(f"x{i}", a.shape, str(a.dtype)) for i, a in enumerate(arrays)]
        outputs = function(*inputs)
    graph = finish(trace, "step", outputs)
    results = []
    for name in ("cupy", "numpy"):
        with use_backend(name) as backend:
            program = Program(graph, backend, in_place=name == "cupy")
            for host, array in zip(program.arrays.values(), arrays, strict=True):
                host[...] = array
            with np.errstate(all="ignore"):
                results.append([backend.to_host(out) for out in program()])
    return *results, program


def grid(dtype, count):
    """Every combination of some numbers of a dtype."""
    if dtype == "bool":
        numbers = [False, True]
    elif is_float(dtype):
        numbers = FLOATS
    else:
        limits = np.iinfo(dtype)
        numbers = [n for n in (limits.min, -7, -2, -1, 0, 1, 2, 3, 9, limits.max) if n >= limits.min]
    points = np.meshgrid(*[np.array(numbers, dtype)] * count, indexing="ij")
    return [p.reshape(-1) for p in points]


def operands(name):
    """How many an op takes."""
    return {"where": 3}.get(name, 1 if len(OPS[name].gradients) < 2 or name in UNARY.split() else 2)


UNARY = (
    "abs acos acosh asin asinh atan atanh bitwise_invert cast ceil cos cosh exp expm1 floor isfinite isinf isnan log "
    "log10 log1p log2 logical_not negative reciprocal round sign signbit sin sinh sqrt square tan tanh trunc"
)


def test_every_elementwise_op_and_reduction_has_a_word():
    assert set(ELEMENTWISE) == set(WORDS)
    assert {name for name, op in OPS.items() if op.kind == "reduction"} == set(REDUCTIONS)


@pytest.mark.parametrize("dtype", [d for d in TYPES if d not in ("int16", "uint16", "uint32")])
def test_words_give_what_numpy_gives(dtype):
    """All words that take a dtype, in one program; special numbers, too."""
    done = []

    def words(*inputs):
        outputs = []
        for name in ELEMENTWISE:
            given = inputs[: operands(name)]
            if OPS[name].condition:
                given = [ops.not_equal(x, 0) for x in given[: OPS[name].condition]] + list(given[OPS[name].condition :])
            if name == "where":
                given = [ops.not_equal(inputs[2], 0), *inputs[:2]]
            if OPS[name].floating and not is_float(dtype):
                continue
            if name == "cast":
                given = [*given, "float64"]
            if name == "pow" and not is_float(dtype):  # NumPy refuses negative powers of integers
                given = [given[0], ops.maximum(given[1], 0)]
            try:
                outputs.append(getattr(ops, name)(*given))
            except TypeError:  # it does not take this dtype
                continue
            done.append(name)
        return outputs

    got, wanted, _ = both(words, grid(dtype, 3))
    assert len(done) > (10 if dtype == "bool" else 20)
    for name, a, b in zip(done, got, wanted, strict=True):
        if is_float(str(b.dtype)) and name in EXACT.split():
            np.testing.assert_array_equal(a, b, name)
            np.testing.assert_array_equal(np.signbit(a[b == 0]), np.signbit(b[b == 0]), f"the sign of 0 of {name}")
        else:
            assert_close("elementwise", a, b, name)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "uint8", "bool", "int32"])
def test_casts_to_every_dtype(dtype):
    numbers = np.array([0, 1, 2, 3.75, 100, 127], dtype)
    got, wanted, _ = both(lambda x: [call(OPS["cast"], x, dtype=to) for to in TYPES], [numbers])
    for a, b in zip(got, wanted, strict=True):
        assert_close("view", a, b, str(b.dtype))


REDUCED = [
    # shape, axes
    ((7,), (0,)),
    ((300,), (0,)),
    ((4, 5), (1,)),
    ((4, 5), (0,)),
    ((3, 300), (1,)),
    ((300, 3), (0,)),
    ((2, 3, 4), (1,)),
    ((2, 3, 4), (0, 2)),
    ((2, 3, 4, 5), (1, 3)),
    ((2, 3, 4), (0, 1, 2)),
    ((40, 1, 9), (0,)),
    ((0, 3), (0,)),
    ((3, 0), (0,)),
]
WAYS = {
    "straight": lambda x: x,
    "transposed": lambda x: ops.transpose(x),
    "cut": lambda x: x[1:] if x.shape and x.shape[0] > 1 else x,
    "backwards": lambda x: ops.flip(x) if x.shape else x,
    "broadcast": lambda x: ops.broadcast_to(x, (2, *x.shape)),
    "computed": lambda x: ops.square(x) + 0.5,
}


@pytest.fixture(params=["thread", "fibers"] if standin else ["gpu"])
def mode(request):
    if request.param == "gpu":
        yield request.param
        return
    with standin.using(mode=request.param, drawn=request.param == "fibers", order="drawn", seed=3):
        yield request.param


@pytest.mark.parametrize("part", [4096, 2], ids=["one block a result", "several blocks a result"])
@pytest.mark.parametrize("way", WAYS)
def test_reductions_of_every_layout(way, part, mode, monkeypatch):
    """All of them in one program for each shape; in fibers the geometry is drawn."""
    monkeypatch.setattr(geometry, "PART", part)
    monkeypatch.setattr("kcore_cupy.kernels.CudaKernels.phase", 0)
    rng = np.random.default_rng(0)
    for shape, axes in REDUCED:
        x = rng.normal(size=shape).round(1)
        x = np.where(rng.random(shape) < 0.03, np.nan, x)

        def reductions(x, axes=axes):
            y = WAYS[way](x)
            axes = axes if y.ndim == x.ndim else tuple(i + 1 for i in axes)
            axes = tuple(y.ndim - 1 - i for i in axes) if way == "transposed" else axes
            outputs = [y] if way == "computed" else []
            for name in REDUCTIONS if axes else []:
                operand = ops.greater(y, 0) if OPS[name].condition else y
                if name.startswith("arg") and len(axes) > 1:
                    continue
                if name in ("max", "min", "argmax", "argmin") and 0 in [y.shape[i] for i in axes]:
                    continue
                outputs.append(call(OPS[name], operand, axis=tuple(sorted(axes))))
            return outputs or [y]

        got, wanted, _ = both(reductions, [x])
        for i, (a, b) in enumerate(zip(got, wanted, strict=True)):
            assert_close("reduction", a, b, f"{way} {shape} {axes}, output {i}")
