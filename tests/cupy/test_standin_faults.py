"""Faults that are planted in CUDA source show on the stand-in: fibers see missing barriers, a sanitizer overruns."""

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

from tests.cupy.samples import ROWS, SOURCE, X, all_right, chained, rows_largest, scaled, totals  # noqa: E402
from tests.cupy.sanitizer import environment  # noqa: E402


@pytest.fixture(scope="module")
def kernels():
    return cupy.RawModule(code=SOURCE, options=("-std=c++17", "--fmad=false"))


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


def odd_rows_largest(kernels):
    return rows_largest(kernels, block=(13, 3))


SUM = [X.sum(dtype=np.float64)] * 3
FAULTS = {
    "no barrier before the tree": (r"(room\[slot\] = most;)\n\s+__syncthreads\(\);", r"\1", rows_largest, ROWS.max(1)),
    "no barrier within the tree": (r"(width = half;)\n\s+__syncthreads\(\);", r"\1", rows_largest, ROWS.max(1)),
    "no barrier between phases": (r"(phase\(x, y, n\);)\n\s+__syncthreads\(\);", r"\1", chained, X + 2),
    "no barrier after the parts": (r"(room\[me\] = sum;)\n\s+__syncthreads\(\);", r"\1", totals, SUM),
    "the slot of another": (r"room\[slot \+ half\]", "room[slot + half - 1]", rows_largest, ROWS.max(1)),
    "slots that rows share": (r"(slot =) threadIdx.y \* blockDim.x \+", r"\1", rows_largest, ROWS.max(1)),
    "a tree for powers of two": (r"\(width \+ 1\) / 2", "width / 2", odd_rows_largest, ROWS.max(1)),
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
            r"row_largest: some threads of a block wait at the barrier of line \d+, others at another: .*__syncthreads",
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


# Beyond the end, and too early -------------------------------------------------------------------------------

OVERRUN = """
import cupy, numpy as np, sys
code = 'extern "C" __global__ void fill(float* x, int n) {'
code += ' for (int i = threadIdx.x; i <BOUND n; i += blockDim.x) x[i] = i; __syncthreads(); }'
x = cupy.zeros(1000, cupy.float32)
cupy.RawKernel(code.replace("BOUND", sys.argv[1]), "fill")((2,), (32,), (x, np.int32(1000)))
assert x.get().tolist() == list(range(1000))
print("written")
"""


@pytest.mark.parametrize("mode", standin.MODES)
@pytest.mark.parametrize("bound", ["", "="])
def test_address_sanitizer_sees_who_writes_beyond_the_end(mode, bound):
    added = environment(f"mode={mode} order=drawn")
    done = subprocess.run(
        [sys.executable, "-c", OVERRUN, bound], env=os.environ | added, capture_output=True, text=True
    )
    if bound:
        assert done.returncode != 0
        assert "heap-buffer-overflow" in done.stderr
        assert re.search(r" in fill \S*kernel.cu:1", done.stderr)
    else:
        assert (done.returncode, done.stdout) == (0, "written\n"), done.stderr
