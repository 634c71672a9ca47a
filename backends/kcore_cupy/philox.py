"""Random bits drawn on the device: the same as NumPy's Philox 4x64-10."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from .geometry import THREADS, blocks

SOURCE = """
typedef long long i64;
typedef unsigned long long u64;

// Bits of `read` say which of seed, step and time lie in device memory.
template <class T> __device__ inline void draw(
    u64 seed, u64 stream, u64 step, u64 call, u64 time,
    const u64* seed_at, const u64* step_at, const u64* time_at, int read, T* out, i64 n
) {
    const i64 each = 32 / sizeof(T);             // a counter gives four words of 64 bits
    if (read & 1) seed = *seed_at;
    if (read & 2) step = *step_at;
    if (read & 4) time = *time_at;
    for (i64 b = (i64)blockIdx.x * blockDim.x + threadIdx.x; b * each < n; b += (i64)gridDim.x * blockDim.x) {
        u64 c0 = b + 1, c1 = step, c2 = call, c3 = time, k0 = seed, k1 = stream;
        for (int round = 0; round < 10; round++) {
            u64 high0 = __umul64hi(c0, 0xD2E7470EE14C6C93ull), low0 = c0 * 0xD2E7470EE14C6C93ull;
            u64 high1 = __umul64hi(c2, 0xCA5A826395121157ull), low1 = c2 * 0xCA5A826395121157ull;
            c0 = high1 ^ c1 ^ k0, c1 = low1, c2 = high0 ^ c3 ^ k1, c3 = low0;
            k0 += 0x9E3779B97F4A7C15ull, k1 += 0xBB67AE8584CAA73Bull;
        }
        u64 words[4] = {c0, c1, c2, c3};
        for (int j = 0; j < each && b * each + j < n; j++) {
            int bit = 8 * sizeof(T) * j;
            out[b * each + j] = T(words[bit / 64] >> bit % 64);
        }
    }
}
"""

KERNEL = """
extern "C" __global__ void philox{bits}(
    u64 seed, u64 stream, u64 step, u64 call, u64 time,
    const u64* seed_at, const u64* step_at, const u64* time_at, int read, {kind}* out, i64 n
) {{ draw(seed, stream, step, call, time, seed_at, step_at, time_at, read, out, n); }}
"""

KINDS = {16: "unsigned short", 32: "unsigned", 64: "u64"}
MODULE = SOURCE + "".join(KERNEL.format(bits=bits, kind=kind) for bits, kind in KINDS.items())


class Draw:
    """Draws bits on the device by a counter whose numbers lie on the host or on the device.

    Args:
        cupy: the module.
    """

    def __init__(self, cupy: Any) -> None:
        self._cupy = cupy

    @functools.cached_property
    def _none(self) -> Any:
        """What stands for numbers that are not read."""
        return self._cupy.zeros((), "uint64")

    @functools.cached_property
    def _functions(self) -> dict[int, Callable[..., Any]]:
        module = self._cupy.RawModule(code=MODULE, options=("-std=c++17",))
        return {bits: module.get_function(f"philox{bits}") for bits in KINDS}

    def __call__(
        self, seed: Any, stream: int, step: Any, call: int, time: Any, shape: Any = (), out: Any = None, bits: int = 16
    ) -> Any:
        """16, 32 or 64 random bits an element: a new array of this shape, or over the contiguous `out`."""
        out = self._cupy.empty(shape, f"uint{bits}") if out is None else out
        if not out.size:
            return out
        read, values, places = 0, [], []
        for bit, number in enumerate((seed, step, time)):
            device = isinstance(number, self._cupy.ndarray)
            read |= device << bit
            values.append(np.uint64(0) if device else np.uint64(number))
            places.append(number if device else self._none)
        counter = values[0], np.uint64(stream), values[1], np.uint64(call), values[2]
        grid = (blocks(-(-out.size * bits // 256)),)
        self._functions[bits](grid, (THREADS,), (*counter, *places, np.int32(read), out, np.int64(out.size)))
        return out
