"""What there is of CUDA and CuPy on this machine and in this process."""

from __future__ import annotations

import ctypes
import importlib.metadata
import importlib.util
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

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


def dotted(version: int) -> str:
    """CUDA's number of a version as people write it."""
    return f"{version // 1000}.{version % 1000 // 10}"


def look() -> Facts:
    """The facts of this machine and process."""
    known: dict[str, Any] = {"wheels": _installed(), "driver": _driver_version()}
    known["variables"] = {name: os.environ[name] for name in WATCHED if name in os.environ}
    if importlib.util.find_spec("cupy") is None:
        return Facts(**known)
    try:
        import cupy
    except Exception as error:  # a broken CuPy raises anything at all
        return Facts(**known, import_error=_line(error))
    known["built"] = cupy.cuda.driver.get_build_version()
    known["cache"], known["compiled"] = _cache()
    known |= _parts(cupy)
    try:
        known["devices"] = [_device(cupy, i) for i in range(cupy.cuda.runtime.getDeviceCount())]
        known["memory"] = memory_of(cupy) if known["devices"] else None
    except Exception as error:  # CUDA's errors and the loader's
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
    except Exception as error:  # of the loader, or of CUDA
        missing["the compiler NVRTC"] = _line(error)
    try:
        cupy.cuda.cublas.getVersion  # noqa: B018 - looking it up loads the library
    except Exception as error:  # of the loader, or of CUDA
        missing["cuBLAS, which computes matrix products"] = _line(error)
    try:
        from cuda import pathfinder

        if pathfinder.find_nvidia_header_directory("cudart") is None:
            missing["CUDA's headers"] = ""
    except (ImportError, AttributeError):  # another CuPy finds them in another way
        pass
    return {"nvrtc": nvrtc, "missing": missing}


def _cache() -> tuple[Path | None, int]:
    """Where compiled kernels are kept, and how many; None if they cannot be."""
    folder = Path(os.environ.get("CUPY_CACHE_DIR") or Path.home() / ".cupy" / "kernel_cache")
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not os.access(there, os.W_OK):
        return None, 0
    return folder, sum(1 for _ in folder.glob("*.cubin")) if folder.is_dir() else 0


def _line(error: Exception) -> str:
    """An error in one line; empty for a library that is not there."""
    text = str(error).strip().partition("\n")[0]
    if text.startswith("Failure finding"):  # it goes on with names of files
        return ""
    return f"{type(error).__name__}: {text[:200]}".rstrip(": ")
