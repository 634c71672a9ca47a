"""What the doctor says of NumPy's BLAS: an OpenBLAS that took the CPU for another, threads that are too many."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import attrs
import numpy as np
import pytest

from kcore.backend.checkup import usable_cores
from kcore_numpy.backend import NumpyBackend
from kcore_numpy.doctor import Facts, look, troubles

SOUND = Facts(
    numpy="2.4.6",
    blas="OpenBLAS 0.3.31",
    kernel="SkylakeX",
    threads=8,
    features=["X86_V2", "X86_V3", "X86_V4"],
    cores=8,
)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"kernel": "Cooperlake"},
        {"kernel": "Zen", "features": ["X86_V2", "X86_V3"]},
        {"kernel": "Haswell", "features": ["SSE", "AVX2"]},
        {"kernel": "Nehalem", "features": ["X86_V2"]},
        {"kernel": "neoversen1", "features": ["NEON", "ASIMD"]},
        {"kernel": "", "threads": 0},
        {"blas": "mkl 2025.0", "kernel": "Haswell"},
    ],
)
def test_where_all_is_well_nothing_is_said(changes):
    assert troubles(attrs.evolve(SOUND, **changes)) == []


@pytest.mark.parametrize(
    "changes, what, cure",
    [
        (
            {"kernel": "Prescott"},
            "OpenBLAS 0.3.31 took this CPU for Prescott, whose kernels do without AVX-512, which it has",
            "Set OPENBLAS_CORETYPE=SkylakeX before Python starts",
        ),
        ({"kernel": "Zen", "features": ["AVX2", "AVX512_SKX"]}, "took this CPU for Zen", "OPENBLAS_CORETYPE=SkylakeX"),
        (
            {"kernel": "Nehalem", "features": ["X86_V3"]},
            "took this CPU for Nehalem, whose kernels do without AVX2",
            "OPENBLAS_CORETYPE=Haswell",
        ),
        ({"cores": 2}, "OpenBLAS 0.3.31 runs 8 threads on 2 usable cores", "Set OPENBLAS_NUM_THREADS=2"),
        ({"cores": 2, "blas": "mkl 2025.0"}, "mkl 2025.0 runs 8 threads", "Set OMP_NUM_THREADS=2"),
        ({"blas": "", "kernel": "", "threads": 0}, "without a BLAS", "pip install --force-reinstall numpy"),
    ],
)
def test_a_trouble_is_named_with_its_cure(changes, what, cure):
    (found,) = troubles(attrs.evolve(SOUND, **changes))
    assert what in found.what and cure in found.cure and not found.broken


def test_looking_at_this_numpy():
    facts = look()
    assert facts.numpy == np.__version__ and facts.blas and facts.features and facts.cores >= 1
    told = NumpyBackend.checkup().facts
    assert told["NumPy"] == np.__version__ and facts.blas in told["BLAS"]


def test_threadpoolctl_is_asked_first(monkeypatch):
    pools = [
        {"user_api": "openmp", "num_threads": 64},
        {"user_api": "blas", "num_threads": 3, "architecture": "Zen"},
    ]
    monkeypatch.setitem(sys.modules, "threadpoolctl", SimpleNamespace(threadpool_info=lambda: pools))
    assert (look().kernel, look().threads) == ("Zen", 3)


@pytest.mark.parametrize("text, wanted", [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None), ("", None)])
def test_a_container_s_quota_counts(tmp_path, text, wanted):
    quota = tmp_path / "cpu.max"
    quota.write_text(text)
    here = usable_cores(tmp_path / "none")
    assert usable_cores(quota) == (wanted or here)
