"""check_optimizer: what Keras's and kcore's users expect of any optimizer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from .. import ops
from ..backend import use_backend
from ..graph import Variable, symbol_of
from ..graph.types import is_float
from ..program import Traced
from .arrays import FLOATS, Array, rng_of, slope_along
from .at_hand import backends_at_hand, beginning_on_numpy
from .making import Make, check_configuration, label, made, maker
from .report import NUMPY_ALONE, agree, check_dtype, check_finite, refuse, trying

SHAPES = ((3, 2), (4,), ())
"""Of the weights that are moved; the last one's slots look like numbers that all weights share."""
STEPS = 6
MANY = 40
KEEP = "Keep what changes from step to step in slots (init) or scalars (init_scalars), not in attributes."
TOWARDS = (
    "Take learning_rate times the gradient, or what stands for it, from the parameter: do not add it, nor take one for "
    "the other, in update(self, param, grad, slots, learning_rate)."
)
FINITE = "The weights are not finite: add an epsilon to what is divided by, and take no root of what may be below 0."


@beginning_on_numpy
def check_optimizer(
    make: Make,
    *,
    options: Mapping[str, Any] | None = None,
    steps: int = MANY,
    backends: Sequence[str] | None = None,
) -> None:
    """Check an optimizer on every backend at hand, for weights in float32 and float64.

    Its configuration; that it makes a convex loss smaller; that weights which lie in one flat array move as each would
    alone; that a learning rate that is set is used; that its variables are all that it knows; that gradients of 0 harm
    nothing; that backends agree.

    Args:
        make: its registered name, its class, or a function that makes one of the keyword `learning_rate`.
        options: its other arguments.
        steps: within how many the loss has to be smaller.
        backends: those to compare with numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_optimizer
    >>> check_optimizer("sgd", options={"momentum": 0.9}, backends=["numpy"])
    """
    make = maker("optimizers", make, options)
    optimizer = made("optimizers", make, learning_rate=0.01)
    case = _Case(make, label("optimizers", optimizer))
    names = backends_at_hand(backends)
    case.check_configuration(optimizer)
    case.check_pure()
    case.check_descent(steps)
    case.check_alone()
    case.check_variables()
    case.check_rate()
    case.check_nothing()
    case.check_digits()
    for dtype in FLOATS:
        case.check_backends(dtype, names)


def _weights(dtype: str) -> list[Variable]:
    return [Variable(rng_of(i).normal(size=shape).astype(dtype)) for i, shape in enumerate(SHAPES)]


def _slopes(step: int, dtype: str) -> list[Array]:
    """Gradients of a step, of all sizes."""
    return [(rng_of(100 + step * 10 + i).normal(size=s) * 10.0**-i).astype(dtype) for i, s in enumerate(SHAPES)]


