"""Layer: weights made once by `build`, and a few lines of ops in `call`."""

from __future__ import annotations

import contextlib
import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from functools import cache, cached_property
from typing import Any, ClassVar, Self, TypeVar

import attrs
import numpy as np

from .. import ops
from ..graph import Symbol, Trace, Variable, current_trace, recording, running_trace, symbol_of
from ..graph.types import DType, Shape, dtype_name, is_float, size_of
from ..graph.where import users_line
from ..program import Traced, probed
from ..randomness import generator, next_seed
from .configurable import Configurable, get, snake_case

OptionalShape = tuple[int | None, ...]
T = TypeVar("T")


class Seeds:
    """A model's seed, and the numbers by which its layers draw from it, each by its place in the model."""

    def __init__(self, seed: int | None = None) -> None:
        self.seed = next_seed() if seed is None else seed
        self._streams = itertools.count()

    def next_stream(self) -> int:
        """The stream of the layer that is built next."""
        return next(self._streams)

    @contextlib.contextmanager
    def used(self) -> Iterator[None]:
        """Layers that are built inside draw from these seeds."""
        token = _seeds.set(self)
        try:
            yield
        finally:
            _seeds.reset(token)


_seeds: ContextVar[Seeds | None] = ContextVar("kcore_seeds", default=None)


def _optional_shape(shape: Any) -> OptionalShape | None:
    return None if shape is None else tuple(shape)


