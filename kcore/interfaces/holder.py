"""Holder: what holds weights, its own and those of the layers that it is made of, and draws their first values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

import attrs
import numpy as np

from ..graph import Variable, current_trace
from ..graph.types import dtype_name, size_of
from ..graph.where import users_line
from ..randomness import generator
from .configurable import Configurable, get, snake_case
from .seeds import Seeds, current_seeds

T = TypeVar("T")


class Holder(Configurable):
    """The half of a layer that is there without a call.

    Args:
        name: unique within a model; the class's name in snake case, numbered, if None.
        trainable: whether its weights may be trained.
        dtype: the dtype of its weights and its arithmetic.
    """

    name: str | None = attrs.field(default=None, kw_only=True)
    trainable: bool = attrs.field(default=True, kw_only=True)
    dtype: str = attrs.field(default="float32", kw_only=True, converter=dtype_name)

    # Its state beside the configuration: each begins as below.

    @cached_property
    def named_by_model(self) -> bool:
        """Whether a model gave it its name, so that another may number it anew."""
        return False

    @cached_property
    def _weights(self) -> list[Variable]:
        return []

    @cached_property
    def seeds(self) -> Seeds:
        """Where its random numbers come from: its model's, or fresh ones."""
        return current_seeds()

    @cached_property
    def stream(self) -> int:
        """Its place in the model, which tells its random numbers from those of other layers."""
        return self.seeds.next_stream()

    @cached_property
    def _holders(self) -> dict[str, Any]:
        """By name the attributes that hold layers and variables, and lists and dictionaries, which may get some."""
        return {"_weights": self._weights}

    def __setattr__(self, name: str, value: Any) -> None:
        """Layers and variables held as attributes, also in lists and dictionaries, are part of this layer."""
        if isinstance(self.__dict__.get(name), Variable) and not isinstance(value, Variable | None):
            raise TypeError(
                f"Layer '{self.label}': {name} is a variable, which goes on to be trained and saved. Give it other "
                f"numbers by {name}.assign(value), or all weights by set_weights."
            )
        changed = name == "trainable" and name in self.__dict__
        super().__setattr__(name, value)
        if changed:  # as in Keras, also for the layers that it is made of
            for layer in self.sublayers:
                layer.trainable = value
        if isinstance(value, list | dict) or any(isinstance(leaf, Holder | Variable) for leaf in _leaves(value)):
            self._holders[name] = value
        else:
            self._holders.pop(name, None)

    def _held(self, kind: type[T]) -> list[T]:
        found: dict[int, T] = {}
        for item in _leaves(self._holders):
            if isinstance(item, kind):
                found[id(item)] = item
        return list(found.values())

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

    @property
    def label(self) -> str:
        """Its name, or what it would be called if it had none."""
        return self.name or snake_case(type(self).__name__)

    @property
    def sublayers(self) -> list[Any]:
        """The layers that it is made of, in order: those that its attributes hold."""
        return self._held(Holder)

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


def _leaves(held: Any) -> Iterator[Any]:
    """What lies in nested lists, tuples and dictionaries, in order."""
    if isinstance(held, list | tuple | dict):
        for part in held.values() if isinstance(held, dict) else held:
            yield from _leaves(part)
    else:
        yield held
