"""Functions of elements: NumPy's of the same name, one launch each."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._array import ndarray
from ._compute import compute, need
from .standin import count

NAMES = """
abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2 atanh
bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor
cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide equal exp exp2 expm1 fabs float_power floor
floor_divide fmax fmin fmod gcd greater greater_equal heaviside hypot invert isfinite isinf isnan lcm ldexp left_shift
less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor maximum
minimum mod multiply negative nextafter not_equal positive pow power rad2deg radians reciprocal remainder right_shift
rint sign signbit sin sinh sqrt square subtract tan tanh true_divide trunc
"""


class ufunc:  # noqa: N801
    """A function of elements."""

    def __init__(self, name: str) -> None:
        self._function = getattr(np, name)
        self.name, self.__name__ = f"cupy_{name}", name
        self.nin, self.nout, self.types = self._function.nin, 1, self._function.types
        self.nargs = self.nin + 1

    def __call__(
        self, *args: Any, out: Any = None, casting: str = "same_kind", dtype: Any = None, **kwargs: Any
    ) -> Any:
        if kwargs:
            raise TypeError(f"Wrong arguments {kwargs}")
        if not self.nin <= len(args) <= self.nargs:
            raise TypeError(
                f"Wrong number of arguments for {self.name!r}. It must be either {self.nin} or {self.nargs} "
                f"(with outputs), but given {len(args)}."
            )
        if len(args) > self.nin and out is not None:
            raise ValueError("Cannot specify 'out' as both a positional and keyword argument")
        operands, out = list(args[: self.nin]), args[self.nin] if len(args) > self.nin else out
        if isinstance(out, tuple):
            (out,) = out
        need(*operands)
        if isinstance(out, ndarray):
            for operand in operands:
                if isinstance(operand, ndarray) and operand is not out and np.may_share_memory(operand._a, out._a):
                    count["copies"] += 1  # CuPy copies an operand that is another view of the memory that is written
                    count["overlaps"] += 1
        return compute(lambda *a, **k: self._function(*a, casting=casting, dtype=dtype, **k), operands, out)

    def reduce(self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
        """Which CuPy has for two of them."""
        if self.__name__ not in ("add", "multiply"):
            raise NotImplementedError(f"`{self.name}.reduce` is not supported yet")
        return getattr(array, "sum" if self.__name__ == "add" else "prod")(axis, dtype, out, keepdims)

    def __repr__(self) -> str:
        return f"<ufunc '{self.name}'>"