class Layer(Configurable):
    """A function of arrays with weights.

    Args:
        name: unique within a model; the class's name in snake case, numbered, if None.
        trainable: whether its weights may be trained.
        dtype: the dtype of its weights and its arithmetic.
        input_shape: the shape of one sample, if the layer is a model's first.
    """

    kind: ClassVar[str] = "layers"

    name: str | None = attrs.field(default=None, kw_only=True)
    trainable: bool = attrs.field(default=True, kw_only=True)
    dtype: str = attrs.field(default="float32", kw_only=True, converter=dtype_name)
    input_shape: OptionalShape | None = attrs.field(default=None, kw_only=True, converter=_optional_shape)

    # Its state beside the configuration: each begins as below.

    @cached_property
    def built(self) -> bool:
        """Whether its weights have been made."""
        return False

    @cached_property
    def _weights(self) -> list[Variable]:
        return []

    @cached_property
    def _programs(self) -> dict[bool, Traced]:
        return {}

    @cached_property
    def _calls(self) -> int:
        return 0

    @cached_property
    def seeds(self) -> Seeds:
        """Where its random numbers come from: its model's, or fresh ones."""
        return _seeds.get() or Seeds()

    @cached_property
    def stream(self) -> int:
        """Its place in the model, which tells its random numbers from those of other layers."""
        return self.seeds.next_stream()

    @cached_property
    def _holders(self) -> dict[str, Any]:
        """By name the attributes that hold layers and variables, and lists and dictionaries, which may get some."""
        return {"_weights": self._weights}

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:  # noqa: D102 - the class says what it takes
        if current_trace() is not None:
            raise RuntimeError(
                f"{users_line()}a {cls.__name__} is made in `call`, where its weights would be lost. Make it in "
                "__init__ or build, hold it as an attribute, and call that."
            )
        return super().__new__(cls, *args, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        """Layers and variables held as attributes, also in lists and dictionaries, are part of this layer."""
        super().__setattr__(name, value)
        first = value[0] if isinstance(value, tuple) and value else value
        if isinstance(first, Layer | Variable | list | dict):
            self._holders[name] = value
        else:
            self._holders.pop(name, None)

    def _held(self, kind: type[T]) -> list[T]:
        found: dict[int, T] = {}
        for value in self._holders.values():
            items = (
                value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else (value,)
            )
            for item in items:
                if isinstance(item, kind):
                    found[id(item)] = item
        return list(found.values())

    # what a subclass says ---------------------------------------------------------------------------------

    def build(self, input_shape: OptionalShape) -> None:
        """Make the weights for inputs of this shape, whose lengths are None where any will do."""

    def call(self, x: Any) -> Any:
        """The output for an input, in ops. Called with `training=` too if it asks for that."""
        raise NotImplementedError(f"{type(self).__name__} has no `call`. Write call(self, x) in terms of kcore.ops.")

    def check_input(self, shape: Shape) -> None:
        """Raise ValueError if an input of this shape does not fit; the message begins with the layer's name."""

    def compute_output_shape(self, input_shape: OptionalShape) -> OptionalShape:
        """The output's shape for an input's, found by tracing it; lengths that depend on a None are None."""
        self._built_for(input_shape)
        probes = []
        for size in (2, 3):

            def record(trace: Trace, shape: Shape = tuple(size if n is None else n for n in input_shape)) -> Shape:
                with recording(trace):
                    y: Symbol = self(trace.input("x", shape, self.input_dtype))
                    return y.shape

            probes.append(probed(record))
        return tuple(a if a == b else None for a, b in zip(*probes, strict=True))

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "glorot_uniform",
        dtype: Any = None,
        trainable: bool = True,
        name: str = "weight",
    ) -> Variable:
        """A new weight, its first values drawn on the host from the model's seed: the same on every backend.

        Args:
            shape: its shape.
            initializer: the name of one, or a function of (shape, dtype, rng) that returns a NumPy array.
            dtype: its dtype; the layer's if None.
            trainable: whether optimizers move it.
            name: its name within the layer.
        """
        if current_trace() is not None:
            raise RuntimeError(
                f"{users_line()}layer '{self.label}' makes a weight in `call`, where each trace would make another. "
                "Make it in build(self, input_shape), and use it in `call`."
            )
        rng = generator(self.seeds.seed, self.stream, len(self._weights))
        value = get("initializers", initializer)(tuple(shape), dtype_name(dtype or self.dtype), rng)
        weight = Variable(np.asarray(value), trainable, name=name)
        weight.path = f"{self.label}/{name}"
        self._weights.append(weight)
        return weight

    # what callers see -------------------------------------------------------------------------------------

    @property
    def label(self) -> str:
        """Its name, or what it would be called if it had none."""
        return self.name or snake_case(type(self).__name__)

    @property
    def input_dtype(self) -> DType:
        """The dtype that its inputs are cast to if they are floats."""
        return self.dtype

    @property
    def sublayers(self) -> list[Layer]:
        """The layers that it is made of, in order: those that its attributes hold."""
        return self._held(Layer)

    @property
    def weights(self) -> list[Variable]:
        """All its variables, those of the layers it is made of included."""
        every = [*self._held(Variable), *(w for child in self.sublayers for w in child.weights)]
        return list({id(w): w for w in every}.values())

    variables = weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that training moves."""
        if not self.trainable:
            return []
        below = {id(w) for child in self.sublayers for w in child.weights}
        own = [w for w in self._held(Variable) if w.trainable and id(w) not in below]
        every = [*own, *(w for child in self.sublayers for w in child.trainable_weights)]
        return list({id(w): w for w in every}.values())

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that training leaves alone."""
        moved = {id(w) for w in self.trainable_weights}
        return [w for w in self.weights if id(w) not in moved]

    @property
    def version(self) -> tuple[int, ...]:
        """Another one whenever an attribute changes that programs were traced with."""
        return (self._version, *(n for child in self.sublayers for n in child.version))

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Copies of all weights, as NumPy arrays."""
        return [w.numpy() for w in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Hold these values, given in the order of `get_weights`.

        Raises:
            ValueError: their number or a shape does not fit.
        """
        expected = self.weights
        if len(weights) != len(expected):
            raise ValueError(f"Layer '{self.label}' has {len(expected)} weights; set_weights got {len(weights)}.")
        for variable, value in zip(expected, weights, strict=True):
            variable.check_shape(value)
        for variable, value in zip(expected, weights, strict=True):
            variable.assign(value)

    def count_params(self) -> int:
        """How many numbers its weights hold."""
        return sum(size_of(w.shape) for w in self.weights)

    def __call__(self, x: Any, training: bool | None = None) -> Any:
        """The output for an array, a variable or a symbol; the first call builds the weights."""
        trace = current_trace()
        if trace is not None:
            return self._recorded(trace, x, training)
        array = x if isinstance(x, Variable) else ops.convert_to_tensor(x)
        self._built_for(tuple(array.shape))
        mode = bool(training)
        if mode not in self._programs:

            def record(symbol: Symbol) -> list[Symbol]:
                return [self._recorded(running_trace(), symbol, mode)]

            self._programs[mode] = Traced(record, f"Layer '{self.label}'", lambda: self.version)
        self._calls += 1
        return self._programs[mode](array, seed=self.seeds.seed, step=self._calls)[0]

    def _recorded(self, trace: Trace, x: Any, training: bool | None) -> Symbol:
        x = symbol_of(x)
        outer = trace.training
        trace.training = outer if training is None else training
        try:
            with trace.scope(self.label):
                self._built_for(x.shape)
                self.check_input(x.shape)
                x = ops.cast(x, self.input_dtype) if is_float(x.dtype) else x
                asked = {"training": trace.training} if _asks_for_training(type(self).call) else {}
                y = self.call(x, **asked)
        finally:
            trace.training = outer
        if not isinstance(y, Symbol):
            raise TypeError(f"Layer '{self.label}': `call` returned {type(y).__name__}; expected what kcore.ops gives.")
        if y.node.scope == self.label:
            y.node.name = y.node.name or self.label
        return y

    def _built_for(self, shape: OptionalShape) -> None:
        if not self.built:
            _ = self.stream  # taken now, in the order of the layers, by those without weights too
            with recording(None):
                self.build((None, *shape[1:]))
            self.__dict__["built"] = True


@cache
def _asks_for_training(call: Callable[..., Any]) -> bool:
    return "training" in inspect.signature(call).parameters
