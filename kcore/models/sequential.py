"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import attrs

from ..graph.types import DType
from ..interfaces import Layer
from .model import Model
from .summary import summary


def _as_list(layers: Iterable[Layer]) -> list[Layer]:
    return list(layers)


class Sequential(Model):
    """A model whose layers follow one another.

    Args:
        layers: the first ones; more come by `add`.

    >>> from kcore.layers import Dense
    >>> from kcore.models import Sequential
    >>> model = Sequential([Dense(4, activation="relu", input_shape=(3,)), Dense(1)])
    >>> model.output_shape
    (None, 1)
    """

    given: list[Layer] = attrs.field(factory=list, alias="layers", converter=_as_list)

    def __attrs_post_init__(self) -> None:
        given, self.__dict__["given"] = list(self.given), []
        for layer in given:
            self.add(layer)

    @cached_property
    def _shapes(self) -> list[tuple[int | None, ...]]:
        """Of the input, then of each layer's output."""
        return []

    @property
    def sublayers(self) -> list[Layer]:
        """The layers in order."""
        return list(self.given)

    def get_config(self) -> dict[str, Any]:
        """The name and the layers' configurations."""
        config = super().get_config()
        return {"name": config["name"], "layers": config["given"]}

    def add(self, layer: Layer) -> None:
        """Put one more layer at the end.

        Raises:
            TypeError: it is no layer.
            ValueError: its name is taken, or it does not take what comes out of the last one.
        """
        if not isinstance(layer, Layer):
            raise TypeError(
                f"add() takes a layer, as Dense(10); got {layer!r}."
                + (" Make an object of the class: put () behind it." if isinstance(layer, type) else "")
            )
        taken = {other.name for other in self.given}
        if layer.name is None:
            layer.name = _numbered(layer.label, taken)
        elif layer.name in taken:
            raise ValueError(f"The model has a layer '{layer.name}' already: names in a model are unique.")
        shapes = list(self._shapes)
        self.__dict__["given"].append(layer)
        known = _input_of(layer)
        if not self._shapes and known is not None:
            self._shapes.append(known)
        try:
            self._build_rest()
        except BaseException:
            self.__dict__["given"].pop()
            self._shapes[:] = shapes
            raise
        self._changed()

    def pop(self) -> Layer:
        """Take the last layer away, and return it."""
        if not self.given:
            raise ValueError("There is no layer to pop: the model is empty.")
        layer: Layer = self.__dict__["given"].pop()
        del self._shapes[len(self.given) + 1 if self.given else 0 :]
        self._changed()
        return layer

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of this name, or at this place.

        Raises:
            ValueError: there is none.
        """
        named = [layer for layer in self.given if layer.name == name]
        if name is not None and named:
            return named[0]
        if index is not None and -len(self.given) <= index < len(self.given):
            return self.sublayers[index]
        raise ValueError(
            f"No layer has name {name!r}, index {index!r}. The layers are: {', '.join(x.label for x in self.given)}."
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights for inputs of this shape."""
        if not self._shapes:
            self._shapes.append(tuple(input_shape))
        self._build_rest()

    def ensure_built(self, sample: tuple[int, ...] | None = None) -> None:
        """Make the weights, for samples of this shape if the model does not know its own."""
        if not self.given:
            raise ValueError("The model has no layers: add() some first.")
        if not self._shapes:
            if sample is None:
                first = type(self.given[0]).__name__
                raise ValueError(
                    "The model does not know the shape of its input yet. Give it to the first layer, as "
                    f"{first}(..., input_shape=(784,)), or fit the model first."
                )
            self.build((None, *sample))

    def _build_rest(self) -> None:
        if self._shapes:
            with self.seeds.used():
                for layer in self.sublayers[len(self._shapes) - 1 :]:
                    layer._built_for(self._shapes[-1])  # a layer's own compute_output_shape need not build it
                    self._shapes.append(layer.compute_output_shape(self._shapes[-1]))
            self.__dict__["built"] = True

    @property
    def input_dtype(self) -> DType:
        """That of the first layer: nothing is lost before it."""
        return self.given[0].input_dtype if self.given else self.dtype

    @property
    def batch_shape(self) -> tuple[int | None, ...]:
        """The shape of the input, its batch None."""
        self.ensure_built()
        return self._shapes[0]

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """The shape of the output, its batch None."""
        self.ensure_built()
        return self._shapes[-1]

    def call(self, x: Any) -> Any:
        """Through all layers."""
        for layer in self.given:
            x = layer(x)
        return x

    def summary(self, print_fn: Callable[[str], object] | None = None) -> None:
        """Print the layers, their output shapes and how many numbers they hold.

        Args:
            print_fn: called with the text; print if None.
        """
        shapes = [str(s) for s in self._shapes[1:]] or ["?"] * len(self.sublayers)
        rows = [
            (f"{layer.label} ({type(layer).__name__})", shape, layer.count_params())
            for layer, shape in zip(self.given, shapes, strict=True)
        ]
        summary(self, rows, print_fn)


def _input_of(layer: Layer) -> tuple[int | None, ...] | None:
    """The shape of the input, its batch None, that a layer says it takes."""
    if isinstance(layer, Model) and layer.built:
        return layer.batch_shape
    return None if layer.input_shape is None else (None, *layer.input_shape)


def _numbered(label: str, taken: set[str | None]) -> str:
    name, number = label, 0
    while name in taken:
        number += 1
        name = f"{label}_{number}"
    return name
