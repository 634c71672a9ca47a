"""Numbers that checks feed, and how they compare gradients with differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, reduce
from typing import Any

import numpy as np

from .. import ops
from ..program import grad
from .report import GUARD, check_finite, refuse, trying
from .tolerances import TOLERANCES

Array = np.ndarray[Any, Any]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]
FLOATS = ("float32", "float64")
STEP, NARROW = 1e-5, 1e-8
"""How far differences reach: where float64 is best at it, and where float32 sees nothing any more."""


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Standard normal numbers."""
    return rng.normal(size=shape)


def rng_of(seed: int) -> np.random.Generator:
    """The generator that a check draws its data from: the same in every run."""
    return np.random.default_rng([77, seed])


def cast(arrays: Sequence[Array], dtype: str) -> list[Array]:
    """Floats in this dtype, all else as it is."""
    return [a.astype(dtype) if a.dtype.kind == "f" else a for a in arrays]


def total(outputs: Sequence[Any]) -> Any:
    """One number of several results: the sum of all floats, each times a number from 0.5 to 1.5 of its own."""
    parts = []
    for i, out in enumerate(outputs):
        if str(out.dtype).rpartition(".")[2].startswith("float"):
            factors = rng_of(i).uniform(0.5, 1.5, tuple(out.shape))
            parts.append(ops.sum(ops.multiply(out, factors)))  # NumPy's own product of 0-d arrays is a weak scalar
    return reduce(ops.add, parts) if parts else None


def check_gradients(
    where: str,
    function: Callable[..., Any],
    arrays: Sequence[Array],
    which: Sequence[int],
    names: Sequence[str],
    kind: str = "gradient",
) -> None:
    """Refuse a gradient that is not that of central differences, and float64 that is computed in less.

    Args:
        where: whose.
        function: from tensors to a scalar, in ops.
        arrays: its arguments, floats in float64.
        which: the positions of those that have gradients.
        names: what to call the arguments.
        kind: of which tolerance.
    """

    def number(arrays: Sequence[Array]) -> float:
        return float(ops.convert_to_numpy(function(*map(ops.convert_to_tensor, arrays))))

    with trying(where, "gradients", "Write it in kcore.ops, of which each has one; or say differentiable=False."):
        tensors = [ops.convert_to_tensor(a) for a in arrays]
        gradients = [np.asarray(ops.convert_to_numpy(g)) for g in grad(function, tuple(which))(*tensors)]
    for i, gradient in zip(which, gradients, strict=True):
        check_gradient(where, names[i], gradient, arrays[i], partial(with_one, number, arrays, i), kind)


def with_one(number: Callable[[Sequence[Array]], float], arrays: Sequence[Array], which: int, array: Array) -> float:
    """A function of several arrays as one of one of them: the others are as they are."""
    return number([array if i == which else a for i, a in enumerate(arrays)])


def check_gradient(
    where: str, name: str, gradient: Array, at: Array, number: Callable[[Array], float], kind: str = "gradient"
) -> None:
    """The same for one array: `number` is the function of it alone."""
    cure = "Let what has a gradient rule of its own, or stops the gradient, say how the result changes with this array."
    check_finite(where, f"the gradient for {name}", gradient, GUARD)
    direction = rng_of(5).choice([-1.0, 1.0], at.shape) * rng_of(6).uniform(0.5, 1, at.shape)
    slope, size = slope_along(where, name, lambda step: number(np.asarray(at + step * direction)))
    if slope is not None and not abs(np.sum(gradient * direction) - slope) <= TOLERANCES[kind, "float64"] * size:
        came = f"{np.sum(gradient * direction):.9g}"
        refuse(where, f"the gradient for {name} along a direction to be {slope:.9g} as by differences", came, cure)


def slope_along(where: str, name: str, number: Callable[[float], float]) -> tuple[float | None, float]:
    """The slope at 0 of a function that is computed in float64, None at a kink; and the size of its numbers.

    It refuses one that is computed in less on the way: near enough to 0 that shows as a slope of 0 or a huge one.
    """
    middle, ahead, behind = number(0.0), number(STEP), number(-STEP)
    slope = (ahead - behind) / (2 * STEP)
    size = max(1.0, abs(middle), abs(slope))
    if abs(ahead - 2 * middle + behind) / STEP > 1e-2 * size:
        return None, size
    near = (number(NARROW) - number(-NARROW)) / (2 * NARROW)
    if abs(near - slope) > 1e-3 * size:
        refuse(
            where,
            f"float64 to be computed in float64, so that a change of 1e-8 of {name} shows as a slope of {slope:.6g}",
            f"{near:.6g}, as if something on the way had fewer digits",
            'Cast to the dtype of what is computed with (x.dtype, self.dtype), never to "float32".',
        )
    return slope, size
