"""Compiling: CUDA source, unchanged, as a C++ library behind a small header."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import standin
from .cuda.compiler import CompileException

HERE = Path(__file__).parent.parent
CACHE = Path(tempfile.gettempdir()) / f"kcore-standin-{os.getuid()}"
FLAGS = (
    "-shared", "-fPIC", "-w", "-U_FORTIFY_SOURCE", "-march=native", "-ffp-contract=off", "-fno-math-errno",
)  # fmt: skip


def library(code: str, launchers: str, options: Sequence[str]) -> ctypes.PyDLL:
    """The library of a source in the mode that is set, compiled unless that was done before.

    Raises:
        CompileException: it does not compile.
    """
    settings = standin.settings
    standard = next((o for o in options if re.fullmatch(r"--?std=c\+\+\d\d", o)), "-std=c++17").replace("--std", "-std")
    defined = [o for o in options if o.startswith("-D")]
    sanitized = ["-fsanitize=address", "-g"] if settings.sanitized else []
    flags = [
        standard,
        f"-O{settings.level}",
        f"-DMODE={standin.MODES.index(settings.mode)}",
        *FLAGS,
        *defined,
        *sanitized,
    ]
    return _built(f'#include "cuda_on_cpu.h"\n#line 1 "kernel.cu"\n{code}\n{launchers}', tuple(flags), tuple(options))


@functools.lru_cache(maxsize=4096)
def _built(text: str, flags: tuple[str, ...], options: tuple[str, ...]) -> ctypes.PyDLL:
    CACHE.mkdir(exist_ok=True)
    key = hashlib.sha256("\n".join([text, *flags, _header()]).encode()).hexdigest()[:24]
    built, source, fresh = (CACHE / f"{key}{end}" for end in (".so", f".{os.getpid()}.cpp", f".{os.getpid()}.so"))
    if not built.exists():
        source.write_text(text)
        command = ["g++", *flags, "-I", HERE, source, "-o", fresh]
        done = subprocess.run(
            command, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C", "LD_PRELOAD": ""}
        )
        if done.returncode:
            raise CompileException(done.stderr, text, source.name, options)
        source.unlink()
        fresh.replace(built)
    return ctypes.PyDLL(str(built))  # which holds the interpreter: kernels share their memory


@functools.cache
def _header() -> str:
    return (HERE / "cuda_on_cpu.h").read_text()
