"""The functions of arrays, on every backend at hand."""

import numpy as np

from kcore import ops
from kcore.testing import check_op


def test_softsign():
    check_op(ops.get("acme/softsign"), [(2, 3)], reference=lambda x: x / (1 + np.abs(x)))
