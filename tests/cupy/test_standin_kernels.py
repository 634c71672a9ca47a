"""The stand-in runs CUDA source: in each mode and order, with any geometry, held to its signature."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
standin = getattr(cupy, "standin", None)
if standin is None:
    pytest.skip("this is CuPy itself", allow_module_level=True)

from tests.cupy.samples import SOURCE, X, all_right, scaled  # noqa: E402

WAYS = [
    *itertools.product(standin.MODES, ["forwards"]),
    ("fibers", "backwards"),
    ("fibers", "drawn"),
    ("blocks", "drawn"),
]


@pytest.fixture(params=WAYS, ids=" ".join)
def way(request):
    with standin.using(mode=request.param[0], order=request.param[1]):
        yield


@pytest.fixture(scope="module")
def kernels():
    return cupy.RawModule(code=SOURCE, options=("-std=c++17", "--fmad=false"))


def test_kernels_are_right_in_every_mode_and_order(way, kernels):
    all_right(kernels)


def test_kernels_are_right_for_every_geometry(way, kernels):
    for seed in range(5):
        with standin.using(drawn=True, seed=seed):
            all_right(kernels)


def test_integers_and_words(way, kernels):
    x = np.random.default_rng(2).integers(0, 2**64, 99, np.uint64)
    high, low, sign = cupy.zeros(99, cupy.uint64), cupy.zeros(99, cupy.uint16), cupy.zeros(99, cupy.int8)
    kernels.get_function("words")((1,), (64,), (cupy.asarray(x), high, low, sign, np.int32(99)))
    assert high.get().tolist() == [int(n) * 0xD2E7470EE14C6C93 >> 64 for n in x]
    np.testing.assert_array_equal(low.get(), (x >> np.uint64(16)).astype(np.uint16))
    np.testing.assert_array_equal(sign.get(), np.where(x >> np.uint64(63), -1, 1))


def test_functions_have_their_overloads(kernels):
    x, out = np.linspace(0.1, 3, 20, dtype=np.float32), cupy.zeros(20, cupy.float32)
    kernels.get_function("functions")((1,), (32,), (cupy.asarray(x), out, np.uint32(20)))
    erf = np.vectorize(__import__("math").erf)
    want = (
        np.exp(x)
        + np.log1p(x)
        + np.rint(x)
        + x
        + x % 2
        - x
        + x**1.5
        + np.hypot(x, 1)
        + np.tanh(x)
        + erf(x)
        + x**0.5
        + x
    )
    np.testing.assert_allclose(out.get(), want, rtol=1e-6)


# Arguments ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value", "text"),
    [
        (0, cupy.zeros(3), r"scale: an array of float64 was given for `const float\* __restrict__ x`."),
        (0, X, "scale: an array of NumPy was given for `const float"),
        (2, 2.0, "scale: float 2.0 was given for `float factor`; pass numpy.float32."),
        (2, np.float64(2), r"scale: float64 np.float64\(2.0\) was given for `float factor`; pass numpy.float32."),
        (
            2,
            cupy.zeros((), cupy.float32),
            "scale: an array of float32 was given for `float factor`; pass numpy.float32.",
        ),
        (3, np.float32(1), "was given for `double shift`; pass numpy.float64."),
        (4, True, "scale: bool True was given for `bool flip`; pass numpy.bool."),
        (5, np.int32(9), "was given for `i64 n`; pass numpy.int64."),
    ],
)
def test_arguments_are_held_to_the_signature(kernels, place, value, text):
    args = [cupy.zeros(9, cupy.float32)] * 2 + [np.float32(2), 1.0, np.bool_(False), 9]
    kernels.get_function("scale")((1,), (1,), tuple(args))  # Python's numbers go as 64 bits
    args[place] = value
    with pytest.raises(TypeError, match=text):
        kernels.get_function("scale")((1,), (1,), tuple(args))


def test_launches_that_cuda_refuses(kernels):
    with pytest.raises(TypeError, match="scale takes 6 arguments, and 1 were given"):
        kernels.get_function("scale")((1,), (1,), (1,))
    for grid, block in (((0,), (1,)), ((1,), (1025,)), ((1,), (64, 32)), ((1, 65536), (1,)), ((1,), (0,))):
        with pytest.raises(cupy.cuda.driver.CUDADriverError, match="invalid argument"):
            scaled(kernels, grid, block)
    with pytest.raises(cupy.cuda.driver.CUDADriverError, match="named symbol not found"):
        kernels.get_function("nothing")


def test_a_source_that_does_not_compile_is_told():
    kernel = cupy.RawKernel('extern "C" __global__ void k(float* x) { *x = y; }', "k")
    with pytest.raises(cupy.cuda.compiler.CompileException, match=r"kernel.cu:1:\d+: error: 'y' was not declared"):
        kernel((1,), (1,), (cupy.zeros(1, cupy.float32),))


def test_sources_are_kept(tmp_path):
    code = 'extern "C" __global__ void kept(float* x) { *x = 1; }'
    with standin.using(sources=str(tmp_path)):
        cupy.RawModule(code=code)
    assert [path.read_text() for path in tmp_path.iterdir()] == [code]
    assert cupy.sources[-1] == code


def test_a_launch_waits_until_somebody_waits_for_it(kernels):
    with standin.using(deferred=True):
        out = cupy.zeros(1000, cupy.float32)
        args = (cupy.asarray(X), out, np.float32(2), np.float64(1), np.bool_(True), np.int64(1000))
        kernels.get_function("scale")((1,), (1,), args)
        assert not cupy.cuda.get_current_stream().done
        assert not out._a.any()
        np.testing.assert_array_equal(out.get(), -(X * np.float32(2) + np.float32(1)))
