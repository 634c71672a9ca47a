"""Optimizer: how gradients move weights, written per tensor and run over flat buffers."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from numbers import Real
from typing import Any, ClassVar

import attrs
import numpy as np

from .. import ops
from ..graph import Symbol, Variable, current_trace, running_trace
from ..graph.types import itemsize
from ..program import Traced
from .checks import number, whole_number
from .configurable import Configurable, snake_case
from .gradients import ordered, shortened
from .group import Group
from .rate import Count, Rate, rate_field, takes_step

Slots = Mapping[str, Any]

CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
HELD = {"learning_rate": Rate, "iterations": Count}


def _one_clip(owner: object, field: Any, value: Any) -> None:
    attrs.validators.optional(number())(owner, field, value)
    others = [n for n in CLIPS if n != field.name and getattr(owner, n, None) is not None]
    if value is not None and others:
        raise ValueError(
            f"{type(owner).__name__}: {field.name} was given beside {others[0]}; "
            "clip gradients by one of clipnorm, clipvalue and global_clipnorm."
        )


class Optimizer(Configurable):
    """Pure functions `init` and `update` over a parameter, its gradient and its slots.

    All parameters of one dtype are parts of one flat array, and so are their gradients and each slot: an elementwise
    update is then one loop over all of them.

    Args:
        learning_rate: how far a step goes: a number, a function of nothing or of the count of steps taken, or a
            schedule. Set it at any time, it is an input of the program.
        weight_decay: how much of itself, times the learning rate, each weight loses before each step.
        clipnorm: the largest Euclidean norm that the gradient of a variable keeps; a longer one is scaled to it.
        clipvalue: the largest size that an element of a gradient keeps.
        global_clipnorm: the largest norm that all gradients together keep.
        use_ema: whether to keep a running average of the weights, which `fit` leaves in them at its end.
        ema_momentum: how much of that average is kept from step to step.
        ema_overwrite_frequency: after how many steps the average takes the place of the weights each time; None: never.
        name: what it is called.
    """

    kind: ClassVar[str] = "optimizers"
    programs: ClassVar[frozenset[str]] = frozenset({"_step"})
    traced_as_input: ClassVar[frozenset[str]] = frozenset({"learning_rate"})

    elementwise: ClassVar[bool] = True
    """Whether `update` treats each element by itself, so that it may see all variables as one flat array."""
    floored: ClassVar[frozenset[str]] = frozenset()
    """The slots that `update` keeps above the denormal numbers itself; all others are rounded to 0 there."""

    learning_rate: Any = rate_field(0.01)
    weight_decay: float | None = attrs.field(default=None, kw_only=True, validator=attrs.validators.optional(number()))
    clipnorm: float | None = attrs.field(default=None, kw_only=True, validator=_one_clip)
    clipvalue: float | None = attrs.field(default=None, kw_only=True, validator=_one_clip)
    global_clipnorm: float | None = attrs.field(default=None, kw_only=True, validator=_one_clip)
    use_ema: bool = attrs.field(default=False, kw_only=True)
    ema_momentum: float = attrs.field(default=0.99, kw_only=True, validator=number(0, most=1))
    ema_overwrite_frequency: int | None = attrs.field(
        default=None, kw_only=True, validator=attrs.validators.optional(whole_number(1))
    )
    name: str | None = attrs.field(default=None, kw_only=True)

    @cached_property
    def iterations(self) -> int:
        """How many steps have been taken."""
        return Count(0).held_by(self, "iterations")  # type: ignore[no-any-return]

    @cached_property
    def _groups(self) -> list[Group]:
        return []

    @cached_property
    def _state(self) -> dict[str, Variable]:
        return {}

    @cached_property
    def _trained(self) -> list[Variable]:
        return []

    @cached_property
    def _excluded(self) -> tuple[set[int], tuple[str, ...]]:
        return set(), ()

    @cached_property
    def _built_version(self) -> int:
        return 0

    @cached_property
    def _step(self) -> Traced:
        return Traced(self._recorded, f"A step of optimizer '{self.label}'", lambda: self.version)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "lr":
            raise AttributeError(f"{type(self).__name__} has no attribute 'lr': set learning_rate.")
        super().__setattr__(name, value)
        held = self.__dict__[name]
        if name in HELD and isinstance(held, Real):
            self.__dict__[name] = HELD[name](held).held_by(self, name)

    # what a subclass says ---------------------------------------------------------------------------------

    def init(self, param: Any) -> dict[str, Any]:
        """The slots that a parameter needs, at the start, in ops."""
        return {}

    def init_scalars(self) -> dict[str, float]:
        """The numbers that `scalars` keeps from step to step, at the start."""
        return {}

    def scalars(self, step: Any, state: Slots) -> tuple[Slots, Slots]:
        """What all updates of a step share, in ops: computed once, in float64.

        Args:
            step: the number of the step, from 1.
            state: what it keeps.

        Returns:
            The scalars, which `update` gets in the dtype of the parameter, and the new state.
        """
        return {}, state

    def update(self, *given: Any, **named: Any) -> tuple[Any, Slots]:
        """The parameter and its slots after one step, in ops: `update(self, param, grad, slots, learning_rate)`.

        A class that has `scalars` takes them as a fifth argument.
        """
        raise NotImplementedError(f"{type(self).__name__} has no `update(self, param, grad, slots, learning_rate)`.")

    # what models call -------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """Its name, or its class's in snake case."""
        return self.name or snake_case(type(self).__name__)

    def rate(self) -> float:
        """The learning rate of the coming step.

        Raises:
            ValueError: the function that gives it gives no finite number of at least 0.
        """
        given = self.learning_rate
        if not callable(given):
            return float(given)
        value = float(given(int(self.iterations)) if takes_step(given) else given())
        if not 0 <= value < np.inf:
            raise ValueError(f"{type(self).__name__}: the learning rate of step {self.iterations} came out as {value}.")
        return value

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Let weight decay pass over variables: these, and those whose path contains one of the words.

        Raises:
            ValueError: the optimizer is built already.
        """
        if self._groups:
            raise ValueError(f"{type(self).__name__}: exclude_from_weight_decay() must be called before build().")
        self._excluded = {id(v) for v in var_list or ()}, tuple(var_names or ())

    def _decays(self, variable: Variable) -> bool:
        which, words = self._excluded
        return id(variable) not in which and not any(word in variable.path for word in words)

    def build(self, variables: Sequence[Variable]) -> None:
        """Move the variables into flat storages, one for each dtype, and make their slots.

        Variables that it was built for until now keep what their slots hold; others begin anew.
        """
        kept = {key: value for group in self._groups for key, value in group.slot_values()}
        variables, alike = list(variables), dict[tuple[str, bool, int], list[int]]()
        for i, v in enumerate(variables):
            alike.setdefault((v.dtype, self._decays(v), -1 if self.elementwise else i), []).append(i)
        self._groups = [
            Group(self, [variables[i] for i in places], places, decays, kept)
            for (_, decays, _), places in sorted(alike.items())
        ]
        start = {name: np.asarray(value, "float64") for name, value in self.init_scalars().items()}
        self._state = {n: self._state.get(n) or Variable(v, trainable=False, name=n) for n, v in start.items()}
        self._trained, self._built_version = variables, self._version
        self.__dict__.pop("_step", None)

    @property
    def built(self) -> bool:
        """Whether it was built for variables."""
        return bool(self._groups)

    def fits(self, variables: Sequence[Variable]) -> bool:
        """Whether it was built for these variables as it is now, and they still lie where it put them."""
        mine = {id(v): group.parameters.storage for group in self._groups for v in group.variables}
        whole = len(mine) == len(variables) and self._built_version == self._version
        return whole and all(mine.get(id(v)) is v.storage for v in variables)

    @property
    def variables(self) -> list[Any]:
        """The count of steps, the learning rate if it is a number, the slots of each variable, and other numbers."""
        own = [n for n in (self.iterations, self.learning_rate) if not callable(n)]
        group_of = {id(v): group for group in self._groups for v in group.variables}
        return [*own, *(s for v in self._trained for s in group_of[id(v)].slots_of(v)), *self._state.values()]

    @property
    def trained(self) -> list[Variable]:
        """The variables that it moves, in the order in which it wants gradients."""
        return list(self._trained)

    def apply(self, grads: Sequence[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Take one step; inside a trace, record one, which the caller counts.

        Args:
            grads: the gradients, one for each variable.
            trainable_variables: the variables; those of `build` if None.

        Raises:
            ValueError: a variable is unknown, or lacks its gradient, or that is of another shape.
        """
        given = self._ordered(list(grads), None if trainable_variables is None else list(trainable_variables))
        trace = current_trace()
        if trace is None:
            numbers = np.asarray(self.rate()), np.asarray(self.iterations, "uint64")
            self._step(*map(ops.convert_to_tensor, (*numbers, *given)))
            self.iterations = self.iterations + 1
            return
        exact = max((group.dtype for group in self._groups), key=itemsize, default="float32")
        counts = self.use_ema or type(self).scalars is not Optimizer.scalars
        step = trace.input("step", (), "uint64") if counts else None
        self._recorded(trace.input("learning_rate", (), exact), step, *given)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> int:
        """Take one step along pairs of a gradient and its variable; returns how many steps have been taken."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])
        return self.iterations

    def finalize_variable_values(self, var_list: Iterable[Variable] | None = None) -> None:
        """Leave the running averages in the weights, if it keeps them: what `fit` does at its end."""
        for group in self._groups:
            group.take_averages()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make this object again, as plain data."""
        config = super().get_config()
        if isinstance(config.get("learning_rate"), Rate):
            config["learning_rate"] = float(config["learning_rate"])
        return config

    # the step ---------------------------------------------------------------------------------------------

    def _ordered(self, grads: list[Any], variables: list[Variable] | None) -> list[Any]:
        """The gradients in the order of `trained`, after it was built for the variables if need be."""
        if not self._groups and variables is None and grads:
            raise ValueError(
                f"{type(self).__name__} was not built for any variables: say whose gradients these are by "
                "apply_gradients([(gradient, variable), ...]), or call build(variables) first."
            )
        if not self._groups or (current_trace() is None and not self.fits(self._trained)):
            self.build(self._trained or variables or [])
        given = self._trained if variables is None else variables
        return ordered(type(self).__name__, grads, given, self._trained)

    def _recorded(self, rate: Symbol, step: Symbol | None, *gradients: Symbol) -> tuple[()]:
        with running_trace().scope(type(self).__name__.lower()):
            scalars: Slots = {}
            count: Any = None
            if step is not None:
                count, before = ops.cast(step, "float64") + 1, {n: v.value for n, v in self._state.items()}
                scalars, state = self.scalars(count, before)
                for name, variable in self._state.items():
                    variable.assign(state[name])
            given = [ops.cast(g, v.dtype) for g, v in zip(gradients, self._trained, strict=True)]
            if self.clipnorm or self.global_clipnorm:
                given = shortened(given, self.clipnorm or self.global_clipnorm, together=not self.clipnorm)
            for group in self._groups:
                as_own = {n: ops.cast(s, group.dtype) for n, s in scalars.items()}
                group.step(self, given, ops.cast(rate, group.dtype), as_own, count)
        return ()

    def updated(self, param: Any, grad: Any, slots: Slots, rate: Any, scalars: Slots) -> tuple[Any, Slots]:
        """What `update` gives, with the scalars if it takes them."""
        result = self.update(param, grad, slots, rate, *[scalars][: self._takes_scalars])
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(f"{type(self).__name__}.update must return (parameter, slots); slots may be {{}}.")
        return result

    @cached_property
    def _takes_scalars(self) -> int:
        arguments = inspect.signature(self.update).parameters.values()
        return int(len(arguments) > 4 or any(p.kind is p.VAR_POSITIONAL for p in arguments))