@attrs.frozen
class _Case:
    make: Callable[..., Any]
    where: str

    def fresh(self, rate: float | None = None) -> Any:
        return made("optimizers", self.make, **({} if rate is None else {"learning_rate": rate}))

    def moved(
        self, optimizer: Any, weights: Sequence[Variable], steps: Sequence[int], which: Sequence[int] | None = None
    ) -> list[Array]:
        """The weights after these steps, with the gradients of those numbers."""
        for step in steps:
            slopes = _slopes(step, weights[0].dtype)
            self.step(optimizer, [slopes[i] for i in which or range(len(weights))], weights)
        return [w.numpy() for w in weights]

    def step(self, optimizer: Any, slopes: Sequence[Array], weights: Sequence[Variable]) -> None:
        with trying(self.where, "a step", NUMPY_ALONE):
            optimizer.apply([ops.convert_to_tensor(g) for g in slopes], list(weights))

    def agree(self, got: Sequence[Array], wanted: Sequence[Array], what: str, cure: str, kind: str | None) -> None:
        for i, (a, b) in enumerate(zip(got, wanted, strict=True)):
            agree(self.where, f"{what}: weight {i} of shape {SHAPES[i]}", a, b, kind, cure)

    def check_configuration(self, optimizer: Any) -> None:
        wanted = self.moved(self.fresh(0.01), _weights("float64"), range(STEPS))
        got, cure = self.moved(self.fresh(0.01), _weights("float64"), range(STEPS)), f"Draw no random numbers. {KEEP}"
        self.agree(got, wanted, "the same steps each time", cure, None)
        again = check_configuration(self.where, optimizer)
        cure = "Let get_config return every argument as it was given."
        self.agree(
            self.moved(again, _weights("float64"), range(STEPS)),
            wanted,
            "of the same configuration the same steps",
            cure,
            None,
        )

    def check_pure(self) -> None:
        """`update` gives the same of the same arguments, and leaves the optimizer as it is."""
        optimizer = self.fresh(0.01)
        param, grad = _weights("float64")[0].numpy(), _slopes(0, "float64")[0]

        def record(*given: Any) -> list[Any]:
            param, grad, rate, count = given
            begun = {name: symbol_of(value) for name, value in optimizer.init_scalars().items()}
            slots = {name: symbol_of(value) for name, value in begun_with.items()}
            scalars = optimizer.scalars(count, begun)[0]
            return [symbol_of(optimizer.updated(param, grad, slots, rate, scalars)[0]) for _ in range(2)]

        with trying(self.where, "a step", NUMPY_ALONE):
            begun_with, before = optimizer.init(ops.convert_to_tensor(param)), _held(optimizer)
            once, again = Traced(record, self.where)(param, grad, 0.01, 1.0)
        changed = [name for name, value in _held(optimizer).items() if before.get(name) != value]
        if changed:
            refuse(self.where, "update to leave attributes as they are", f"another self.{changed[0]}", KEEP)
        agree(self.where, "update to give the same of the same arguments: the parameter", again, once, None, KEEP)

    def check_descent(self, steps: int) -> None:
        """Along its gradients the sum of squares of what is left to go becomes smaller."""
        for rate in (None, 0.01):
            optimizer, weights = self.fresh(rate), _weights("float64")
            goal = [w.numpy() + 1 + i for i, w in enumerate(weights)]
            before = _distance(weights, goal)
            for _ in range(steps):
                self.step(optimizer, [2 * (w.numpy() - g) for w, g in zip(weights, goal, strict=True)], weights)
            after = _distance(weights, goal)
            if not after < before:
                which = "its own learning rate" if rate is None else f"learning_rate={rate}"
                what = f"a sum of squares below {before:.6g} after {steps} steps with {which}"
                refuse(self.where, what, f"{after:.6g}", TOWARDS if np.isfinite(after) else FINITE)
        if int(optimizer.iterations) != steps:
            cure = "Leave counting to kcore.optimizers.Optimizer."
            refuse(self.where, f"iterations to be {steps}", optimizer.iterations, cure)

    def check_alone(self) -> None:
        """Each weight moves as it would if there were no other."""
        together = self.moved(self.fresh(), _weights("float64"), range(STEPS))
        alone = [self.moved(self.fresh(), [_weights("float64")[i]], range(STEPS), [i])[0] for i in range(len(SHAPES))]
        cure = (
            "An update that looks at a weight as a whole, as by ops.sum or ops.mean, says `elementwise = False` in its "
            "class; else all weights are one flat array to it."
        )
        self.agree(together, alone, "of several what each does alone", cure, "chain")

    def check_rate(self) -> None:
        """A learning rate that is set after a step is the one of the next."""
        wanted = self.moved(self.fresh(0.02), _weights("float64"), [0])
        optimizer, weights = self.fresh(0.5), _weights("float64")
        optimizer.build(weights)
        before = [v.numpy() for v in optimizer.variables if v.name != "learning_rate"]
        self.moved(optimizer, weights, [0])
        optimizer.learning_rate = 0.02
        for variable, value in zip([v for v in optimizer.variables if v.name != "learning_rate"], before, strict=True):
            variable.assign(value)
        for weight, start in zip(weights, _weights("float64"), strict=True):
            weight.assign(start.numpy())
        cure = "Use the learning_rate that `update` is given, never self.learning_rate, which is traced once."
        self.agree(
            self.moved(optimizer, weights, [0]), wanted, "a step with the learning rate that was set", cure, "chain"
        )

    def check_variables(self) -> None:
        """One that gets the variables of another goes on where that was."""
        optimizer, weights = self.fresh(), _weights("float64")
        self.moved(optimizer, weights, range(STEPS))
        other, copies = self.fresh(), [Variable(w.numpy()) for w in weights]
        other.build(copies)
        for variable, value in zip(other.variables, [v.numpy() for v in optimizer.variables], strict=True):
            variable.assign(value)
        more = range(STEPS, 2 * STEPS)
        wanted = self.moved(optimizer, weights, more)
        self.agree(self.moved(other, copies, more), wanted, "with another's variables its steps", KEEP, "chain")

    def check_nothing(self) -> None:
        """Gradients of 0, and after them others, give numbers."""
        optimizer, weights = self.fresh(), _weights("float32")
        for scale in (0.0, 0.0, 1e-20, 1.0):
            self.step(optimizer, [g * np.float32(scale) for g in _slopes(0, "float32")], weights)
            for weight, shape in zip(weights, SHAPES, strict=True):
                cure = "Add an epsilon to what is divided by."
                check_finite(
                    self.where, f"a weight of shape {shape} after gradients of size {scale}", weight.numpy(), cure
                )

    def check_digits(self) -> None:
        """What gradients change, they change in float64."""

        def end(step: float) -> float:
            optimizer, weights = self.fresh(1.0), _weights("float64")
            for i in range(STEPS):
                slopes = _slopes(i, "float64")
                self.step(
                    optimizer, [g + step * h for g, h in zip(slopes, _slopes(50 + i, "float64"), strict=True)], weights
                )
            return float(sum(np.sum(w.numpy()) for w in weights))

        slope_along(self.where, "gradients", end)

    def check_backends(self, dtype: str, names: Sequence[str]) -> None:
        """In the weights' dtype, finite, and the same everywhere and each time."""
        wanted: list[Array] = []
        for name in names:
            case = attrs.evolve(self, where=f"{self.where} in {dtype} on backend {name}")
            with use_backend(name):
                optimizer, weights = case.fresh(0.01), _weights(dtype)
                got = case.moved(optimizer, weights, range(STEPS))
                for what, value in _floats(optimizer, got):
                    check_dtype(case.where, what, value, dtype, "Cast to param.dtype.")
                wanted = wanted or got
                case.agree(got, wanted, "numpy's steps", NUMPY_ALONE, "product")


def _held(optimizer: Any) -> dict[str, str]:
    """What its attributes hold, but for what it makes of itself once."""
    own = {name: value for name, value in vars(optimizer).items() if name != "_version"}
    return {n: repr(v) for n, v in own.items() if not isinstance(getattr(type(optimizer), n, None), cached_property)}


def _distance(weights: Sequence[Variable], goal: Sequence[Array]) -> float:
    return float(sum(np.sum((w.numpy() - g) ** 2) for w, g in zip(weights, goal, strict=True)))


def _floats(optimizer: Any, weights: Sequence[Array]) -> Iterator[tuple[str, Array]]:
    """Weights and slots."""
    yield from (("a weight", w) for w in weights)
    for variable in optimizer.variables:
        if is_float(variable.dtype) and variable.shape in SHAPES[:-1]:
            yield f"the slot {variable.name}", variable.numpy()
