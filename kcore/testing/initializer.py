"""check_initializer: what Keras's and kcore's users expect of any initializer."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..backend import use_backend
from ..interfaces import Layer
from .arrays import FLOATS, rng_of
from .at_hand import backends_at_hand, beginning_on_numpy
from .making import Make, check_configuration, is_registered, label, made, maker, seeded
from .report import agree, check_finite, refuse, told, trying

SHAPES = ((6, 4), (4, 6), (2, 3, 4))
DRAW = "Draw every number from the `rng` that `draw` is given, and from nothing else."


class _Holding(Layer):
    """A layer with one weight of this initializer and shape."""

    initializer: Any = None
    shape: Any = ()

    def build(self, input_shape: Any) -> None:
        self.weight = self.add_weight(self.shape, self.initializer, name="weight")

    def call(self, x: Any) -> Any:
        return x + ops.sum(self.weight)


@beginning_on_numpy
def check_initializer(
    make: Make,
    *,
    options: Mapping[str, Any] | None = None,
    shapes: Sequence[tuple[int, ...]] = SHAPES,
    backends: Sequence[str] | None = None,
) -> None:
    """Check an initializer.

    Its configuration; shapes, dtypes and finite numbers; that it repeats from a generator and from a seed; that each
    draw gives an array of its own; that weights made by it are the same on every backend.

    Args:
        make: its registered name, its class, or a function that makes one.
        options: its arguments.
        shapes: of what it draws.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_initializer
    >>> check_initializer("he_normal", options={"seed": 3}, backends=["numpy"])
    """
    make = maker("initializers", make, options)
    initializer = made("initializers", make)
    where = label("initializers", initializer)
    again = check_configuration(where, initializer)
    for shape in shapes:
        for dtype in FLOATS:
            values = _drawn(where, initializer, shape, dtype)
            if not isinstance(values, np.ndarray) or (values.shape, values.dtype.name) != (shape, dtype):
                came = told(values) if isinstance(values, np.ndarray) else type(values).__name__
                refuse(
                    where,
                    f"a NumPy array {dtype} {shape}",
                    came,
                    "Let draw(self, shape, rng) return one of that shape.",
                )
            check_finite(where, f"values of shape {shape}", values, "Look at shapes with axes of length 1.")
            for other in (initializer, made("initializers", make)):
                got = _drawn(where, other, shape, dtype)
                agree(where, "the same values from a generator of the same seed", got, values, None, DRAW)
                if np.shares_memory(got, values):
                    refuse(where, "an array of its own for each weight", "the same one twice", "Copy what is kept.")
            cure = "Let get_config return every argument as it was given."
            agree(
                where,
                "of the same configuration the same values",
                _drawn(where, again, shape, dtype),
                values,
                None,
                cure,
            )
    if "seed" in inspect.signature(type(initializer)).parameters:
        _check_seed(where, initializer, shapes[0])
    _check_weights(where, make, shapes[0], backends)


def _drawn(where: str, initializer: Any, shape: tuple[int, ...], dtype: str, seed: int = 1) -> Any:
    with trying(where, f"values of shape {shape}", "Say in `shapes` which ones it takes."):
        return initializer(shape, dtype, rng=rng_of(seed))


def _check_seed(where: str, initializer: Any, shape: tuple[int, ...]) -> None:
    """One with a seed of its own gives the same whatever generator it is given."""
    one, two = (type(initializer).from_config({**initializer.get_config(), "seed": 11}) for _ in range(2))
    got, wanted = _drawn(where, one, shape, "float64", 2), _drawn(where, two, shape, "float64", 3)
    agree(where, "seed=11 to give the same values each time", got, wanted, None, "Draw from a generator of that seed.")


def _check_weights(where: str, make: Any, shape: tuple[int, ...], backends: Sequence[str] | None) -> None:
    """A layer's weight is the same on every backend, and a layer with it can be saved."""
    wanted: Any = None
    for name in backends_at_hand(backends):
        with use_backend(name), seeded(8), trying(where, f"a weight on backend {name}", "Give NumPy arrays."):
            layer = _Holding(made("initializers", make), shape)
            layer(np.ones((2, 4), "float32"))
            (weight,) = layer.get_weights()
        wanted = weight if wanted is None else wanted
        agree(f"{where} on backend {name}", "numpy's weight", weight, wanted, None, DRAW)
    if is_registered("initializers", type(layer.initializer)):
        check_configuration(where, layer)
