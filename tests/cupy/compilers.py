"""CUDA's compilers without a GPU: NVRTC as CuPy finds it, else nvcc."""

from __future__ import annotations

import contextlib
import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import attrs

from tests.cupy.recorder import Module

TOGETHER = 40  # modules that are compiled at once
KERNEL = 'extern "C" __global__ void '
HEAD = rf"({KERNEL}(?:__launch_bounds__\(\d+\) )?)(\w+)(?=\()"


@attrs.frozen
class Compiled:
    """What a compiler made.

    Attributes:
        cubin: the machine code, empty if it failed.
        log: what it said.
    """

    cubin: bytes
    log: str


Compiler = Callable[[str, tuple[str, ...], int], Compiled]
"""Takes code, options and ten times the compute capability."""


def compiler() -> tuple[str, Compiler] | None:
    """The one that is here, with its name; None if there is none."""
    with contextlib.suppress(Exception):
        from cupy._core import core  # noqa: F401 - which a stand-in lacks
        from cupy.cuda import nvrtc

        return "NVRTC {}.{}".format(*nvrtc.getVersion()), by_nvrtc
    return ("nvcc", by_nvcc) if shutil.which("nvcc") else None


def by_nvrtc(code: str, options: tuple[str, ...], capability: int) -> Compiled:
    """Compile as CuPy's RawModule does, but for a device that need not be here."""
    from cupy._core import core
    from cupy.cuda import nvrtc

    given = (*core.assemble_cupy_compiler_options(options), "--device-as-default-execution-space")
    program = nvrtc.createProgram(code, "kernels.cu", (), ())
    try:
        nvrtc.compileProgram(program, (*given, f"-arch=sm_{capability}"))
        return Compiled(nvrtc.getCUBIN(program), nvrtc.getProgramLog(program))
    except nvrtc.NVRTCError:
        return Compiled(b"", nvrtc.getProgramLog(program))
    finally:
        nvrtc.destroyProgram(program)


def by_nvcc(code: str, options: tuple[str, ...], capability: int) -> Compiled:
    """Compile a file."""
    with tempfile.TemporaryDirectory() as folder:
        source, cubin = Path(folder, "kernels.cu"), Path(folder, "kernels.cubin")
        source.write_text(code, "utf-8")
        command = ["nvcc", *options, "-cubin", f"-arch=sm_{capability}", "-o", str(cubin), str(source)]
        done = subprocess.run(command, capture_output=True, text=True)
        return Compiled(cubin.read_bytes() if done.returncode == 0 else b"", done.stderr)


def merged(modules: Iterable[Module]) -> Iterator[Module]:
    """The same kernels in fewer modules, each old one in a namespace of its own: most time goes to starting."""
    by_options: dict[tuple[str, ...], list[Module]] = {}
    for module in modules:
        by_options.setdefault(module.options, []).append(module)
    for options, alike in by_options.items():
        for first in range(0, len(alike), TOGETHER):
            some = alike[first : first + TOGETHER]
            code = "".join(f"namespace m{i} {{\n{_renamed(m.code, f'm{i}_')}\n}}\n" for i, m in enumerate(some))
            threads = {f"m{i}_{name}": count for i, m in enumerate(some) for name, count in m.threads.items()}
            yield Module(code, options, threads)


def _renamed(code: str, prefix: str) -> str:
    return re.sub(HEAD, rf"\1{prefix}\2", code)


def kernels(code: str) -> list[str]:
    """The names of those in a source."""
    return [name for _, name in re.findall(HEAD, code)]


@functools.cache
def oldest() -> int:
    """Ten times the lowest compute capability that the compiler here knows."""
    found = compiler()
    assert found
    known = (c for c in (50, 60, 70, 75) if found[1](f"{KERNEL}nothing() {{}}", (), c).cubin)
    return next(known, 80)
