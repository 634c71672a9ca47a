"""check_loss: what Keras's and kcore's users expect of any loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from .. import ops
from ..backend import use_backend
from ..interfaces import Layer
from ..models import Sequential
from ..program import grad
from .arrays import FLOATS, Array, check_gradients, normal, rng_of
from .at_hand import backends_at_hand, beginning_on_numpy
from .making import Make, check_configuration, label, made, maker
from .report import GUARD, NUMPY_ALONE, agree, check_dtype, check_finite, host, refuse, trying

Pair = Callable[[np.random.Generator, tuple[int, ...]], tuple[Array, Array]]
SHAPES = ((4, 3), (2, 3, 4))


def two_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Array, Array]:
    """Targets and predictions that are any numbers."""
    return normal(rng, shape), normal(rng, shape)


class Same(Layer):
    """A layer that gives what it is given: of a model whose predictions are chosen."""

    def call(self, x: Any) -> Any:
        """The input."""
        return x + 0.0


@beginning_on_numpy
def check_loss(
    make: Make,
    *,
    options: Mapping[str, Any] | None = None,
    data: Pair = two_normal,
    shapes: Sequence[tuple[int, ...]] = SHAPES,
    samplewise: bool = True,
    differentiable: bool = True,
    backends: Sequence[str] | None = None,
) -> None:
    """Check a loss on every backend at hand, in float32 and float64.

    Its configuration; that reductions and weights of samples follow from the numbers at all positions; that a
    sample's are its own; dtypes and finite numbers; its gradient for predictions; that backends agree, and `evaluate`
    with a call.

    Args:
        make: its registered name, its class, or a function that makes one of the keyword `reduction`.
        options: its other arguments.
        data: (rng, shape) -> targets and predictions, for predictions of that shape.
        shapes: of predictions, the batch first.
        samplewise: whether the loss of a sample depends on that sample alone.
        differentiable: whether gradients are compared with differences.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_loss
    >>> check_loss("huber", options={"delta": 0.5}, backends=["numpy"])
    """
    make = maker("losses", make, options)
    loss = made("losses", make, reduction="none")
    names = backends_at_hand(backends)
    for i, shape in enumerate(shapes):
        y, p = map(np.asarray, data(rng_of(i), shape))
        case = _Case(make, f"{label('losses', loss)} of predictions {shape}", y, p)
        if i == 0:
            case.check_configuration(loss)
        case.check_reductions()
        if samplewise:
            case.check_samples()
        check_finite(case.where, "the loss", case.positions(), GUARD)
        if differentiable:
            check_gradients(case.where, lambda y, p: made("losses", make)(y, p), [y, p], [1], ["y_true", "y_pred"])
        for dtype in FLOATS:
            case.check_backends(dtype, names)
        case.check_evaluation(names)


@attrs.frozen
class _Case:
    make: Callable[..., Any]
    where: str
    y: Array
    p: Array

    def value(self, loss: Any, y: Array | None = None, p: Array | None = None, weight: Any = None) -> Any:
        y, p = self.y if y is None else y, self.p if p is None else p
        with trying(self.where, "a loss", NUMPY_ALONE):
            return host(loss(ops.convert_to_tensor(y), ops.convert_to_tensor(p), weight))

    def positions(self, **options: Any) -> Any:
        return self.value(made("losses", self.make, reduction="none", **options))

    def check_configuration(self, loss: Any) -> None:
        value, cure = self.value(loss), "Draw no random numbers in a loss, and look at nothing but its arguments."
        for other in (loss, made("losses", self.make, reduction="none")):
            agree(self.where, "the same each time: the loss", self.value(other), value, None, cure)
        again = check_configuration(self.where, loss)
        cure = "Let get_config return every argument as it was given."
        agree(self.where, "of the same configuration the same loss", self.value(again), value, None, cure)
        once = made("losses", self.make, reduction="none", name="other")
        if once.label != "other":
            refuse(
                self.where, "the name that it was given, 'other'", repr(once.label), "Pass name on to super().__init__."
            )

    def check_reductions(self) -> None:
        """Sums and means are those of all positions, times weights."""
        cure = "Let `call` give one number for each position, and leave reducing and weighing to kcore.losses.Loss."
        each = self.positions()
        weight = rng_of(9).uniform(0.5, 2, len(self.p))
        factors = weight.reshape(-1, *[1] * (each.ndim - 1)) if each.shape[:1] == weight.shape else None
        wanted = {
            "sum": each.sum(),
            "sum_over_batch_size": each.mean(),
            None: each,
        }
        for reduction, value in wanted.items():
            got = self.value(made("losses", self.make, reduction=reduction))
            agree(self.where, f"reduction={reduction!r}", got, np.asarray(value), "through float32", cure)
        if factors is not None:
            got = self.value(made("losses", self.make, reduction="sum"), weight=ops.convert_to_tensor(weight))
            agree(
                self.where, "with weights for samples the sum", got, np.asarray((each * factors).sum()), "chain", cure
            )

    def check_samples(self) -> None:
        """The numbers of a sample alone are those that it has among others."""
        loss = made("losses", self.make, reduction="none")
        whole, cure = self.value(loss), "Reduce over the last axis, not the first; or say samplewise=False."
        if whole.shape[:1] != self.p.shape[:1]:
            refuse(self.where, f"a number for each of {len(self.p)} samples", f"an array of shape {whole.shape}", cure)
        for i in range(len(self.p)):
            alone = self.value(loss, self.y[i : i + 1], self.p[i : i + 1])
            agree(self.where, f"of sample {i} alone what it gives in a batch", alone, whole[i : i + 1], "chain", cure)

    def check_backends(self, dtype: str, names: Sequence[str]) -> None:
        """Finite, in the dtype of predictions, twice the same, and the same everywhere, gradients too."""
        loss, p = made("losses", self.make, reduction="none"), self.p.astype(dtype)
        wanted: list[Any] = []
        for name in names:
            where = f"{self.where} in {dtype} on backend {name}"
            case = attrs.evolve(self, where=where, p=p)
            with use_backend(name):
                each = case.value(loss)
                check_dtype(where, "the loss", each, dtype, "Cast to y_pred.dtype.")
                check_finite(where, "the loss", each, GUARD)
                one = made("losses", self.make)
                with trying(where, "a gradient", NUMPY_ALONE):
                    slope = host(grad(lambda p, one=one: one(self.y, p))(ops.convert_to_tensor(p)))
                check_finite(where, "the gradient", slope, GUARD)
                wanted = wanted or [each, slope]
                agree(where, "numpy's numbers: the loss", each, wanted[0], "product", NUMPY_ALONE)
                agree(where, "numpy's numbers: the gradient", slope, wanted[1], "product", NUMPY_ALONE)

    def check_evaluation(self, names: Sequence[str]) -> None:
        """A model whose predictions these are has this loss."""
        for name in names:
            where = f"{self.where} in a model on backend {name}"
            with (
                use_backend(name),
                trying(where, "evaluate to take it", "Let target_shape say what y_true looks like."),
            ):
                loss = made("losses", self.make)
                model = Sequential([Same(dtype="float64", input_shape=self.p.shape[1:])])
                model.compile("sgd", loss)
                got = model.evaluate(self.p, self.y, batch_size=len(self.p), verbose=0)
            wanted = float(self.value(made("losses", self.make)))
            cure = "Let the loss depend on nothing but y_true and y_pred."
            agree(where, "of evaluate what a call gives", np.asarray(got), np.asarray(wanted), "chain", cure)
