"""Kernels: how a backend computes an op. They are used where KCORE_KERNELS names this package."""

import numpy as np

from kcore.plugin import register


@register("kernels", "dot")
class Dot:
    """Products of two matrices by `numpy.dot`."""

    op = "matmul"
    backend = "numpy"
    priority = 1

    def takes(self, node):
        """Whether it can compute this one, by shapes and dtypes."""
        return all(len(each.shape) == 2 and each.dtype == node.dtype == "float32" for each in node.inputs)

    def bind(self, inputs, out):
        """What computes `out`, which lies where it lies, from `inputs`, which do so too."""
        a, b = inputs

        def run():
            np.dot(a, b, out=out)

        return run
