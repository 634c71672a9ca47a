"""Every kernel that programs write compiles for real GPUs, and fits on them as it is launched. No GPU is needed.

With KCORE_CUDA_COMPILE set (tox -e cuda-compile) all are compiled, else those of networks where a compiler is at hand.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.cupy.compilers import KERNEL, Compiled, compiler, kernels, merged, oldest
from tests.cupy.cubin import registers
from tests.cupy.programs import ALL, collected
from tests.cupy.recorder import Module

PARTS = ("examples", "networks", "graphs", "ops") if ALL else ("examples",)
NEWEST = 90
CAPABILITIES = (75, 80, 86, NEWEST) if ALL else (NEWEST,)
REGISTERS = 65_536  # of a multiprocessor, on every GPU since 5.0 but a few: what one block can have

found = compiler()
if not found and ALL:
    raise RuntimeError("KCORE_CUDA_COMPILE is set, but there is neither CuPy with NVRTC here nor nvcc.")
needs_compiler = pytest.mark.skipif(not found, reason="there is neither CuPy with NVRTC here nor nvcc")


def work(job: tuple[str, tuple[str, ...], int]) -> Compiled:
    """Run in a process of its own: NVRTC compiles one thing at a time."""
    here = compiler()
    assert here
    return here[1](*job)


def troubles(modules: list[Module], capability: int) -> list[str]:
    """What is wrong with them: compilers' errors, kernels that do not fit on the device, or that are not there."""
    jobs = [(module.code, module.options, capability) for module in modules]
    if len(jobs) > 3:
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
            results = list(pool.map(work, jobs))
    else:
        results = list(map(work, jobs))
    wrong = []
    for module, result in zip(modules, results, strict=True):
        if not result.cubin:
            wrong.append(result.log)
            continue
        taken = registers(result.cubin)
        wrong += [f"{name} is missing" for name in set(module.threads) - set(taken)]
        wrong += [
            f"{name} takes {taken[name]} registers a thread, and is launched with {threads} threads a block: "
            f"at most {REGISTERS // threads} fit. Write __launch_bounds__({threads}) before its name."
            for name, threads in module.threads.items()
            if threads * -(-taken.get(name, 0) // 8) * 8 > REGISTERS
        ]
    return wrong


@needs_compiler
@pytest.mark.parametrize("capability", CAPABILITIES)
@pytest.mark.parametrize("part", PARTS)
def test_every_kernel_compiles_and_fits(part, capability):
    if capability < oldest():
        pytest.skip(f"{found[0]} does not compile for {capability / 10}")
    if (part != "networks" and capability not in (75, NEWEST)) or (part == "ops" and capability != NEWEST):
        pytest.skip("their words are in the networks, and most forms in the graphs")
    modules = collected(part).modules
    assert len(modules) > 5 and all(module.threads for module in modules)
    wrong = troubles(list(merged(modules)), capability)
    assert not wrong, "\n".join(wrong)[:4000]


# the check itself ---------------------------------------------------------------------------------------------

GOOD = f"""
typedef long long i64;
template <class T> __device__ inline T larger(T a, T b) {{ return a > b || a != a ? a : b; }}
{KERNEL}relu(const float* __restrict__ a0, float* a1, i64 n) {{
    for (i64 i = (i64)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += (i64)gridDim.x * blockDim.x)
        a1[i] = larger(a0[i], 0.0f) + log1p(a0[i]) + nextafter(rint(a0[i]), 1.0f);
}}
{KERNEL}total(const double* __restrict__ a0, double* a1, unsigned* ticket) {{
    __shared__ double room[256];
    room[threadIdx.x] = a0[threadIdx.x];
    __syncthreads();
    __threadfence();
    if (threadIdx.x == 0 && atomicAdd(ticket, 1u) == gridDim.x - 1) a1[0] = room[0] + __umul64hi(1, 2);
}}
"""
GREEDY = f"""
{KERNEL}greedy(const double* a, double* b) {{
    double v[100];
    #pragma unroll
    for (int i = 0; i < 100; i++) v[i] = a[i];
    __syncthreads();
    #pragma unroll
    for (int i = 0; i < 100; i++) b[i] = v[i] * v[99 - i];
}}
"""
OPTIONS = ("-std=c++17",)


@needs_compiler
def test_a_sound_kernel_passes():
    assert kernels(GOOD) == ["relu", "total"]
    twice = [Module(GOOD, OPTIONS, {"relu": 1024, "total": 256}) for _ in range(2)]
    (module,) = merged(twice)
    assert kernels(module.code) == list(module.threads) == ["m0_relu", "m0_total", "m1_relu", "m1_total"]
    assert troubles([module], NEWEST) == []


@needs_compiler
@pytest.mark.parametrize(
    "before, after, told",
    [
        ("larger(a0", "lagrer(a0", 'identifier "lagrer" is undefined'),
        ("a1[i] =", "a1[j] =", 'identifier "j" is undefined'),
        ("__restrict__ a0, float*", "__restrict__ a0, const float*", "must be a modifiable lvalue"),
        ("typedef long long i64;", "", 'identifier "i64" is undefined'),
        ("__umul64hi(1, 2)", "__umul64hi(1)", "too few arguments"),
    ],
)
def test_planted_faults_are_found(before, after, told):
    planted = GOOD.replace(before, after)
    assert planted != GOOD
    (wrong,) = troubles([Module(planted, OPTIONS, {})], NEWEST)
    assert told in wrong


@needs_compiler
def test_a_kernel_that_takes_too_many_registers_is_found():
    assert troubles([Module(GREEDY, OPTIONS, {"greedy": 128})], NEWEST) == []
    (wrong,) = troubles([Module(GREEDY, OPTIONS, {"greedy": 1024})], NEWEST)
    assert "greedy takes" in wrong and "at most 64 fit. Write __launch_bounds__(1024) before its name." in wrong
    bounded = GREEDY.replace("greedy(", "__launch_bounds__(1024) greedy(")
    assert kernels(bounded) == ["greedy"] and troubles([Module(bounded, OPTIONS, {"greedy": 1024})], NEWEST) == []


@needs_compiler
def test_a_kernel_that_is_missing_is_found():
    assert troubles([Module(GOOD, OPTIONS, {"other": 32})], NEWEST) == ["other is missing"]
