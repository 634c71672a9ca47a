"""What `kcore doctor` tells of NumPy: its BLAS, which decides how fast products are, and what is wrong with it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np

from kcore.backend.checkup import Checkup, Trouble, usable_cores

OLD = "Prescott Core2 Penryn Dunnington Nehalem Sandybridge Barcelona Bobcat Atom Bulldozer Piledriver Steamroller"
KERNELS = {"X86_V2": OLD, "X86_V3": "Haswell Zen Excavator"}
"""OpenBLAS's names of CPUs whose kernels use no more than this."""

FEATURES = {"AVX512_SKX": "X86_V4", "AVX2": "X86_V3"}  # NumPy's names for them before 2.4
AS_PEOPLE_SAY = {"X86_V4": "AVX-512", "X86_V3": "AVX2"}


@attrs.frozen(kw_only=True)
class Facts:
    """What there is of NumPy.

    Arguments:
        numpy: its version.
        blas: the library for matrix products, with its version.
        kernel: the CPU that the library computes for, empty if it does not tell.
        threads: how many it runs, 0 if it does not tell.
        features: what NumPy finds that the CPU can do.
        cores: how many this process may use.
    """

    numpy: str = ""
    blas: str = ""
    kernel: str = ""
    threads: int = 0
    features: Sequence[str] = ()
    cores: int = 1

    @property
    def openblas(self) -> bool:
        """Whether the BLAS is OpenBLAS."""
        return "openblas" in self.blas.lower()


def _no_blas(facts: Facts) -> Iterator[Trouble]:
    if not facts.blas:
        yield Trouble(
            "NumPy was built without a BLAS: matrix products take some hundred times as long.",
            "pip install --force-reinstall numpy, whose wheels bring OpenBLAS.",
        )


def _kernel(facts: Facts) -> Iterator[Trouble]:
    able = {FEATURES.get(feature, feature) for feature in facts.features}
    used = next((level for level, names in KERNELS.items() if facts.kernel in names.split()), "X86_V4")
    best = max(able & AS_PEOPLE_SAY.keys(), default="")
    if facts.openblas and facts.kernel and best > used:
        right = {"X86_V4": "SkylakeX", "X86_V3": "Haswell"}[best]
        yield Trouble(
            f"{facts.blas} took this CPU for {facts.kernel}, whose kernels do without {AS_PEOPLE_SAY[best]}, which it "
            "has: products may take twice as long, or longer.",
            f"Set OPENBLAS_CORETYPE={right} before Python starts, or upgrade NumPy.",
        )


def _threads(facts: Facts) -> Iterator[Trouble]:
    if facts.threads > facts.cores:
        variable = "OPENBLAS_NUM_THREADS" if facts.openblas else "OMP_NUM_THREADS"
        yield Trouble(
            f"{facts.blas} runs {facts.threads} threads on {facts.cores} usable cores: they wait for each other.",
            f"Set {variable}={facts.cores} before Python starts.",
        )


CHECKS = (_no_blas, _kernel, _threads)


def troubles(facts: Facts) -> list[Trouble]:
    """All that is wrong, by these facts."""
    return [trouble for check in CHECKS for trouble in check(facts)]


def checkup() -> Checkup:
    """What is here and what is wrong with it."""
    facts = look()
    blas = [facts.blas or "none"]
    blas += [f"kernels for {facts.kernel}"] if facts.kernel else []
    blas += [f"{facts.threads} thread{'s' * (facts.threads > 1)}"] if facts.threads else []
    return Checkup({"NumPy": facts.numpy, "BLAS": ", ".join(blas)}, troubles(facts))


# Looking ----------------------------------------------------------------------------------------------------


def look() -> Facts:
    """The facts of this process."""
    built = np.show_config(mode="dicts")
    blas = built.get("Build Dependencies", {}).get("blas", {})
    name = f"{blas.get('name', '')} {blas.get('version', '')}".strip() if blas.get("found") else ""
    name = name.replace("scipy-openblas", "OpenBLAS")
    found = built.get("SIMD Extensions", {})
    kernel, threads = _by_threadpoolctl() or _by_openblas() or ("", 0)
    features = [*found.get("baseline", ()), *found.get("found", ())]
    return Facts(
        numpy=np.__version__, blas=name, kernel=kernel, threads=threads, features=features, cores=usable_cores()
    )


def _by_threadpoolctl() -> tuple[str, int] | None:
    """Kernel and threads of the BLAS, if the package that asks any BLAS is installed."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    pools: list[dict[str, Any]] = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    return (str(pools[0].get("architecture", "")), int(pools[0]["num_threads"])) if pools else None


def _by_openblas() -> tuple[str, int] | None:
    """Kernel and threads of the OpenBLAS that lies beside NumPy in its wheels."""
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for file in folder.glob("*openblas*"):
            library = ctypes.CDLL(str(file))  # it is loaded: this is a handle on it
            for suffix in ("64_", ""):
                name = getattr(library, f"scipy_openblas_get_corename{suffix}", None)
                threads = getattr(library, f"scipy_openblas_get_num_threads{suffix}", None)
                if name is not None and threads is not None:
                    name.restype = ctypes.c_char_p
                    return name().decode(), threads()
    return None
