"""The stand-in runs CUDA source: in each mode and order, with any geometry, and faults that are planted show."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys

import numpy as np
import pytest

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
standin = getattr(cupy, "standin", None)
if standin is None:
    pytest.skip("this is CuPy itself", allow_module_level=True)

SOURCE = r"""
typedef long long i64;
typedef unsigned long long u64;

template <class T> __device__ inline T larger(T a, T b) { return a > b || a != a ? a : b; }

// A linear thread id and a stride.
extern "C" __global__ void scale(const float* __restrict__ x, float* out, float factor, double shift, bool flip, i64 n) {
    for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i64)gridDim.x * blockDim.x) {
        float y = x[i] * factor + (float)shift;
        out[i] = flip ? -y : y;
    }
}

// The largest of each row: threads along x, several rows a block.
extern "C" __global__ void row_largest(const double* __restrict__ x, double* out, unsigned rows, unsigned columns) {
    __shared__ double room[1024];
    unsigned slot = threadIdx.y * blockDim.x + threadIdx.x;
    for (unsigned first = blockIdx.x * blockDim.y; first < rows; first += gridDim.x * blockDim.y) {
        unsigned row = first + threadIdx.y;
        double most = -1.0 / 0.0;
        if (row < rows)
            for (unsigned c = threadIdx.x; c < columns; c += blockDim.x) most = larger(most, x[row * columns + c]);
        room[slot] = most;
        __syncthreads();
        for (unsigned width = blockDim.x; width > 1;) {
            unsigned half = (width + 1) / 2;
            if (threadIdx.x < width - half) room[slot] = larger(room[slot], room[slot + half]);
            width = half;
            __syncthreads();
        }
        if (row < rows && threadIdx.x == 0) out[row] = room[slot];
    }
}

// A sum that blocks share: each its part, merged in order by the last to come, who resets the ticket.
extern "C" __global__ void total(const float* __restrict__ x, float* out, double* parts, unsigned* ticket, unsigned n) {
    __shared__ double room[1024];
    __shared__ bool last;
    unsigned me = threadIdx.x;
    double sum = 0;
    for (unsigned i = blockIdx.x * blockDim.x + me; i < n; i += gridDim.x * blockDim.x) sum += x[i];
    room[me] = sum;
    __syncthreads();
    if (me == 0) {
        for (unsigned t = 1; t < blockDim.x; t++) room[0] += room[t];
        parts[blockIdx.x] = room[0];
        __threadfence();
        last = atomicAdd(ticket, 1u) == gridDim.x - 1;
    }
    __syncthreads();
    if (!last || me) return;
    double all = 0;
    for (unsigned b = 0; b < gridDim.x; b++) all += parts[b];
    *out = (float)all;
    *ticket = 0;
}

// What a chain of phases is: one block, a barrier between two phases.
__device__ inline void phase(const float* x, float* out, unsigned n) {
    for (unsigned i = threadIdx.y * blockDim.x + threadIdx.x; i < n; i += blockDim.x * blockDim.y) out[n - 1 - i] = x[i] + 1;
}
extern "C" __global__ void chain(const float* x, float* y, float* z, unsigned n) {
    if (blockIdx.x) return;
    phase(x, y, n);
    __syncthreads();
    phase(y, z, n);
}

// Integers of every kind, and the functions that CUDA adds.
extern "C" __global__ void words(const u64* __restrict__ x, u64* high, unsigned short* low, signed char* sign, int n) {
    for (int i = threadIdx.x; i < n; i += blockDim.x) {
        high[i] = __umul64hi(x[i], 0xD2E7470EE14C6C93ull);
        low[i] = (unsigned short)(x[i] >> 16);
        sign[i] = (i64)x[i] < 0 ? -1 : 1;
    }
}

