"""Compare: one compiled model trained alike on several backends, and where they part."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import attrs
import numpy as np

from ..backend import Backend
from ..backend.selection import backend_named
from ..graph import Graph, Variable
from ..models import Model
from ..models.data import HostArray
from .at_hand import ANOTHER, backends_at_hand, listed
from .culprit import Culprit, first_difference
from .report import CheckFailedError
from .stepping import Batch, State, Stepper, held
from .tolerances import TIMES, allowed, difference
from .wide import is_narrow

STEPS = {"float32": 5, "float64": 20}
"""How many steps are taken: rounding grows, and a relu that rounds to the other side makes it large at once."""
REFERENCE = "numpy"
SMALL = 1e-7
"""Slots may be small numbers; below this one they may be what is left of larger ones that cancel."""
COLUMN = 46


@attrs.frozen
class Difference:
    """How far one thing is from what it is on NumPy.

    Attributes:
        backend: where it was computed.
        what: a weight, a slot of the optimizer, a metric or an output.
        largest: the largest difference of any element.
        allowed: how large it may be.
    """

    backend: str
    what: str
    largest: float
    allowed: float

    @property
    def agrees(self) -> bool:
        """Whether it is within what is allowed."""
        return self.largest <= self.allowed

    def __str__(self) -> str:
        what = self.what if len(self.what) <= COLUMN else f"...{self.what[3 - COLUMN :]}"
        return f"  {what:<{COLUMN}} {self.largest:>9.2g} {self.allowed:>9.2g}{'' if self.agrees else '  <-'}"


@attrs.frozen
class Comparison:
    """What came of training a model alike on several backends; print it to read it.

    Attributes:
        steps, batch: how many steps of how many samples were taken.
        differences: of each backend from NumPy.
        culprits: by backend that differs, the first kernel whose output does, if one was found.
        programs: by backend, the training step that ran.
    """

    steps: int
    batch: int
    differences: list[Difference]
    culprits: dict[str, Culprit | None]
    programs: dict[str, str]

    @property
    def agrees(self) -> bool:
        """Whether there are others, and all agree."""
        return bool(self.differences) and all(d.agrees for d in self.differences)

    def check(self) -> None:
        """Raise CheckFailedError, with the report and programs, if a backend does not agree or none was compared."""
        if not self.agrees:
            texts = (f"The step on {name}:\n\n{self.programs[name]}" for name in self.culprits)
            raise CheckFailedError("\n\n".join([str(self), *texts]))

    def __str__(self) -> str:
        lines = [f"After {self.steps} steps of {self.batch} samples"]
        lines += [] if self.differences else ["", NOTHING]
        for backend in dict.fromkeys(d.backend for d in self.differences):
            lines += ["", f"{f'{backend} beside {REFERENCE}':<{COLUMN + 2}} {'largest':>9} {'allowed':>9}"]
            lines += [str(d) for d in self.differences if d.backend == backend]
            if backend not in self.culprits:
                lines.append("  all within what rounding explains")
            else:
                found = self.culprits[backend]
                lines += ["", str(found) if found else NO_CULPRIT]
        return "\n".join(lines)


NOTHING = f"""\
Nothing was compared: no backend beside {REFERENCE} was named, or none is at hand.
{ANOTHER}"""
NO_CULPRIT = """\
No kernel differs by more than rounding explains when a step is made again with
all its values kept: small differences grew over the steps, or a kernel writes
into memory that is still read."""


def compare_backends(
    model: Model,
    data: Sequence[Any],
    backends: Sequence[str | Backend] | None = None,
    steps: int | None = None,
    batch_size: int = 32,
) -> Comparison:
    """Train a copy of a compiled model on each backend from the same weights, with the same random numbers.

    Weights, slots of the optimizer, metrics and outputs are compared with those on NumPy: float64 to 1e-8 of the
    largest element; float32 to twice NumPy's own distance from the same steps in float64, and 4 units in the last
    place of the largest element; whole numbers exactly. All weights are judged as the one flat array that they are.

    Args:
        model: it is left as it is.
        data: (x, y) or (x, y, sample_weight), as for `fit`; steps go through them in order, again and again.
        backends: backends or their names; all that can run here if None.
        steps: how many steps; 5, or 20 if the model is in float64 throughout.
        batch_size: how many samples a step takes, if there are as many.

    Returns:
        The report. Where a backend does not agree it names the first kernel whose output differs.

    Raises:
        RuntimeError: the model was not compiled.
        ValueError, TypeError: the data do not fit the model, or a backend is not known.
    """
    if not isinstance(data, Sequence) or len(data) not in (2, 3):
        raise ValueError("compare_backends takes data as for fit: (x, y), or (x, y, sample_weight).")
    for what, count in (("steps", 1 if steps is None else steps), ("batch_size", batch_size)):
        if not isinstance(count, Integral) or count < 1:
            raise ValueError(f"compare_backends: {what} must be a whole number of at least 1; got {count!r}.")
    asked = backends_at_hand() if backends is None else listed(backends)
    others = [backend_named(b) if isinstance(b, str) else b for b in asked]
    others = [backend for backend in others if backend is not backend_named(REFERENCE)]
    return Race(copy.deepcopy(model), data, int(batch_size)).run(others, steps)


class Race:
    """The steps of one model, which is the race's own, on one backend after the other."""

    def __init__(self, model: Model, data: Sequence[Any], batch_size: int) -> None:
        self.model = model
        self.objective, self.samples = model._data("compare_backends()", *data)
        self.batch = min(batch_size, len(self.samples))
        home, steps = backend_named(REFERENCE), model._steps
        fed = self.samples.fed(self.batch)
        self.graph: Graph = steps.program("train", fed, home, self.objective).recorded
        inputs = set(model.signature.x)
        self.predicts: Graph = steps.program("predict", tuple(f for f in fed if f[0] in inputs), home, None).recorded
        storages = [*self.graph.storages.values(), *self.predicts.storages.values()]
        storages += [v.storage for v in (*self._variables().values(), *self._measured())]
        self.start: State = {s: s.numpy() for s in storages}
        self.begun = int(self.objective.optimizer.iterations)
        ends = [v.dtype for v in model.weights] + [spec.dtype for spec in model.signature.gives]
        self.narrow = "float32" in ends

    def _variables(self) -> dict[str, Variable]:
        """By what they are called, weights and slots."""
        slots = [v for v in self.objective.optimizer.variables if isinstance(v, Variable)]
        named = [(f"weight {v.path}", v) for v in self.model.weights] + [(f"slot {v.path}", v) for v in slots]
        met = Counter(name for name, _ in named)
        return {name if met[name] == 1 else f"{name} {i}": v for i, (name, v) in enumerate(named)}

    def _measured(self) -> list[Variable]:
        return [v for metric in self.objective.measures.values() for v in metric.variables]

    def given(self, step: int) -> Batch:
        """What a step is given, counted from 0."""
        whole = len(self.samples) // self.batch
        rows = slice(step % whole * self.batch, (step % whole + 1) * self.batch)
        optimizer = self.objective.optimizer
        optimizer.iterations = self.begun + step
        numbers = {"learning_rate": optimizer.rate(), "seed": self.model.seeds.seed, "step": self.begun + step}
        return Batch({name: a[rows] for name, a in self.samples.arrays.items()}, numbers)

    def run(self, others: Sequence[Backend], steps: int | None) -> Comparison:
        """Compare these backends with NumPy."""
        count = steps or STEPS["float32" if self.narrow else "float64"]
        stepper = Stepper(self.graph, backend_named(REFERENCE))
        wanted, exact = self._end(stepper, count), dict[str, HostArray]()
        if is_narrow(self.graph):
            exact = self._end(Stepper(stepper.program.graph, stepper.backend, wide=True), count)
        limits, programs = self._limits(wanted, exact), {REFERENCE: str(stepper.program)}
        differences, culprits = list[Difference](), dict[str, Culprit | None]()
        for backend in others:
            name, other = backend.name, Stepper(self.graph, backend)
            programs[name] = str(other.program)
            found = self._end(other, count)
            mine = [Difference(name, what, difference(found[what], wanted[what]), limits[what]) for what in wanted]
            differences += mine
            if not all(d.agrees for d in mine):
                culprits[name] = first_difference(stepper, other, self.start, [self.given(i) for i in range(count)])
        return Comparison(count, self.batch, differences, culprits, programs)

    def _limits(self, wanted: Mapping[str, HostArray], exact: Mapping[str, HostArray]) -> dict[str, float]:
        """How far each may be from NumPy: what lies in one flat array is judged as one.

        Of a bias alone, three numbers, NumPy may come within less of float64 than rounding explains.
        """
        storages = {what: v.storage for what, v in self._variables().items()}
        limits: dict[str, float] = {}
        for what, value in wanted.items():
            group = [w for w in wanted if what in storages and storages.get(w) is storages[what]] or [what]
            whole = np.concatenate([wanted[w].reshape(-1) for w in group])
            precise = np.concatenate([exact[w].reshape(-1) for w in group]) if exact else None
            limits[what] = self._allowed(what, whole.astype(value.dtype), precise)
        return limits

    def _allowed(self, what: str, value: HostArray, exact: HostArray | None) -> float:
        """How far from this: in a model with float32 in it, any float has been through that."""
        if self.narrow and exact is not None and value.dtype.kind == "f":
            return allowed("training", value.astype("float32"), exact)
        near = allowed("training", value, size=SMALL if what.startswith("slot ") else 1.0)
        return near if exact is None else max(near, TIMES * difference(value, exact))

    def _end(self, stepper: Stepper, steps: int) -> dict[str, HostArray]:
        """By what they are called, weights, metrics and outputs after so many steps."""
        state, wide = self.start, stepper.wide
        for i in range(steps):
            _, state = stepper.step(state, self.given(i))
        found = {what: held(v, state) for what, v in self._variables().items()}
        for storage in {v.storage for v in self._measured()}:
            storage.fill(0, state[storage].astype(storage.dtype))
        found |= {f"metric {name}": np.asarray(value) for name, value in self.objective.logs().items()}
        predicts = Stepper(self.predicts, stepper.backend)
        if wide:
            predicts = Stepper(predicts.program.graph, stepper.backend, wide=True)
        outputs, _ = predicts.step(state, self.given(0))
        return found | {f"output {n}": out for n, out in zip(self.model.signature.output_names, outputs, strict=True)}
