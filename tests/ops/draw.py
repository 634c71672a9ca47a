"""What rows of the table of ops are made of: the Row, and strategies for arguments.

Arguments are drawn in float64, all elements distinct and none near 0: no kink or tie is met by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs
import numpy as np
from hypothesis import strategies as st

from kcore import ops
from kcore.testing.strategies import ANY, FLOATS, REAL, Array, axes, broadcastable, shapes, values

__all__ = ["ANY", "FLOATS", "REAL", "Array", "Case", "Cases", "Row", "shapes", "values"]
__all__ += ["along_one", "along_some", "converted", "one", "two"]


@attrs.frozen
class Case:
    """Arguments of one call: arrays, options by keyword."""

    arrays: list[Array]
    options: dict[str, Any] = attrs.field(factory=dict)


Cases = st.SearchStrategy[Case]


@attrs.frozen
class Row:
    """One function of kcore.ops.

    Attributes:
        name: its name there.
        numpy: the reference, for arrays of one dtype.
        cases: the arguments that it is tried with.
        kind: of which tolerance.
        fixed: the positions of arguments that keep the dtype that they were drawn in and have no gradient, as indices.
        listed: whether the arrays are given as one list.
        first: the option that is given before the arrays, if there is one.
        ops: the registered ops that it records, if not one of its own name.
        dtypes: those of its arguments.
        floating: whether integers become float32 first.
        differentiable: whether it has a gradient.
        traced: whether it can be recorded.
        numbers: inputs of its program beside the arrays; then it works in a trace only.
    """

    name: str
    numpy: Callable[..., Any]
    cases: Cases
    kind: str = "elementwise"
    fixed: tuple[int, ...] = ()
    listed: bool = False
    first: str = ""
    ops: tuple[str, ...] | None = None
    dtypes: tuple[str, ...] = REAL
    floating: bool = False
    differentiable: bool = True
    traced: bool = True
    numbers: dict[str, int] = attrs.field(factory=dict)

    def call(self, function: Callable[..., Any], arrays: Sequence[Any], options: dict[str, Any]) -> list[Any]:
        """The results of the function, or of its reference, as a list."""
        ahead = [options[self.first]] if self.first else []
        options = {k: v for k, v in options.items() if k != self.first}
        out = function(arrays, **options) if self.listed else function(*ahead, *arrays, **options)
        return list(out) if isinstance(out, list | tuple) else [out]

    def results(self, arrays: Sequence[Any], options: dict[str, Any]) -> list[Any]:
        """What kcore gives."""
        return self.call(getattr(ops, self.name), arrays, options)

    def reference(self, arrays: Sequence[Array], options: dict[str, Any]) -> list[Array]:
        """What NumPy gives for these arrays, in the dtype that kcore promises."""
        free = [a for i, a in enumerate(arrays) if i not in self.fixed]
        if self.floating and all(a.dtype.kind in "iub" for a in free):
            arrays = [a if i in self.fixed else a.astype("float32") for i, a in enumerate(arrays)]
        with np.errstate(all="ignore"):
            return [np.asarray(a) for a in self.call(self.numpy, arrays, options)]


# what arguments are drawn from


@st.composite
def one(draw: st.DrawFn, low: float = -2, high: float = 2, **limits: int) -> Case:
    """One array."""
    return Case(draw(values(draw(shapes(**limits)), low=low, high=high)))


@st.composite
def two(draw: st.DrawFn, low: float = -2, high: float = 2, gap: float = 0) -> Case:
    """Two arrays that broadcast."""
    return Case(draw(values(*draw(broadcastable()), low=low, high=high, gap=gap)))


@st.composite
def converted(draw: st.DrawFn) -> Case:
    """An array, and another dtype for it."""
    return Case(draw(values(draw(shapes()), low=-20, high=20)), {"dtype": draw(st.sampled_from(ANY))})


@st.composite
def along_one(draw: st.DrawFn, shortest: int = 0, none: bool = False) -> Case:
    """An array of one axis or more and one of them, counted from either end; or None for all if that is allowed."""
    (x,) = draw(values(draw(shapes(least=1, shortest=shortest))))
    axis = draw(axes(x.ndim))
    return Case([x], {"axis": None if none and draw(st.booleans()) else axis})


@st.composite
def along_some(draw: st.DrawFn) -> Case:
    """An array, and some of its axes as a tuple, one as an integer, or None."""
    (x,) = draw(values(draw(shapes())))
    some = draw(st.lists(st.integers(0, x.ndim - 1), unique=True)) if x.ndim else []
    axes = tuple(a - x.ndim * draw(st.booleans()) for a in some)
    return Case([x], {"axis": draw(st.sampled_from([None, axes, *axes[:1]]))})
