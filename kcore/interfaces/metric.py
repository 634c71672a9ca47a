"""Metric: a number that tells how well it goes, gathered over batches inside the traced step."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

import attrs
import numpy as np

from .. import ops
from ..graph import Variable, current_trace, recording, symbol_of
from ..graph.types import DEFAULT_FLOAT, DType, dtype_name
from ..program import Traced
from .checks import check_named
from .configurable import Configurable, get, snake_case
from .host import on_host, told
from .of_function import OfFunction
from .samplewise import mean_update
from .stateless import Stateless

State = Mapping[str, Any]


class Metric(Stateless, Configurable):
    """What is gathered over batches, written in one of three ways.

    A mean over positions needs `call(y_true, y_pred)` alone. Anything else is either pure, over a state of a few
    arrays: `init()`, `update(state, y_true, y_pred, sample_weight=None)`, `result(state)`. Or it is Keras's:
    `__init__` makes variables by `add_variable`, `update_state(y_true, y_pred, sample_weight=None)` assigns to them,
    and `result()` reads them. Sums and counts are float64, so that whole numbers stay exact below 2^53.

    Args:
        name: what histories call it; the class's name in snake case if None.
        dtype: what a subclass of one's own may cast to, as `self.dtype`. The state does not depend on it.
    """

    kind: ClassVar[str] = "metrics"
    programs: ClassVar[frozenset[str]] = frozenset({"_runs"})

    name: str | None = attrs.field(default=None, kw_only=True)
    dtype: DType = attrs.field(default=DEFAULT_FLOAT, kw_only=True, converter=lambda d: dtype_name(d or DEFAULT_FLOAT))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        pure = vars(cls).get("result")
        if pure is not None and "state" in inspect.signature(pure).parameters:
            cls.compute = pure  # type: ignore[method-assign]  # since `result()` is what users call
            del cls.result
        super().__init_subclass__(**kwargs)

    def __attrs_post_init__(self) -> None:
        if not self.name:
            self.name = self.__dict__["_own_name"] = self.label

    def _told(self) -> dict[str, Any]:
        told = super()._told()
        return {k: v for k, v in told.items() if (k, v) != ("name", self._own_name)}

    # what a subclass says ---------------------------------------------------------------------------------

    def init(self) -> Mapping[str, Any]:
        """The state before any batch: arrays by name, or numbers, which become float64 and int64."""
        return {"total": np.zeros(()), "count": np.zeros(())}

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """What is to be averaged, one number for each position, in ops: all that a mean needs."""
        raise NotImplementedError(
            f"{type(self).__name__} has neither `call(self, y_true, y_pred)` nor `update` nor `update_state`."
        )

    def update(self, state: State, y_true: Any, y_pred: Any, sample_weight: Any = None) -> State:
        """The state after one more batch, in ops."""
        return mean_update(state, self.call(y_true, y_pred), sample_weight)

    def compute(self, state: State) -> Any:
        """The number that a state stands for, in ops; the mean if there is a total and a count, and 0 before any."""
        total, count = state["total"], state["count"]
        if isinstance(total, int | float):  # on the host, where each batch may be told
            return float(total) / float(count) if count else 0.0
        return ops.divide_no_nan(total, count)

    def add_variable(
        self,
        shape: int | Sequence[int] = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Variable:
        """A new variable of the state, for a metric in Keras's style.

        Args:
            shape: its shape.
            initializer: the name of one, or a function of (shape, dtype); what a reset goes back to.
            dtype: its dtype; float64 if None, so that counts stay exact.
            aggregation: taken as in Keras, where it is for several machines.
            name: its name within the metric.

        Raises:
            RuntimeError: `__init__` has not called that of its base yet.
        """
        if "name" not in self.__dict__:
            raise RuntimeError(f"{type(self).__name__}.__init__ must begin with super().__init__(name=name).")
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        dtype = dtype_name(dtype or "float64")
        value = np.asarray(get("initializers", initializer or "zeros")(shape, dtype))
        variable = Variable(value, trainable=False, name=f"{self.label}_{name or f'variable_{len(self._added)}'}")
        self._added.append((variable, value))
        return variable

    def add_weight(
        self, shape: int | Sequence[int] = (), initializer: Any = None, dtype: Any = None, name: str | None = None
    ) -> Variable:
        """The same as `add_variable`."""
        return self.add_variable(shape, initializer, dtype, name=name)

    # what callers see -------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """Its name, or its class's in snake case."""
        return self.name or snake_case(type(self).__name__)

    @cached_property
    def state(self) -> dict[str, Variable]:
        """The variables of `init`, by name; none for a metric in Keras's style."""
        cls, own = type(self), ("init", "call", "update")
        if cls.update_state is not Metric.update_state and all(getattr(cls, n) is getattr(Metric, n) for n in own):
            return {}
        return {k: Variable(v, trainable=False, name=f"{self.label}_{k}") for k, v in self._begun().items()}

    def _begun(self) -> dict[str, np.ndarray[Any, Any]]:
        """What `init` gives, on the host, also inside a trace."""
        where, cure = f"{type(self).__name__}.init", 'Write it as {"total": np.zeros(()), "count": np.zeros(())}.'
        with recording(None):
            given = self.init()
            check_named(where, "the state's arrays by name", given, None, cure)
            return {name: on_host(f"{where}: {name!r}", value) for name, value in given.items()}

    @cached_property
    def _own_name(self) -> str | None:
        """The name that it has because it was given none."""
        return None

    @cached_property
    def _added(self) -> list[tuple[Variable, np.ndarray[Any, Any]]]:
        return []

    @property
    def _metrics(self) -> list[Metric]:
        """Those that it holds as attributes: their variables are also its own."""
        return [value for value in vars(self).values() if isinstance(value, Metric)]

    @property
    def variables(self) -> list[Variable]:
        """The variables that hold its state."""
        held = [v for metric in self._metrics for v in metric.variables]
        return [*self.state.values(), *(v for v, _ in self._added), *held]

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Gather one more batch: (y_true, y_pred, sample_weight=None), or what `update` takes beside the state.

        Recorded inside a trace.

        Raises:
            TypeError: `update` does not take these.
        """
        args, kwargs = self._arguments_of_update(args, kwargs)
        key, operands = (len(args), *kwargs), (*args, *kwargs.values())
        if current_trace() is not None:
            self._recorded(key, *map(symbol_of, operands))
            return
        if key not in self._runs:
            record = functools.partial(self._recorded, key)
            self._runs[key] = Traced(record, f"Metric '{self.label}'", lambda: self.version)
        self._runs[key](*map(ops.convert_to_tensor, operands))

    @cached_property
    def _runs(self) -> dict[tuple[Any, ...], Traced]:
        return {}

    def _arguments_of_update(self, args: Any, kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        takes = _signature(type(self).update)
        if kwargs.get("sample_weight", ...) is None:
            kwargs = {k: v for k, v in kwargs.items() if k != "sample_weight"}
        try:
            bound = takes.bind(*args, **kwargs)
        except TypeError as error:
            cure = f"its update is {takes}, beside the state"
            if "sample_weight" in kwargs and "sample_weight" not in takes.parameters:
                cure += ": give it an argument sample_weight=None, or no weights"
            raise TypeError(f"Metric '{self.label}': {error}; {cure}.") from None
        if bound.arguments.get("sample_weight", ...) is None:
            del bound.arguments["sample_weight"]
        return bound.args, bound.kwargs

    def _recorded(self, key: tuple[Any, ...], *operands: Any) -> tuple[()]:
        positional, *names = key
        named = dict(zip(names, operands[positional:], strict=True))
        new = self.update({k: v.value for k, v in self.state.items()}, *operands[:positional], **named)
        cure = "Return what init gave, after this batch, under the same names."
        check_named(f"{type(self).__name__}.update", "the new state by name", new, self.state, cure)
        for name, variable in self.state.items():
            variable.assign(new[name])
        return ()

    def result(self) -> Any:
        """The number so far, or an array if it is several; a symbol inside a trace."""
        if current_trace() is not None:
            return self.compute({k: v.value for k, v in self.state.items()})
        return self._made_of(told(self._pending()))

    def _pending(self) -> Any:
        """What a result is made of, on the device: a mean is divided on the host."""
        state = {name: variable.value for name, variable in self.state.items()}
        return state if type(self).compute is Metric.compute else self.compute(state)

    def _made_of(self, pending: Any) -> Any:
        return self.compute(pending) if type(self).compute is Metric.compute else pending

    def due(self) -> Any:
        """What `numbers` are made of, on the device, so that what several metrics are due can be `told` at once."""
        return self._pending() if type(self).result is Metric.result else self.result()

    def numbers(self, name: str | None = None, due: Any = None) -> dict[str, Any]:
        """The result by this name or its own, or by the names that a dictionary of results has, on the host.

        Args:
            name: for a result that is no dictionary.
            due: what `due` gave, told; it is asked for if None.
        """
        due = told(self.due()) if due is None else due
        result = self._made_of(due) if type(self).result is Metric.result else due
        return result if isinstance(result, dict) else {name or self.label: result}

    def reset_state(self) -> None:
        """Begin anew."""
        for key, value in self._begun().items() if self.state else ():
            self.state[key].assign(value)
        for variable, value in self._added:
            variable.assign(value)
        for metric in self._metrics:
            metric.reset_state()

    def reset_states(self) -> None:
        """The same as `reset_state`."""
        self.reset_state()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Gather one more batch and tell the number so far."""
        self.update_state(*args, **kwargs)
        result = self.result()
        return result if current_trace() is not None else told(result)

    def clone(self) -> Self:
        """A fresh metric of the same configuration."""
        return type(self)(**self._told())


class FunctionMetric(OfFunction, Metric):
    """The mean over positions of a plain function of (y_true, y_pred)."""

    function: Any


@functools.cache
def _signature(update: Callable[..., Any]) -> inspect.Signature:
    """What an `update` takes beside itself and the state, without annotations."""
    parameters = list(inspect.signature(update).parameters.values())[2:]
    return inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in parameters])
