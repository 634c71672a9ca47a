"""Kernels: how a backend computes an op. They are used where KCORE_KERNELS names this package."""

import numpy as np

from kcore.backend import OpKernel
from kcore.plugin import register


@register("kernels", "exact")
class ExactProduct(OpKernel):
    """Products of float32 that are summed in float64."""

    op = "matmul"
    backend = "numpy"
    priority = 1

    def takes(self, use):
        """Whether it computes this use of the op."""
        return all(each.dtype == use.dtype == "float32" for each in use.inputs)

    def bind(self, use, inputs, out):
        """What computes `out` from the inputs each step; the arrays are the same every time."""
        a, b = inputs
        return lambda: np.matmul(a, b, out=out, dtype=np.float64, casting="same_kind")
