"""Group: parameters that an optimizer moves by one update, and the slots that it keeps for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import ops
from ..graph import PACK, Symbol, Variable, recording, running_trace
from ..graph.types import size_of
from .checks import check_named

SlotKey = tuple[int, str]

AVERAGE = "average"
"""The slot that holds running averages of parameters."""

FLOOR = {"float32": 5e-18, "float64": 1e-150}
"""A thousandth of its square is still a normal number, and beside 1e-7 it is nothing."""

ROUNDED = {"float32": 1e-24, "float64": 1e-280}
"""Added to slots and taken away again, which makes 0 of numbers so small that a step's factors could make them denormal
ones; what is 0 stays 0, and numbers above 1e-25 keep their digits."""


def floored(gradient: Any) -> Any:
    """A gradient to be squared, or to be taken the size of, for a mean that begins at 0 and to which 1e-7 is added.

    It is 5e-18 larger (1e-150 in float64), so that no mean of it decays to a denormal number, with which CPUs
    compute at a tenth of the speed.
    """
    return gradient + FLOOR.get(gradient.dtype, 0.0)


class Group:
    """Variables of one dtype that are parts of one flat storage, and slots of its size; or one variable as it is.

    Args:
        optimizer: whose it is.
        variables: what it moves.
        places: the places of their gradients among those of all.
        decays: whether weight decay concerns them.
        kept: what slots held before, by identity of a variable and name of the slot.
    """

    def __init__(
        self,
        optimizer: Any,
        variables: Sequence[Variable],
        places: Sequence[int],
        decays: bool,
        kept: Mapping[SlotKey, Any],
    ) -> None:
        self.variables, self.places, self.decays, self.dtype = variables, places, decays, variables[0].dtype
        self.flat = bool(optimizer.elementwise)
        if self.flat:
            flat = np.concatenate([v.numpy().reshape(-1) for v in variables])
            self.parameters = Variable(flat, name="parameters")
            for variable, start in zip(variables, self._starts(), strict=True):
                variable.move(self.parameters.storage, start)
        else:
            (self.parameters,) = variables
        with recording(None):
            values = ops.convert_to_tensor(self.parameters.numpy())
            slots = {
                **self._begun(optimizer, values),
                **({AVERAGE: ops.zeros_like(values)} if optimizer.use_ema else {}),
            }
        self.slots = {n: Variable(ops.convert_to_numpy(v), False, name=n) for n, v in slots.items()}
        for name, slot in self.slots.items():
            value = slot.numpy()
            for variable, part in self._parts(value):
                old = kept.get((id(variable), name))
                if old is not None and old.shape == part.shape:
                    part[...] = old
            slot.assign(value)

    def _begun(self, optimizer: Any, values: Any) -> Mapping[str, Any]:
        """The slots that `init` gives."""
        where, cure = f"{type(optimizer).__name__}.init", 'Write it as {"mean": ops.zeros_like(param)}, or {} for none.'
        slots: Mapping[str, Any] = optimizer.init(values)
        check_named(where, "the slots by name", slots, None, cure)
        for name, slot in slots.items() if self.flat else ():
            shape = np.shape(slot) if isinstance(slot, int | float) else tuple(slot.shape)
            if shape != values.shape:
                raise ValueError(
                    f"{where}: the slot {name!r} must have the shape of param, here {values.shape}, since all weights "
                    f"are one flat array; got {shape}. Numbers that all weights share go to init_scalars() and "
                    "scalars(); if each weight has slots of its own shape, write elementwise = False in the class."
                )
        return slots

    def _starts(self) -> Iterator[int]:
        start = 0
        for variable in self.variables:
            yield start
            start += size_of(variable.shape)

    def _parts(self, value: np.ndarray[Any, Any]) -> Iterator[tuple[Variable, np.ndarray[Any, Any]]]:
        """Each variable with its part of what a slot holds."""
        if not self.flat:
            yield self.parameters, value
            return
        for variable, start in zip(self.variables, self._starts(), strict=True):
            yield variable, value[start : start + size_of(variable.shape)]

    def slot_values(self) -> Iterator[tuple[SlotKey, Any]]:
        """By identity of a variable and name of a slot, what the slot holds for it."""
        for name, slot in self.slots.items():
            for variable, part in self._parts(slot.numpy()):
                yield (id(variable), name), part

    def slots_of(self, variable: Variable) -> Iterator[Variable]:
        """The slots of one variable, as variables that live in those of all."""
        start = 0
        if self.flat:
            start = next(s for v, s in zip(self.variables, self._starts(), strict=True) if v is variable)
        for name, slot in self.slots.items():
            view = slot
            if self.flat:
                view = Variable(np.zeros(variable.shape, self.dtype), trainable=False)
                view.storage, view.start = slot.storage, start
            view.name = f"{variable.path.replace('/', '_')}_{name}"
            view.path = view.name
            yield view

    def take_averages(self) -> None:
        """Let the parameters be what their running averages are, if there are any."""
        if AVERAGE in self.slots:
            self.parameters.assign(self.slots[AVERAGE].numpy())

    def step(
        self, optimizer: Any, gradients: Sequence[Symbol], rate: Symbol, scalars: Mapping[str, Any], count: Any
    ) -> None:
        """Record the update of all.

        Args:
            optimizer: whose update.
            gradients: those of every variable of the optimizer.
            rate: the learning rate.
            scalars: what the updates of a step share.
            count: the number of the step, from 1, in float64; None if nothing needs it.
        """
        given = [gradients[i] for i in self.places]
        gradient, param = given[0], self.parameters.value
        if self.flat:
            gradient = Symbol(running_trace().add(PACK, [g.node for g in given], name="gradients"))
        if optimizer.clipvalue:
            gradient = ops.clip(gradient, -optimizer.clipvalue, optimizer.clipvalue)
        old = {name: slot.value for name, slot in self.slots.items()}
        if optimizer.weight_decay and self.decays:
            param = param - param * (rate * optimizer.weight_decay)
        average = old.pop(AVERAGE, None)
        new, slots = optimizer.updated(param, gradient, old, rate, scalars)
        cure = "Return what init gave, after this step, under the same names."
        check_named(f"{type(optimizer).__name__}.update", "the new slots by name beside param", slots, old, cure)
        if average is not None:
            keep = ops.cast(count > 1, self.dtype) * optimizer.ema_momentum
            average = average * keep + new * (1 - keep)
            slots = {**slots, AVERAGE: average}
            if optimizer.ema_overwrite_frequency:
                new = ops.where(count % optimizer.ema_overwrite_frequency == 0, average, new)
        for name, slot in self.slots.items():
            value, small = slots[name], ROUNDED.get(self.dtype)
            slot.assign(value if name in optimizer.floored or small is None else value + small - small)
        self.parameters.assign(new)