// The C functions by the names that they have for every type.
extern "C" __global__ void functions(const float* x, float* out, unsigned n) {
    for (unsigned i = threadIdx.x; i < n; i += blockDim.x)
        out[i] = exp(x[i]) + log1p(x[i]) + rint(x[i]) + nextafter(x[i], 9.0f) + fmod(x[i], 2.0f) + copysign(x[i], -1.0f)
               + pow(x[i], 1.5f) + hypot(x[i], 1.0f) + tanh(x[i]) + erf(x[i]) + sqrt(x[i]) + fabs(x[i]) + (isnan(x[i]) ? 1 : 0);
}
"""
WAYS = [
    *itertools.product(standin.MODES, ["forwards"]),
    ("fibers", "backwards"),
    ("fibers", "drawn"),
    ("blocks", "drawn"),
]
X = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
ROWS = np.random.default_rng(1).standard_normal((37, 50))


@pytest.fixture(params=WAYS, ids=" ".join)
def way(request):
    with standin.using(mode=request.param[0], order=request.param[1]):
        yield


@pytest.fixture(scope="module")
def kernels():
    return cupy.RawModule(code=SOURCE, options=("-std=c++17", "--fmad=false"))


def scaled(kernels, grid=(4,), block=(128,)):
    out = cupy.empty(1000, cupy.float32)
    args = (cupy.asarray(X), out, np.float32(2), np.float64(1), np.bool_(True), np.int64(1000))
    kernels.get_function("scale")(grid, block, args)
    return out.get()


def rows_largest(kernels, grid=(3,), block=(16, 4)):
    out = cupy.zeros(37)
    kernels.get_function("row_largest")(grid, block, (cupy.asarray(ROWS), out, np.uint32(37), np.uint32(50)))
    return out.get()


def totals(kernels, grid=(6,), block=(64,), times=3):
    out, parts, ticket = cupy.zeros((), cupy.float32), cupy.empty(64), cupy.zeros(1, cupy.uint32)
    results = []
    for _ in range(times):
        kernels.get_function("total")(grid, block, (cupy.asarray(X), out, parts, ticket, np.uint32(1000)))
        results.append(float(out))
        out.fill(0)
    return results


def chained(kernels, grid=(1,), block=(32, 8)):
    x, y, z = cupy.asarray(X), cupy.empty(1000, cupy.float32), cupy.empty(1000, cupy.float32)
    kernels.get_function("chain")(grid, block, (x, y, z, np.uint32(1000)))
    return z.get()


def all_right(kernels):
    """Whether each kernel gives what NumPy does."""
    np.testing.assert_array_equal(scaled(kernels), -(X * np.float32(2) + np.float32(1)))
    np.testing.assert_array_equal(rows_largest(kernels), ROWS.max(1))
    np.testing.assert_allclose(totals(kernels), [X.sum(dtype=np.float64)] * 3, rtol=1e-6)
    np.testing.assert_array_equal(chained(kernels), X + 1 + 1)


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


# What only real blocks show ----------------------------------------------------------------------------------


def shows(kernels, run, right, **settings):
    """Whether some order of fibers gives another result than is right, or none at all."""
    for order, seed in itertools.product(standin.ORDERS, range(3)):
        with standin.using(mode="fibers", order=order, seed=seed, **settings):
            try:
                results = run(kernels)
            except RuntimeError as error:
                return str(error)
            if not np.allclose(results, right, rtol=1e-6):
                return "wrong"
    return ""


SUM = [X.sum(dtype=np.float64)] * 3
FAULTS = {
    "no barrier before the tree": (r"(room\[slot\] = most;)\n\s+__syncthreads\(\);", r"\1", rows_largest, ROWS.max(1)),
    "no barrier within the tree": (r"(width = half;)\n\s+__syncthreads\(\);", r"\1", rows_largest, ROWS.max(1)),
    "no barrier between phases": (r"(phase\(x, y, n\);)\n\s+__syncthreads\(\);", r"\1", chained, X + 2),
    "no barrier after the parts": (r"(room\[me\] = sum;)\n\s+__syncthreads\(\);", r"\1", totals, SUM),
    "the slot of another": (r"room\[slot \+ half\]", "room[slot + half - 1]", rows_largest, ROWS.max(1)),
    "slots that rows share": (r"slot = threadIdx.y \* blockDim.x \+ threadIdx.x", "slot = threadIdx.x", rows_largest, ROWS.max(1)),
    "a tree for powers of two": (r"half = \(width \+ 1\) / 2", "half = width / 2", lambda k: rows_largest(k, block=(13, 3)), ROWS.max(1)),
    "no stride": (r"i \+= \(i64\)gridDim.x \* blockDim.x", "i += n", lambda k: scaled(k, grid=(2,)), -(X * 2 + 1)),
    "a ticket that nobody resets": (r"\*ticket = 0;", "", totals, SUM),
    "the last but one merges": (r"gridDim.x - 1;", "gridDim.x - 2;", totals, SUM),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_show(name, kernels):
    pattern, replacement, run, right = FAULTS[name]
    assert not shows(kernels, run, right)
    with standin.planted(pattern, replacement):
        assert shows(kernels, run, right) == "wrong"


@pytest.mark.parametrize("name", [n for n in FAULTS if "barrier" in n or "slot" in n])
def test_one_thread_shows_neither_a_missing_barrier_nor_a_wrong_slot(name, kernels):
    pattern, replacement, run, right = FAULTS[name]
    with standin.planted(pattern, replacement), standin.using(mode="thread"):
        np.testing.assert_allclose(run(kernels), right, rtol=1e-6)


@pytest.mark.parametrize(
    ("pattern", "replacement", "run", "text"),
    [
        (
            r"(room\[slot\] = most;)\n\s+__syncthreads\(\);", r"\1 if (row < rows) { __syncthreads(); }", rows_largest,
            r"row_largest: some threads of a block wait at the barrier of line \d+, others at another: .*__syncthreads\(\);",
        ),
        (
            r"(phase\(x, y, n\);)", r"\1 if (threadIdx.x == 3) return;", chained,
            r"chain: some threads of a block ended while others wait at the barrier of line \d+: __syncthreads\(\);",
        ),
    ],
)  # fmt: skip
def test_a_barrier_that_some_threads_never_reach_is_told(kernels, pattern, replacement, run, text):
    with standin.using(mode="fibers"):
        with standin.planted(pattern, replacement), pytest.raises(RuntimeError, match=text):
            run(kernels)
        all_right(kernels)  # those that wait forever are forgotten


def test_a_fault_that_is_not_planted_is_told(kernels):
    with (
        pytest.raises(AssertionError, match="no source that ran had 'no such text'"),
        standin.planted("no such text", ""),
    ):
        scaled(kernels)


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


# Beyond the end, and too early -------------------------------------------------------------------------------

OVERRUN = """
import cupy, numpy as np, sys
code = 'extern "C" __global__ void fill(float* x, int n) { for (int i = threadIdx.x; i <BOUND n; i += blockDim.x) x[i] = i; __syncthreads(); }'
x = cupy.zeros(1000, cupy.float32)
cupy.RawKernel(code.replace("BOUND", sys.argv[1]), "fill")((2,), (32,), (x, np.int32(1000)))
assert x.get().tolist() == list(range(1000))
print("written")
"""


@pytest.mark.parametrize("mode", standin.MODES)
@pytest.mark.parametrize("bound", ["", "="])
def test_address_sanitizer_sees_who_writes_beyond_the_end(mode, bound):
    library = subprocess.run(
        ["g++", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not os.path.isabs(library):
        pytest.skip("g++ has no AddressSanitizer here")
    environment = os.environ | {
        "LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0", "KCORE_STANDIN": f"mode={mode} order=drawn sanitized",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", OVERRUN, bound], env=environment, capture_output=True, text=True)
    if bound:
        assert done.returncode != 0
        assert "heap-buffer-overflow" in done.stderr
        assert re.search(r" in fill \S*kernel.cu:1", done.stderr)
    else:
        assert (done.returncode, done.stdout) == (0, "written\n"), done.stderr


def test_a_launch_waits_until_somebody_waits_for_it(kernels):
    with standin.using(deferred=True):
        out = cupy.zeros(1000, cupy.float32)
        args = (cupy.asarray(X), out, np.float32(2), np.float64(1), np.bool_(True), np.int64(1000))
        kernels.get_function("scale")((1,), (1,), args)
        assert not cupy.cuda.get_current_stream().done
        assert not out._a.any()
        np.testing.assert_array_equal(out.get(), -(X * np.float32(2) + np.float32(1)))
