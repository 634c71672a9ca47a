"""Optimizer: how gradients move weights, written per tensor and run over flat buffers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

import attrs
import numpy as np

from .. import ops
from ..graph import PACK, Symbol, Variable, recording, running_trace
from ..graph.types import itemsize, size_of
from .checks import number
from .configurable import Configurable

Slots = Mapping[str, Any]
SlotKey = tuple[int, str]

FLOOR = 1e-15
"""Added to every gradient that slots remember: it moves no weight by a digit that counts, and keeps decaying means, of
squares too, out of the denormal numbers, which CPUs compute at a tenth of the speed."""


class Optimizer(Configurable):
    """Pure functions `init` and `update` over a parameter, its gradient and its slots.

    All parameters of one dtype are parts of one flat array, and so are their gradients and each slot: an elementwise
    update is then one loop over all of them.

    Args:
        learning_rate: how far a step goes; set it at any time, it is an input of the program.
    """

    kind: ClassVar[str] = "optimizers"
    traced_as_input: ClassVar[frozenset[str]] = frozenset({"learning_rate"})

    learning_rate: float = attrs.field(default=0.01, converter=float, validator=number())

    @cached_property
    def iterations(self) -> int:
        """How many steps have been taken."""
        return 0

    @cached_property
    def _groups(self) -> list[_Group]:
        return []

    # what a subclass says ---------------------------------------------------------------------------------

    def init(self, param: Any) -> dict[str, Any]:
        """The slots that a parameter needs, at the start, in ops."""
        return {}

    def update(self, param: Any, grad: Any, slots: Slots, learning_rate: Any) -> tuple[Any, Slots]:
        """The parameter and its slots after one step, in ops."""
        raise NotImplementedError(f"{type(self).__name__} has no `update(self, param, grad, slots, learning_rate)`.")

    # what models call -------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable]) -> None:
        """Move the variables into flat storages, one for each dtype, and make their slots.

        Variables that it was built for before keep what their slots hold.
        """
        kept = {key: value for group in self._groups for key, value in group.slot_values()}
        by_dtype = itertools.groupby(sorted(variables, key=lambda v: v.dtype), key=lambda v: v.dtype)
        self._groups = [_Group(self, list(group), kept) for _, group in by_dtype]
        self._built_version = self._version

    @cached_property
    def _built_version(self) -> int:
        return 0

    def fits(self, variables: Sequence[Variable]) -> bool:
        """Whether it was built for these variables as it is now, and they still lie where it put them."""
        mine = {id(v): group.parameters.storage for group in self._groups for v in group.variables}
        whole = len(mine) == len(variables) and self._built_version == self._version
        return whole and all(mine.get(id(v)) is v.storage for v in variables)

    @property
    def variables(self) -> list[Variable]:
        """Its slots."""
        return [slot for group in self._groups for slot in group.slots.values()]

    @property
    def trained(self) -> list[Variable]:
        """The variables that it moves, in the order in which it wants gradients."""
        return [v for group in self._groups for v in group.variables]

    def apply(self, gradients: Sequence[Symbol]) -> None:
        """Record one step for the gradients of `trained`."""
        trace, left = running_trace(), list(gradients)
        exact = max((group.dtype for group in self._groups), key=itemsize, default="float32")
        for group in self._groups:
            with trace.scope(type(self).__name__.lower()):
                rate = ops.cast(trace.input("learning_rate", (), exact), group.dtype)
                group.step(self, left[: len(group.variables)], rate)
            del left[: len(group.variables)]


class _Group:
    """Variables that share a flat storage, and slots of its size."""

    def __init__(self, optimizer: Optimizer, variables: list[Variable], kept: Mapping[SlotKey, Any]) -> None:
        self.variables, self.dtype = variables, variables[0].dtype
        flat = np.concatenate([v.numpy().reshape(-1) for v in variables])
        self.parameters = Variable(flat, name="parameters")
        start = 0
        for variable in variables:
            variable.move(self.parameters.storage, start)
            start += size_of(variable.shape)
        with recording(None):
            slots = optimizer.init(ops.convert_to_tensor(flat))
        self.slots = {n: Variable(ops.convert_to_numpy(v), False, name=n) for n, v in slots.items()}
        for name, slot in self.slots.items():
            value = slot.numpy()
            for variable in variables:
                old = kept.get((id(variable), name))
                if old is not None:
                    value[variable.start : variable.start + old.size] = old
            slot.assign(value)

    def slot_values(self) -> Iterator[tuple[SlotKey, Any]]:
        """By identity of a variable and name of a slot, what the slot holds for it."""
        for name, slot in self.slots.items():
            value, start = slot.numpy(), 0
            for variable in self.variables:
                yield (id(variable), name), value[start : start + size_of(variable.shape)]
                start += size_of(variable.shape)

    def step(self, optimizer: Optimizer, gradients: list[Symbol], learning_rate: Symbol) -> None:
        """Record the update of the whole group."""
        trace = running_trace()
        packed = Symbol(trace.add(PACK, [g.node for g in gradients], name="gradients"))
        old = {name: slot.value for name, slot in self.slots.items()}
        gradient = packed + FLOOR if old else packed
        new, slots = optimizer.update(self.parameters.value, gradient, old, learning_rate)
        for name, slot in self.slots.items():
            slot.assign(slots[name])
        self.parameters.assign(new)
