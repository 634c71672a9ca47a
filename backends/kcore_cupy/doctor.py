"""What `kcore doctor` tells of CuPy: facts that are looked up, and for each usual trouble a function of them."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from kcore.backend.checkup import Checkup, Trouble

from .memory import Memory, memory_of

OLDEST = {12: 50, 13: 75}  # by CUDA version, the oldest compute capability that its compiler still knows, times ten
WATCHED = ("CUDA_VISIBLE_DEVICES", "CUDA_PATH", "CUDA_LAUNCH_BLOCKING", "CUPY_TF32", "CUPY_CACHE_IN_MEMORY")


@attrs.frozen(kw_only=True)
class Facts:
    """What there is of CUDA and CuPy. Versions are CUDA's numbers, 12040 for 12.4, and 0 for none.

    Arguments:
        wheels: the installed packages that bring CuPy, with their versions.
        import_error: why CuPy cannot be imported.
        driver: the newest CUDA that the driver runs.
        built: the CUDA that CuPy was built with.
        nvrtc: the CUDA of the compiler that CuPy found.
        missing: for each part of the toolkit that CuPy does not find why, empty if it is just not there.
        no_devices: why GPUs cannot be counted.
        devices: the names of GPUs, with compute capabilities times ten.
        memory: that of the current device.
        cache: the folder of compiled kernels, None if none can be written to.
        compiled: how many kernels are in it.
        variables: those of CUDA and CuPy that are set.
    """

    wheels: Mapping[str, str] = attrs.field(factory=dict)
    import_error: str = ""
    driver: int = 0
    built: int = 0
    nvrtc: int = 0
    missing: Mapping[str, str] = attrs.field(factory=dict)
    no_devices: str = ""
    devices: Sequence[tuple[str, int]] = ()
    memory: Memory | None = None
    cache: Path | None = None
    compiled: int = 0
    variables: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def extra(self) -> str:
        """The extra of kcore for this driver and these GPUs."""
        old = any(capability < OLDEST[13] for _, capability in self.devices)
        return "cuda12" if old or 0 < self.driver < 13000 else "cuda13"


def _wheels(facts: Facts) -> Iterator[Trouble]:
    if len(facts.wheels) > 1:
        listed = " and ".join(f"{name} {version}" for name, version in sorted(facts.wheels.items()))
        yield Trouble(
            f"Several packages bring CuPy: {listed}. They write over each other's files, and neither is whole.",
            f'pip uninstall -y {" ".join(sorted(facts.wheels))}, then pip install "kcore[{facts.extra}]".',
            broken=True,
        )


def _import(facts: Facts) -> Iterator[Trouble]:
    if not facts.wheels and not facts.built:
        yield Trouble("CuPy is not installed.", f'pip install "kcore[{facts.extra}]".', broken=True)
    elif facts.import_error:
        cure = f'pip install --force-reinstall "kcore[{facts.extra}]" in a fresh environment.'
        yield Trouble(f"import cupy fails: {facts.import_error}", cure, broken=True)


def _driver(facts: Facts) -> Iterator[Trouble]:
    if not facts.driver:
        yield Trouble(
            "There is no CUDA driver, or this process does not see it.",
            "See whether nvidia-smi runs. If not, install NVIDIA's driver; in a container, start it with --gpus all; "
            "on a cluster, ask for a node with a GPU.",
            broken=True,
        )
    elif facts.built and facts.driver // 1000 < facts.built // 1000:
        wheel = ", ".join(facts.wheels) or "CuPy"
        yield Trouble(
            f"{wheel} is for CUDA {_dotted(facts.built)}, but the driver runs CUDA {_dotted(facts.driver)} at most.",
            f'pip uninstall -y {wheel}, then pip install "kcore[{facts.extra}]"; or install a newer driver '
            "(580 or newer for CUDA 13).",
            broken=True,
        )


def _devices(facts: Facts) -> Iterator[Trouble]:
    hidden = facts.variables.get("CUDA_VISIBLE_DEVICES")
    if facts.driver and facts.built and not facts.devices and not any(_driver(facts)):
        cause = f" ({facts.no_devices})" if facts.no_devices else ""
        set_to = f" CUDA_VISIBLE_DEVICES is {hidden!r}, which may hide it." if hidden is not None else ""
        yield Trouble(
            f"The driver sees no GPU{cause}.{set_to}",
            "See what nvidia-smi -L lists. Unset CUDA_VISIBLE_DEVICES, or set it to a number from there; in a "
            "container, start it with --gpus all.",
            broken=True,
        )
    for name, capability in facts.devices[:1]:
        oldest = OLDEST.get((facts.nvrtc or facts.built) // 1000, 0)
        if capability < oldest:
            yield Trouble(
                f"{name} has compute capability {capability / 10}, and CUDA {_dotted(facts.nvrtc or facts.built)} "
                f"compiles for {oldest / 10} or newer.",
                f'pip uninstall -y {" ".join(facts.wheels)}, then pip install "kcore[cuda12]".',
                broken=True,
            )


def _toolkit(facts: Facts) -> Iterator[Trouble]:
    wheel = next(iter(facts.wheels), "cupy-cuda13x")
    if facts.missing:
        parts = ", nor ".join(part + f" ({error})" * bool(error) for part, error in facts.missing.items())
        yield Trouble(
            f"CuPy does not find {parts}. {wheel} brings no CUDA libraries of its own.",
            f'pip install "{wheel}[ctk]", or set CUDA_PATH to a toolkit of CUDA {facts.built // 1000 or 13}.',
            broken=True,
        )
    if facts.nvrtc and facts.nvrtc // 1000 != facts.built // 1000:
        yield Trouble(
            f"{wheel} is for CUDA {_dotted(facts.built)}, but the compiler that it found is of {_dotted(facts.nvrtc)}.",
            f'pip install "{wheel}[ctk]", and take other toolkits out of CUDA_PATH and LD_LIBRARY_PATH.',
            broken=True,
        )


def _memory(facts: Facts) -> Iterator[Trouble]:
    memory = facts.memory
    if memory is None or memory.free > memory.total / 10:
        return
    told = f"The GPU's memory is nearly full: {memory}."
    if memory.held - memory.used > memory.total / 10:
        yield Trouble(told, "cupy.get_default_memory_pool().free_all_blocks() gives back what the pool does not use.")
    else:
        yield Trouble(told, "nvidia-smi lists the processes that hold it, such as a notebook left open: end yours.")


def _first_calls(facts: Facts) -> Iterator[Trouble]:
    if facts.built and facts.cache is None:
        yield Trouble(
            "The folder of compiled kernels cannot be written to, so that every process compiles them anew.",
            "Set CUPY_CACHE_DIR to a folder of yours.",
        )
    if facts.variables.get("CUPY_CACHE_IN_MEMORY", "0") not in ("", "0"):
        yield Trouble(
            "CUPY_CACHE_IN_MEMORY is set: no compiled kernel is kept, and the first calls of every process are slow.",
            "Unset it.",
        )


def _variables(facts: Facts) -> Iterator[Trouble]:
    if facts.variables.get("CUDA_LAUNCH_BLOCKING", "0") not in ("", "0"):
        yield Trouble("CUDA_LAUNCH_BLOCKING is set: the host waits for each kernel, which is slow.", "Unset it.")
    if facts.variables.get("CUPY_TF32", "0") not in ("", "0"):
        yield Trouble(
            "CUPY_TF32 is set: products of float32 keep ten bits, and differ from other backends by a thousandth.",
            "Unset it where results are compared.",
        )


CHECKS: tuple[Callable[[Facts], Iterator[Trouble]], ...] = (
    _wheels, _import, _driver, _devices, _toolkit, _memory, _first_calls, _variables,
)  # fmt: skip


def troubles(facts: Facts) -> list[Trouble]:
    """All that is wrong, by these facts."""
    return [trouble for check in CHECKS for trouble in check(facts)]


def why_not() -> str | None:
    """None if CuPy finds a GPU; else the first thing that keeps it from one, and the cure."""
    try:
        import cupy

        if cupy.cuda.is_available():
            return None
    except Exception:
        pass
    reasons = (f"{trouble.what} {trouble.cure}" for trouble in troubles(look()) if trouble.broken)
    return next(reasons, "CuPy finds no CUDA GPU; see what nvidia-smi -L lists.")


def checkup() -> Checkup:
    """What is here and what is wrong with it. It imports CuPy."""
    facts = look()
    told = {
        "driver": f"up to CUDA {_dotted(facts.driver)}" if facts.driver else "none",
        "CuPy": ", ".join(f"{name} {version}" for name, version in facts.wheels.items()),
        "built for": f"CUDA {_dotted(facts.built)}" if facts.built else "",
        "compiler": f"NVRTC of CUDA {_dotted(facts.nvrtc)}" if facts.nvrtc else "",
        "GPU": ", ".join(f"{name} (compute capability {cc / 10})" for name, cc in facts.devices),
        "memory": str(facts.memory or ""),
        "kernels": f"{facts.compiled} compiled in {facts.cache}; others take a second when first called"
        if facts.cache
        else "",
    }
    return Checkup({k: v for k, v in (told | dict(facts.variables)).items() if v}, troubles(facts))


# Looking ----------------------------------------------------------------------------------------------------


def look() -> Facts:
    """The facts of this machine and process."""
    known: dict[str, Any] = {"wheels": _installed(), "driver": _driver_version()}
    known["variables"] = {name: os.environ[name] for name in WATCHED if name in os.environ}
    if importlib.util.find_spec("cupy") is None:
        return Facts(**known)
    try:
        import cupy
    except Exception as error:
        return Facts(**known, import_error=_line(error))
    known["built"] = cupy.cuda.driver.get_build_version()
    known["cache"], known["compiled"] = _cache()
    known |= _parts(cupy)
    try:
        known["devices"] = [_device(cupy, i) for i in range(cupy.cuda.runtime.getDeviceCount())]
        known["memory"] = memory_of(cupy) if known["devices"] else None
    except Exception as error:
        known["no_devices"] = _line(error)
    return Facts(**known)


def _installed() -> dict[str, str]:
    """The installed packages that bring CuPy."""
    found = {d.name.lower(): d.version for d in importlib.metadata.distributions() if d.name}
    return {name: version for name, version in found.items() if re.fullmatch(r"cupy(-(cuda|rocm)[-\w]*)?", name)}


def _driver_version() -> int:
    """What the driver says, without CuPy: 0 if there is none."""
    version = ctypes.c_int()
    try:
        library = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        return version.value if library.cuDriverGetVersion(ctypes.byref(version)) == 0 else 0
    except (OSError, AttributeError):
        return 0


def _device(cupy: Any, number: int) -> tuple[str, int]:
    name = cupy.cuda.runtime.getDeviceProperties(number)["name"]
    return name.decode() if isinstance(name, bytes) else str(name), int(cupy.cuda.Device(number).compute_capability)


def _parts(cupy: Any) -> dict[str, Any]:
    """The version of the compiler, and what is missing of the toolkit."""
    missing: dict[str, str] = {}
    nvrtc = 0
    try:
        major, minor = cupy.cuda.nvrtc.getVersion()
        nvrtc = 1000 * major + 10 * minor
    except Exception as error:
        missing["the compiler NVRTC"] = _line(error)
    try:
        cupy.cuda.cublas.getVersion  # noqa: B018 - looking it up loads the library
    except Exception as error:
        missing["cuBLAS, which computes matrix products"] = _line(error)
    try:
        from cuda import pathfinder

        if pathfinder.find_nvidia_header_directory("cudart") is None:
            missing["CUDA's headers"] = ""
    except ImportError:  # CuPy finds them in another way
        pass
    return {"nvrtc": nvrtc, "missing": missing}


def _cache() -> tuple[Path | None, int]:
    """Where compiled kernels are kept, and how many; None if they cannot be."""
    folder = Path(os.environ.get("CUPY_CACHE_DIR") or Path.home() / ".cupy" / "kernel_cache")
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not os.access(there, os.W_OK):
        return None, 0
    return folder, sum(1 for _ in folder.glob("*.cubin")) if folder.is_dir() else 0


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


def _line(error: Exception) -> str:
    """An error in one line; empty for a library that is not there."""
    text = str(error).strip().partition("\n")[0]
    if text.startswith("Failure finding"):  # it goes on with names of files
        return ""
    return f"{type(error).__name__}: {text[:200]}".rstrip(": ")
