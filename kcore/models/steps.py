"""Steps: the programs of a model for training, testing and predicting, and one step of them."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import attrs

from ..backend import Backend
from ..graph import Graph, Trace, Variable, finish, recording
from ..graph.where import users_level
from ..interfaces import Configurable
from ..ops.nesting import leaves, rebuilt
from ..program import Cache, EagerProgram, Program, gradients
from .data import HostArray, Rows
from .feed import Feed
from .objective import Objective
from .signature import Fed

if TYPE_CHECKING:
    from .compilable import Compilable

MODES = ("train", "test", "predict")
PARTS = ("mode", "shapes and dtypes of the batch", "backend", "attributes and trainable flags", "run_eagerly")


@attrs.define(eq=False)
class Steps:
    """Those of one model.

    Attributes:
        model: whose.
        fed: by mode, what the last program was given.
    """

    model: Compilable
    fed: dict[str, Fed] = attrs.field(factory=dict)
    _at_hand: dict[tuple[str, Fed], tuple[Hashable, Any]] = attrs.field(factory=dict)
    _untrained: Any = attrs.field(factory=lambda: itertools.count(1 << 63))  # the optimizer counts steps from 0
    _cache: Cache = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._cache = Cache(f"A step of model '{self.model.label}'", PARTS)

    def forget(self) -> None:
        """Let all be traced again."""
        self._cache.clear()
        self.fed.clear()

    def look_anew(self) -> None:
        """Look at all that programs depend on again: a run begins, and functions may read other numbers than before."""
        self._at_hand.clear()

    def _current(self, mode: str, fed: Fed, backend: Backend, objective: Objective | None) -> Any:
        """The program of a step; within a run the one at hand, as long as nothing has changed."""
        key = backend, Configurable.changes, Variable.changes
        known, program = self._at_hand.get((mode, fed), (None, None))
        if known != key or program.stale:
            program = self.program(mode, fed, backend, objective, self.model.run_eagerly)
            self._at_hand[mode, fed] = key, program
        return program

    def program(self, mode: str, fed: Fed, backend: Backend, objective: Objective | None, eagerly: bool = False) -> Any:
        """The program of a step, or what computes it op by op."""

        def record(trace: Trace) -> Graph:
            return self._record(trace, mode, fed, objective)

        def make() -> Program | EagerProgram:
            return EagerProgram(record, backend, fed) if eagerly else Program(record(Trace()), backend)

        self.fed[mode] = fed
        version = self.model.version, objective.version if objective else None, Variable.changes
        return self._cache.get((mode, fed, backend, version, eagerly), make)

    def _record(self, trace: Trace, mode: str, fed: Fed, objective: Objective | None) -> Graph:
        """From the data to the outputs; or on to the loss and the metrics; or on to gradients and new weights."""
        model, signature = self.model, self.model.signature
        optimizer = objective.optimizer if objective and mode == "train" else None
        if optimizer is not None and not model.trainable_weights:
            warnings.warn(
                f"Model '{model.label}' has no weights that may be trained: no step moves any. Is trainable False?",
                stacklevel=users_level(),
            )
        if optimizer is not None and not optimizer.fits(model.trainable_weights):
            optimizer.build(model.trainable_weights)
        with recording(trace):
            given = {name: trace.input(name, shape, dtype) for name, shape, dtype in fed}
            x = rebuilt(signature.inputs, [given[name] for name in signature.x])
            y_pred = leaves(model(x, training=mode == "train"))
            if objective is None:
                return finish(trace, mode, y_pred)
            loss = objective.record(list(map(given.get, signature.y)), y_pred, list(map(given.get, signature.weights)))
            if optimizer is not None:
                optimizer.apply(gradients(loss, [v.value for v in optimizer.trained]))
        return finish(trace, mode, [])

    def learn(self, mode: str, objective: Objective, feed: Feed, rows: Rows, backend: Backend) -> None:
        """Train or test on some rows."""
        program = self._current(mode, feed.samples.fed(len(rows)), backend, objective)
        with program:
            given = feed.give(program, rows)
            if mode == "test":
                program.step(given, **self._outside_training())
            else:
                optimizer = objective.optimizer
                step = int(optimizer.iterations)
                program.step(given, learning_rate=optimizer.rate(), seed=self.model.seeds.seed, step=step)
                optimizer.iterations = step + 1

    def predict(self, feed: Feed, rows: Rows, backend: Backend) -> list[HostArray]:
        """The outputs for some rows, on the host."""
        program = self._current("predict", feed.samples.fed(len(rows)), backend, None)
        with program:
            return backend.fetched(program.step(feed.give(program, rows), **self._outside_training()))

    def _outside_training(self) -> dict[str, int]:
        """Seed and step of random numbers in a step without training: one that no other has."""
        return {"seed": self.model.seeds.seed, "step": next(self._untrained)}
