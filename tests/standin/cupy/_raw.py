"""Kernels in CUDA source: compiled for the CPU, their arguments checked against their signatures."""

from __future__ import annotations

import ctypes
import re
from typing import Any

import numpy as np

from . import _compile, standin
from ._array import ndarray
from ._compute import at_hand
from .cuda.driver import CUDADriverError
from .cuda.stream import later
from .standin import ORDERS, count, draws, settings

TYPES = {
    "bool": np.bool_, "char": np.int8, "signed char": np.int8, "unsigned char": np.uint8, "short": np.int16,
    "unsigned short": np.uint16, "int": np.int32, "unsigned": np.uint32, "unsigned int": np.uint32,
    "long long": np.int64, "unsigned long long": np.uint64, "long": np.int64, "unsigned long": np.uint64,
    "float": np.float32, "double": np.float64, "size_t": np.uint64,
}  # fmt: skip
"""By its name in C++, what a number or an array must be."""

MOST = {"grid.x": 2**31 - 1, "grid.y": 65535, "block.x": 1024, "block.y": 1024}
KERNEL = re.compile(r'extern\s+"C"\s+__global__\s+void\s+(?:__launch_bounds__\([^)]*\)\s*)?(\w+)\s*\(([^)]*)\)')


class Parameter:
    """One of a kernel."""

    def __init__(self, text: str, typedefs: dict[str, str]) -> None:
        self.text = " ".join(text.split())
        kind, self.name = re.fullmatch(
            r"(.*?)(\w+)", re.sub(r"\b(const|volatile|__restrict__)\b", "", text).strip(), re.S
        ).groups()
        kind = " ".join(kind.split())
        self.pointer, word = kind.endswith("*"), kind.rstrip("* ")
        self.type = TYPES.get(typedefs.get(word, word))
        if self.type is None and word != "void":
            raise TypeError(f"The stand-in cannot check arguments for `{self.text}`: {word} is not known to it.")

    def passed(self, value: Any, kernel: str) -> Any:
        """What is given to the C function for a value, as CuPy would pass it."""
        if self.pointer:
            if isinstance(value, ndarray):
                at_hand(value)
                if self.type not in (None, value.dtype.type):
                    raise TypeError(f"{kernel}: an array of {value.dtype} was given for `{self.text}`.")
                return ctypes.c_void_p(value._a.ctypes.data)
            if type(value) in (np.uint64, np.int64):  # an address
                return ctypes.c_void_p(int(value))
            raise TypeError(f"{kernel}: {_told(value)} was given for `{self.text}`.")
        if type(value) in (int, float):  # so that a Python number fits only a parameter of 64 bits
            given: type = np.int64 if type(value) is int else np.float64
            given = np.uint64 if (given, self.type) == (np.int64, np.uint64) else given
        else:
            given = type(value)
        if given is not self.type:
            raise TypeError(f"{kernel}: {_told(value)} was given for `{self.text}`; pass numpy.{self.type.__name__}.")
        return np.ctypeslib.as_ctypes_type(self.type)(value.item() if isinstance(value, np.generic) else value)


def _told(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return "an array of NumPy"
    return f"an array of {value.dtype}" if isinstance(value, ndarray) else f"{type(value).__name__} {value!r}"


class RawModule:
    """A module of kernels."""

    def __init__(
        self, code: str | None = None, *, path: str | None = None, options: tuple[str, ...] = (),
        backend: str = "nvrtc", translate_cucomplex: bool = False, enable_cooperative_groups: bool = False,
        name_expressions: Any = None, jitify: Any = None,
    ) -> None:  # fmt: skip
        if code is None or not isinstance(options, tuple):
            raise TypeError("RawModule takes code, and options as a tuple")
        self.code, self.options = code, options
        standin.keep(code)
        typedefs = {name: " ".join(kind.split()) for kind, name in re.findall(r"\btypedef\s+([\w ]+?)\s+(\w+);", code)}
        self._kernels = {
            name: [Parameter(p, typedefs) for p in given.split(",") if p.strip() not in ("", "void")]
            for name, given in KERNEL.findall(code)
        }

    def compile(self, log_stream: Any = None) -> None:
        """Compile it now instead of when it is first launched."""
        self._library()

    def get_function(self, name: str) -> RawKernel:
        """One of its kernels."""
        if name not in self._kernels:
            raise CUDADriverError(500, "CUDA_ERROR_NOT_FOUND: named symbol not found")
        kernel = RawKernel.__new__(RawKernel)
        kernel._of(self, name)
        return kernel

    def _library(self) -> tuple[ctypes.PyDLL, str]:
        code, launchers = standin.with_faults(self.code), "\n".join(map(self._launcher, self._kernels))
        return _compile.library(code, launchers, self.options), code

    def _launcher(self, name: str) -> str:
        parameters = self._kernels[name]
        declared = "".join(f", {p.text}" for p in parameters)
        call = f"{name}({', '.join(p.name for p in parameters)})"
        return (
            f'extern "C" int launch_{name}(const Launch* how{declared}) {{ return launch(*how, [&] {{ {call}; }}); }}'
        )


class _Launch(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint) for name in ("grid_x", "grid_y", "block_x", "block_y", "order")]


