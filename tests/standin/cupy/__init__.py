"""A stand-in for CuPy where there is no GPU: NumPy's arrays behind a wall, counters, and kernels compiled by g++.

It serves what kcore asks of CuPy, under CuPy's names and parameters; `cupy.standin` is its own, as are `count`,
`counted` and `sources`. It cannot show a missing __threadfence, a wrong __restrict__, warps, fused products, denormals,
CUDA's own exp, cuBLAS, or speed.
"""

from __future__ import annotations

import numpy as np

from . import _creation, _functions, _products, cuda, standin
from ._array import ndarray
from ._raw import RawKernel, RawModule
from ._ufunc import NAMES, ufunc
from .standin import count, counted, sources

__version__ = "14.2.0"
__all__ = ["RawKernel", "RawModule", "count", "counted", "cuda", "ndarray", "sources", "standin", "ufunc"]
HOST = """
bool bool_ dtype e euler_gamma finfo float16 float32 float64 iinfo inf int8 int16 int32 int64 intp isdtype nan newaxis
pi promote_types can_cast broadcast_shapes uint8 uint16 uint32 uint64 uintp complex64 complex128
"""
"""What is NumPy's own in CuPy too."""


globals().update({name: ufunc(name) for name in NAMES.split()})
globals().update(_creation.NAMESPACE | _functions.NAMESPACE | _products.NAMESPACE)
globals().update({name: getattr(np, name) for name in HOST.split()})
