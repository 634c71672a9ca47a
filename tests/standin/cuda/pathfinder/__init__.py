"""Where the libraries of CUDA lie: that which stands in for cuBLAS."""

from __future__ import annotations

from dataclasses import dataclass


class DynamicLibNotFoundError(RuntimeError):
    """There is no such library."""


@dataclass
class LoadedDL:
    """A library that was found."""

    abs_path: str
    was_already_loaded_from_elsewhere: bool = False


def load_nvidia_dynamic_lib(libname: str) -> LoadedDL:
    """Find a library."""
    if libname != "cublas":
        raise DynamicLibNotFoundError(f"no {libname} stands in")
    from cupy import _blas

    return LoadedDL(_blas.library()._name)
