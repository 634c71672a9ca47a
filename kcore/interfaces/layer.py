"""Layer: weights made once by `build`, and a few lines of ops in `call`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache, cached_property, partial
from typing import Any, ClassVar, Self

import attrs

from .. import ops
from ..graph import Symbol, Trace, Variable, current_trace, recording, running_trace, symbol_of
from ..graph.operators import Operators
from ..graph.types import DType, dtype_name, is_float
from ..graph.where import users_line
from ..ops.nesting import leaves, rebuilt
from ..program import Traced, probed
from .arguments import Arguments, Spec, map_shapes, shapes_of
from .holder import Holder
from .placeholder import Call, Placeholder, placed

OptionalShape = tuple[int | None, ...]


def _optional_shape(shape: Any) -> OptionalShape | None:
    return None if shape is None else tuple(shape)


class Layer(Holder):
    """A function of arrays with weights.

    Args:
        name: unique within a model; the class's name in snake case, numbered, if None.
        trainable: whether its weights may be trained.
        dtype: the dtype of its weights and its arithmetic.
        input_shape: the shape of one sample, if the layer is a model's first.
    """

    kind: ClassVar[str] = "layers"
    programs: ClassVar[frozenset[str]] = frozenset({"_programs"})
    h5_group: ClassVar[str] = ""
    """Where Keras's files of weights have this layer's own, if not in its group: "cell/" for recurrent layers."""

    input_shape: OptionalShape | None = attrs.field(default=None, kw_only=True, converter=_optional_shape)

    # Its state beside the configuration: each begins as below.

    @cached_property
    def built(self) -> bool:
        """Whether its weights have been made."""
        return False

    @cached_property
    def _programs(self) -> dict[tuple[bool, str], tuple[Traced, list[Any]]]:
        return {}

    @cached_property
    def _calls(self) -> int:
        return 0

    @cached_property
    def _placed(self) -> list[Call]:
        """Its calls on placeholders."""
        return []

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:  # noqa: D102 - the class says what it takes
        if current_trace() is not None:
            raise RuntimeError(
                f"{users_line()}a {cls.__name__} is made in `call`, where its weights would be lost. Make it in "
                "__init__ or build, hold it as an attribute, and call that."
            )
        return super().__new__(cls, *args, **kwargs)

    # what a subclass says ---------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape, whose batch is None; of several inputs a list or dictionary."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The output for an input, in ops; both may be nested. Called with `training=` too if it asks for that."""
        raise NotImplementedError(f"{type(self).__name__} has no `call`. Write call(self, x) in terms of kcore.ops.")

    def check_input(self, shape: Any) -> None:
        """Raise ValueError if an input of this shape does not fit; the message begins with the layer's name."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output's shape for an input's, found by tracing it; lengths that depend on a None are None."""
        return shapes_of(self.traced_spec(map_shapes(self._fed, input_shape)))

    def compute_output_spec(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """Shape and dtype of the output, for arguments of which only shape and dtype are known."""
        if type(self).compute_output_shape is Layer.compute_output_shape:
            return self.traced_spec(*args, training=training, **kwargs)
        shapes = shapes_of(args[0])
        self._built_for(shapes)  # a layer's own compute_output_shape need not build it
        return map_shapes(self._fed, self.compute_output_shape(shapes))

    def _fed(self, shape: OptionalShape) -> Spec:
        return Spec(shape, self.input_dtype)

    def traced_spec(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """The output's spec, from traces at two sizes of what is None."""
        given = self._arguments_of(*args, **kwargs)

        def record(trace: Trace, size: int) -> Any:
            with recording(trace):
                shapes = [tuple(size if n is None else n for n in a.shape) for a in given.arrays]
                dtypes = [dtype_name(a.dtype) for a in given.arrays]
                names = ["x"] if len(shapes) == 1 else [f"x_{i}" for i in range(len(shapes))]
                symbols = [trace.input(*each) for each in zip(names, shapes, dtypes, strict=True)]
                args, kwargs = given.given(symbols)
                return self(*args, training=training, **kwargs)

        self._built_for(shapes_of(given.nest[0][0]))
        two, three = (probed(partial(record, size=size)) for size in (2, 3))
        specs = [
            Spec(tuple(n if n == m else None for n, m in zip(a.shape, b.shape, strict=True)), a.dtype)
            for a, b in zip(leaves(two), leaves(three), strict=True)
        ]
        return rebuilt(two, specs)

    # what callers see -------------------------------------------------------------------------------------

    @property
    def input_dtype(self) -> DType:
        """The dtype that its inputs are cast to if they are floats."""
        return self.dtype

    def __call__(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """The output for arrays, variables, symbols or placeholders; the first call builds the weights.

        Args:
            args: what `call` takes, arrays nested in lists and dictionaries or not.
            training: whether it behaves as in training.
            kwargs: further arguments of `call`.
        """
        names = _positional(type(self).call)
        if "training" in names[: len(args)]:
            i = names.index("training")
            args, training, kwargs = args[:i], args[i], kwargs | dict(zip(names[i + 1 :], args[i + 1 :], strict=False))
        given = self._arguments_of(*args, **kwargs)
        if any(isinstance(a, Placeholder) for a in given.arrays):
            args, kwargs = given.nest
            call = Call(self, given, training)
            self._placed.append(call)
            return placed(call, self.compute_output_spec(*args, training=training, **kwargs))
        trace = current_trace()
        if trace is not None:
            return self._recorded(trace, given, training)
        arrays = [a if isinstance(a, Variable) else ops.convert_to_tensor(a) for a in given.arrays]
        self._built_for(shapes_of(given.given(arrays)[0][0]))
        key = bool(training), given.key
        if key not in self._programs:
            self._programs[key] = self._traced(given, bool(training))
        program, nest = self._programs[key]
        self._calls += 1
        results = program(*arrays, seed=self.seeds.seed, step=self._calls)
        return rebuilt(nest[0], results)

    @property
    def input(self) -> Any:
        """What it was called on when a model was drawn; for models that end or begin in the midst of another."""
        return self._drawn("input").arguments.nest[0][0]

    @property
    def output(self) -> Any:
        """What it gave when a model was drawn: placeholders, nested as its results are."""
        return self._drawn("output").output

    def _drawn(self, what: str) -> Call:
        if len(self._placed) != 1:
            times = f"{len(self._placed)} times" if self._placed else "never"
            raise AttributeError(
                f"Layer '{self.label}' was called on placeholders {times}, so it has no one {what}. Call it on what "
                "Input(...) made or another layer gave, and keep what it returns."
            )
        return self._placed[0]

    def _arguments_of(self, *args: Any, **kwargs: Any) -> Arguments:
        if not args:
            raise TypeError(f"Layer '{self.label}' was called without an input: give it an array, as layer(x).")
        return Arguments.of(args, kwargs)

    def _traced(self, given: Arguments, training: bool) -> tuple[Traced, list[Any]]:
        """The program of a call, and a list that will hold how its outputs are nested."""
        nest: list[Any] = []

        def record(*symbols: Symbol) -> list[Symbol]:
            args, kwargs = given.given(symbols)
            nest[:] = [self._recorded(running_trace(), self._arguments_of(*args, **kwargs), training)]
            return leaves(nest[0])

        return Traced(record, f"Layer '{self.label}'", lambda: self.version), nest

    def _recorded(self, trace: Trace, given: Arguments, training: bool | None) -> Any:
        symbols = [symbol_of(a) for a in given.arrays]
        outer = trace.training
        trace.training = outer if training is None else training
        try:
            with trace.scope(self.label):
                shapes = shapes_of(given.given(symbols)[0][0])
                self._built_for(shapes)
                self.check_input(shapes)
                args, kwargs = given.given(map(self._cast, symbols))
                asked = {"training": trace.training} if _asks_for_training(type(self).call) else {}
                y = self.call(*args, **kwargs, **asked)
        finally:
            trace.training = outer
        for out in leaves(y) or [y]:
            if not isinstance(out, Symbol):
                kind = type(out).__name__
                raise TypeError(f"Layer '{self.label}': `call` returned {kind}; expected what kcore.ops gives.")
            if out.node.scope == self.label and out is y:
                out.node.name = out.node.name or self.label
        return y

    def _cast(self, x: Symbol) -> Symbol:
        """Floats are computed with in the layer's dtype."""
        return ops.cast(x, self.input_dtype) if is_float(x.dtype) else x

    def _built_for(self, shapes: Any) -> None:
        if not self.built:
            _ = self.stream  # taken now, in the order of the layers, by those without weights too
            with recording(None):
                self.build(map_shapes(lambda shape: (None, *shape[1:]), shapes))
            self.__dict__["built"] = True


class Operation(Layer):
    """An operator between placeholders, as in x + y."""

    operation: str

    @property
    def label(self) -> str:
        """Its name, or that of its op."""
        return self.name or self.operation

    def call(self, *operands: Any) -> Any:
        """What the op of this name gives."""
        return Operators._apply(self.operation, *operands)


def _operated(operation: str, *operands: Any) -> Any:
    dtype = next(o.dtype for o in operands if isinstance(o, Placeholder))
    return Operation(operation, dtype=dtype if is_float(dtype) else "float32")(*operands)


Placeholder._apply = staticmethod(_operated)


@cache
def _positional(call: Callable[..., Any]) -> tuple[str, ...]:
    """The names of what `call` takes by position, without self."""
    parameters = list(inspect.signature(call).parameters.values())[1:]
    return tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))


@cache
def _asks_for_training(call: Callable[..., Any]) -> bool:
    return "training" in inspect.signature(call).parameters
