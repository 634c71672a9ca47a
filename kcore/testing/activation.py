"""check_activation: what Keras's and kcore's users expect of any activation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..backend import use_backend
from ..interfaces import get
from ..interfaces.configurable import serialize
from ..program import Traced, grad
from .arrays import FLOATS, check_gradients, normal, rng_of, total
from .at_hand import backends_at_hand, beginning_on_numpy
from .making import is_registered
from .report import NUMPY_ALONE, agree, check_dtype, check_finite, host, refuse, told, trying

SHAPES = ((3, 4), (2, 3, 4), (1, 2))
SCALES = (1.0, 30.0)
"""Of what it is called on: ordinary numbers, and some at which exp is near its ends."""
BOUND = "Bound what exp and the like are given: ops.where chooses when both sides are computed already."


@beginning_on_numpy
def check_activation(
    function: str | Callable[[Any], Any],
    *,
    same_shape: bool = True,
    differentiable: bool = True,
    backends: Sequence[str] | None = None,
) -> None:
    """Check an activation on every backend at hand, in float32 and float64.

    Its shape and dtype, finite numbers and gradients; that it gives the same at once and in a program; that samples do
    not meet; its gradient; that backends agree; that it is found by the name that it is saved under.

    Args:
        function: its registered name, or itself.
        same_shape: whether the result has the shape of the input.
        differentiable: whether gradients are compared with differences.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_activation
    >>> check_activation("relu", backends=["numpy"])
    """
    with trying(f"Activation {function!r}", "a registered name or a function", "Name one of kcore.activations."):
        f = get("activations", function)
    where = f"Activation {getattr(f, '__name__', function)!r}"
    names = backends_at_hand(backends)
    _check_name(where, f)
    for i, shape in enumerate(SHAPES):
        x = normal(rng_of(i), shape)
        with trying(where, f"a result for {told(x)}", NUMPY_ALONE):
            once = f(ops.convert_to_tensor(x))
        if not hasattr(once, "dtype"):
            refuse(where, "an array", type(once).__name__, "Return one, made in kcore.ops.")
        check_finite(where, "the result", once, BOUND)
        if differentiable:
            check_gradients(where, lambda x: total([f(x)]), [x], [0], ["the input"])
        for dtype in FLOATS:
            for scale in SCALES:
                _check_backends(where, f, (x * scale).astype(dtype), same_shape, names)


def _check_name(where: str, f: Any) -> None:
    if not is_registered("activations", f):
        return
    cure = "Register the function under its own __name__: layers are saved with that."
    with trying(where, "to be found by the name that it is saved under", cure):
        found = get("activations", serialize(f))
    if found is not f:
        refuse(where, f"its saved name {serialize(f)!r} to find it", repr(found), cure)


def _check_backends(where: str, f: Callable[[Any], Any], x: Any, same_shape: bool, names: Sequence[str]) -> None:
    wanted: list[Any] = []
    for name in names:
        who = f"{where} of {told(x)} on backend {name}"
        with use_backend(name):
            with trying(who, "a result and its gradient", NUMPY_ALONE):
                tensor = ops.convert_to_tensor(x)
                once = host(f(tensor))
                (traced,) = map(host, Traced(lambda x: [f(x)], where)(tensor))
                slope = host(grad(lambda x: total([f(x)]))(tensor))
                each = [host(f(ops.convert_to_tensor(x[i : i + 1]))) for i in range(len(x))]
            if same_shape and once.shape != x.shape:
                refuse(
                    who,
                    f"a result of shape {x.shape}",
                    once.shape,
                    "Let it work on each element, or say same_shape=False.",
                )
            check_dtype(who, "the result", once, str(x.dtype), "Cast to x.dtype.")
            check_finite(who, "the result", once, BOUND)
            check_finite(who, "the gradient", slope, BOUND)
            agree(who, "in a program what it gives at once", traced, once, "product", "Look at nothing but x.")
            cure = "Reduce over the last axis only."
            agree(who, "of samples alone what they give together", np.concatenate(each), once, "product", cure)
            wanted = wanted or [once, slope]
            agree(who, "numpy's result", once, wanted[0], "product", NUMPY_ALONE)
            agree(who, "numpy's gradient", slope, wanted[1], "product", NUMPY_ALONE)
