"""The usual troubles with CUDA and CuPy: each is named with its cause and its cure, and nothing else is."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from types import SimpleNamespace

import attrs
import pytest

from kcore_cupy.backend import CupyBackend
from kcore_cupy.doctor import troubles
from kcore_cupy.facts import Facts, look
from kcore_cupy.memory import Memory

GIB = 2**30
SOUND = Facts(
    wheels={"cupy-cuda13x": "14.2.0"},
    driver=13000,
    built=13020,
    nvrtc=13000,
    devices=[("NVIDIA H100", 90)],
    memory=Memory(free=70 * GIB, total=80 * GIB),
    cache=Path("/home/me/.cupy/kernel_cache"),
)
BARE = attrs.evolve(SOUND, devices=(), memory=None)

TROUBLES = {
    "CuPy is not installed, and the driver is old": (
        Facts(driver=12040),
        "CuPy is not installed.",
        'pip install "kcore[cuda12]".',
    ),
    "two wheels": (
        attrs.evolve(SOUND, wheels={"cupy-cuda13x": "14.2.0", "cupy-cuda12x": "14.0.1"}),
        "Several packages bring CuPy: cupy-cuda12x 14.0.1 and cupy-cuda13x 14.2.0.",
        'pip uninstall -y cupy-cuda12x cupy-cuda13x, then pip install "kcore[cuda13]".',
    ),
    "an import that fails": (
        Facts(wheels={"cupy-cuda13x": "14.2.0"}, driver=13000, import_error="ImportError: libcudart.so.13"),
        "import cupy fails: ImportError: libcudart.so.13",
        'pip install --force-reinstall "kcore[cuda13]"',
    ),
    "no driver": (attrs.evolve(BARE, driver=0), "There is no CUDA driver", "See whether nvidia-smi runs."),
    "an old driver": (
        attrs.evolve(BARE, driver=12040, no_devices="cudaErrorInsufficientDriver"),
        "cupy-cuda13x is for CUDA 13.2, but the driver runs CUDA 12.4 at most.",
        'pip uninstall -y cupy-cuda13x, then pip install "kcore[cuda12]"; or install a newer driver (580',
    ),
    "no GPU": (
        attrs.evolve(BARE, no_devices="CUDARuntimeError: no CUDA-capable device is detected"),
        "The driver sees no GPU (CUDARuntimeError: no CUDA-capable device is detected).",
        "See what nvidia-smi -L lists.",
    ),
    "a GPU that is hidden": (
        attrs.evolve(BARE, variables={"CUDA_VISIBLE_DEVICES": "-1"}),
        "The driver sees no GPU. CUDA_VISIBLE_DEVICES is '-1', which may hide it.",
        "Unset CUDA_VISIBLE_DEVICES",
    ),
    "a GPU too old for the toolkit": (
        attrs.evolve(SOUND, devices=[("Tesla V100", 70)]),
        "Tesla V100 has compute capability 7.0, and CUDA 13.0 compiles for 7.5 or newer.",
        'then pip install "kcore[cuda12]".',
    ),
    "no toolkit": (
        attrs.evolve(SOUND, nvrtc=0, missing={"the compiler NVRTC": "", "CUDA's headers": ""}),
        "CuPy does not find the compiler NVRTC, nor CUDA's headers. cupy-cuda13x brings no CUDA libraries of its own.",
        'pip install "cupy-cuda13x[ctk]", or set CUDA_PATH to a toolkit of CUDA 13.',
    ),
    "another toolkit": (
        attrs.evolve(SOUND, nvrtc=12040),
        "cupy-cuda13x is for CUDA 13.2, but the compiler that it found is of 12.4.",
        "take other toolkits out of CUDA_PATH",
    ),
    "memory that others hold": (
        attrs.evolve(SOUND, memory=Memory(free=2 * GIB, total=80 * GIB, held=GIB, used=GIB)),
        "nearly full: 2.0 GiB of 80.0 GiB are free, CuPy's pool holds 1.0 GiB, 1.0 GiB of it in use.",
        "nvidia-smi lists the processes that hold it",
    ),
    "memory that the pool holds": (
        attrs.evolve(SOUND, memory=Memory(free=2 * GIB, total=80 * GIB, held=70 * GIB, used=3 * GIB, limit=75 * GIB)),
        "CuPy's pool holds 70.0 GiB, 3.0 GiB of it in use, and is limited to 75.0 GiB.",
        "cupy.get_default_memory_pool().free_all_blocks()",
    ),
    "a folder of kernels that cannot be written": (
        attrs.evolve(SOUND, cache=None),
        "every process compiles them anew.",
        "Set CUPY_CACHE_DIR to a folder of yours.",
    ),
    "kernels kept in memory": (
        attrs.evolve(SOUND, variables={"CUPY_CACHE_IN_MEMORY": "1"}),
        "CUPY_CACHE_IN_MEMORY is set: no compiled kernel is kept",
        "Unset it.",
    ),
    "launches that block": (
        attrs.evolve(SOUND, variables={"CUDA_LAUNCH_BLOCKING": "1"}),
        "the host waits for each kernel",
        "Unset it.",
    ),
    "TF32": (
        attrs.evolve(SOUND, variables={"CUPY_TF32": "1"}),
        "products of float32 keep ten bits",
        "Unset it where results are compared.",
    ),
}
SLOW = {name for name in TROUBLES if name.startswith(("memory", "a folder", "kernels", "launches", "TF32"))}


def test_where_all_is_well_nothing_is_said():
    assert troubles(SOUND) == []
    assert troubles(attrs.evolve(SOUND, variables={"CUPY_TF32": "0", "CUDA_VISIBLE_DEVICES": "0"})) == []
    assert troubles(attrs.evolve(SOUND, driver=13010, nvrtc=13050)) == [], "minor versions go together"
    assert troubles(attrs.evolve(SOUND, driver=0)) == [], "there must be one"
    old = attrs.evolve(SOUND, wheels={"cupy-cuda12x": "14.2.0"}, built=12090, nvrtc=12090, driver=12020)
    assert troubles(attrs.evolve(old, devices=[("Tesla V100", 70)])) == []


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_named_with_its_cure(name):
    facts, what, cure = TROUBLES[name]
    (found,) = troubles(facts)
    assert what in found.what and cure in found.cure
    assert found.broken is (name not in SLOW)


def test_several_at_once_are_all_named():
    worst = attrs.evolve(
        BARE, driver=0, missing={"cuBLAS": ""}, wheels={"cupy": "14", "cupy-cuda12x": "14"}, cache=None
    )
    assert [t.what.split()[0] for t in troubles(worst)] == ["Several", "There", "CuPy", "The"]


# what is looked up -------------------------------------------------------------------------------------------


class Error(RuntimeError):
    pass


def raises(text):
    def function(*_):
        raise Error(text)

    return function


def fake(**runtime):
    """A CuPy as far as the doctor looks at it."""
    pool = SimpleNamespace(total_bytes=lambda: 3 * GIB, used_bytes=lambda: GIB, get_limit=lambda: 0)
    functions = {
        "getDeviceCount": lambda: 1,
        "getDeviceProperties": lambda i: {"name": b"NVIDIA H100"},
        "memGetInfo": lambda: (70 * GIB, 80 * GIB),
    }
    cuda = SimpleNamespace(
        runtime=SimpleNamespace(**functions | runtime),
        driver=SimpleNamespace(get_build_version=lambda: 13020),
        nvrtc=SimpleNamespace(getVersion=lambda: (13, 1)),
        cublas=SimpleNamespace(getVersion=None),
        Device=lambda i: SimpleNamespace(compute_capability="90", id=i),
        is_available=lambda: functions | runtime == functions,
    )
    return SimpleNamespace(cuda=cuda, get_default_memory_pool=lambda: pool, __spec__=SimpleNamespace())


@pytest.fixture
def world(monkeypatch, tmp_path):
    """A machine with two wheels and the driver of CUDA 13.0; `world(cupy)` installs one."""
    named = [SimpleNamespace(name=n, version="14.2.0") for n in ("CuPy-CUDA13x", "cupy-cuda12x", "cupyx-tools", None)]
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: named)
    monkeypatch.setattr("kcore_cupy.facts._driver_version", lambda: 13000)
    monkeypatch.setenv("CUPY_CACHE_DIR", str(tmp_path / "kernels"))
    return lambda cupy: monkeypatch.setitem(sys.modules, "cupy", cupy)


def test_looking_at_a_sound_machine(world, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "cuda", SimpleNamespace(pathfinder=SimpleNamespace(
        find_nvidia_header_directory=lambda part: "/usr/include")))  # fmt: skip
    for variable in ("CUDA_VISIBLE_DEVICES", "CUDA_PATH", "CUDA_LAUNCH_BLOCKING", "CUPY_TF32"):
        monkeypatch.delenv(variable, raising=False)
    world(fake())
    assert look() == Facts(
        wheels={"cupy-cuda13x": "14.2.0", "cupy-cuda12x": "14.2.0"},
        driver=13000,
        built=13020,
        nvrtc=13010,
        devices=[("NVIDIA H100", 90)],
        memory=Memory(70 * GIB, 80 * GIB, 3 * GIB, GIB, 0),
        cache=tmp_path / "kernels",
    )
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels" / "1.cubin").touch()
    assert look().compiled == 1 and CupyBackend.probe() is None
    assert CupyBackend.checkup().facts["GPU"] == "NVIDIA H100 (compute capability 9.0)"


def test_looking_never_fails(world, monkeypatch):
    broken = fake(getDeviceCount=raises("no CUDA-capable device\nand more"))
    broken.cuda.nvrtc.getVersion = raises("Failure finding libnvrtc.so.13")
    del broken.cuda.cublas
    world(broken)
    facts = look()
    assert facts.no_devices == "Error: no CUDA-capable device"
    assert facts.missing["the compiler NVRTC"] == ""
    assert facts.missing["cuBLAS, which computes matrix products"].startswith("AttributeError: ")
    assert CupyBackend.probe().startswith("Several packages bring CuPy: cupy-cuda12x 14.2.0 and cupy-cuda13x 14.2.0.")
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert not look().built


def test_a_driver_is_asked_without_cupy(monkeypatch):
    from kcore_cupy import facts

    class Driver:
        def cuDriverGetVersion(self, into):  # noqa: N802 - CUDA's name
            into._obj.value = 12040
            return 0

    monkeypatch.setattr("ctypes.CDLL", lambda name: Driver())
    assert facts._driver_version() == 12040
    monkeypatch.setattr("ctypes.CDLL", raises_os_error)
    assert facts._driver_version() == 0


def raises_os_error(name):
    raise OSError(name)