class RawKernel:
    """One kernel."""

    def __init__(
        self, code: str, name: str, options: tuple[str, ...] = (), backend: str = "nvrtc",
        translate_cucomplex: bool = False, *, enable_cooperative_groups: bool = False, jitify: Any = None,
    ) -> None:  # fmt: skip
        self._of(RawModule(code, options=options), name)

    def _of(self, module: RawModule, name: str) -> None:
        self._module, self.name = module, name
        self._parameters = module._kernels[name]
        self._compiled: dict[tuple[object, ...], Any] = {}

    @property
    def code(self) -> str:
        """Its source."""
        return self._module.code

    def compile(self, log_stream: Any = None) -> None:
        """Compile it now instead of when it is first launched."""
        self._module.compile()

    def __call__(self, grid: Any, block: Any, args: Any, *, shared_mem: int = 0) -> None:
        if not isinstance(grid, tuple) or not isinstance(block, tuple):
            raise TypeError("Argument 'grid' has incorrect type (expected tuple)")
        if len(args) != len(self._parameters):
            raise TypeError(f"{self.name} takes {len(self._parameters)} arguments, and {len(args)} were given.")
        sizes = {f"grid.{d}": n for d, n in zip("xy", grid, strict=False)}
        sizes |= {f"block.{d}": n for d, n in zip("xy", block, strict=False)}
        if any(not 0 < n <= MOST[d] for d, n in sizes.items()) or np.prod(block) > 1024 or len(grid + block) > 4:
            raise CUDADriverError(1, f"CUDA_ERROR_INVALID_VALUE: invalid argument: grid {grid}, block {block}")
        passed = [p.passed(a, self.name) for p, a in zip(self._parameters, args, strict=True)]
        if sum(8 if p.pointer else np.dtype(p.type).itemsize for p in self._parameters) > 4096:
            raise CUDADriverError(1, f"CUDA_ERROR_INVALID_VALUE: {self.name} takes more than 4096 bytes of arguments")
        count["launches"] += 1
        count["kernels"] += 1
        function, code = self._function()
        later(lambda: self._run(function, code, _geometry(grid, block), passed, args))

    def _function(self) -> tuple[Any, str]:
        key = (settings.mode, settings.level, settings.sanitized, str(standin._plants))
        if key not in self._compiled:
            library, code = self._module._library()
            self._compiled[key] = getattr(library, f"launch_{self.name}"), code
        return self._compiled[key]

    def _run(self, function: Any, code: str, how: tuple[int, ...], passed: list[Any], args: Any) -> None:
        line = function(ctypes.byref(_Launch(*how)), *passed)  # `args` keeps the arrays alive
        if line:
            text = code.split("\n")[abs(line) - 1].strip()
            what = "some threads of a block ended while others wait" if line > 0 else "some threads of a block wait"
            where = f"at the barrier of line {abs(line)}" + (", others at another" if line < 0 else "")
            raise RuntimeError(f"{self.name}: {what} {where}: {text}")


def _geometry(grid: tuple[int, ...], block: tuple[int, ...]) -> tuple[int, ...]:
    """The grid and block of a launch and its order: as they are given, or drawn, in as many dimensions.

    A grid does not grow along y: how many blocks share a result is what memory was made for.
    """
    (grid_x, grid_y), (block_x, block_y) = (*grid, 1)[:2], (*block, 1)[:2]
    if settings.drawn:
        grid_x, block_x = draws(1, 6), draws(1, 38)
        grid_y, block_y = draws(1, grid_y), draws(1, 9) if len(block) > 1 else 1
    order = draws(2, 2**31) if settings.order == "drawn" else ORDERS.index(settings.order)
    return grid_x, grid_y, block_x, block_y, order
