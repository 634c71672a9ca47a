"""Kernels of every kind that kcore writes, by hand: strides, rows, parts that blocks share, phases, words."""

from __future__ import annotations

import cupy
import numpy as np

SOURCE = r"""
typedef long long i64;
typedef unsigned long long u64;

template <class T> __device__ inline T larger(T a, T b) { return a > b || a != a ? a : b; }

// A linear thread id and a stride.
extern "C" __global__ void scale(
    const float* __restrict__ x, float* out, float factor, double shift, bool flip, i64 n
) {
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
    unsigned threads = blockDim.x * blockDim.y;
    for (unsigned i = threadIdx.y * blockDim.x + threadIdx.x; i < n; i += threads) out[n - 1 - i] = x[i] + 1;
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
               + pow(x[i], 1.5f) + hypot(x[i], 1.0f) + tanh(x[i]) + erf(x[i]) + sqrt(x[i]) + fabs(x[i])
               + (isnan(x[i]) ? 1 : 0);
}
"""


X = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
ROWS = np.random.default_rng(1).standard_normal((37, 50))


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
