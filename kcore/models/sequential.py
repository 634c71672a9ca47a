"""Sequential: layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import attrs

from ..graph.types import DType, is_float
from ..interfaces import Layer, Placeholder, Spec
from ..interfaces.arguments import shapes_of
from ..ops.nesting import leaves, rebuilt
from .model import Model
from .names import give_name, tell_apart
from .signature import Signature, names_of


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
    def _flow(self) -> list[Any]:
        """The specs of the input, then of each layer's output."""
        return []

    @cached_property
    def _declared(self) -> bool:
        """Whether it began with an Input."""
        return False

    @property
    def sublayers(self) -> list[Layer]:
        """The layers in order."""
        return list(self.given)

    def get_config(self) -> dict[str, Any]:
        """The name and the layers' configurations."""
        config = super().get_config()
        return {"name": config["name"], "layers": config["given"]}

    def add(self, layer: Layer | Placeholder) -> None:
        """Put one more layer at the end; or say by an Input, before the first, what the model takes.

        Raises:
            TypeError: it is no layer.
            ValueError: its name is taken, or it does not take what comes out of the last one.
        """
        if isinstance(layer, Placeholder) and layer.call is None and not self.given and not self._flow:
            self._flow.append(layer.spec)
            self._declared = True
            return
        if not isinstance(layer, Layer):
            raise TypeError(
                f"add() takes a layer, as Dense(10); got {layer!r}."
                + (" Make an object of the class: put () behind it." if isinstance(layer, type) else "")
                + (" An Input stands before the first layer." if isinstance(layer, Placeholder) else "")
            )
        give_name(layer, {other.name for other in self.given})
        if not self.given and self._flow and layer.input_shape is None:
            layer.input_shape = self._flow[0].shape[1:]  # what the Input said, for the configuration
        flow = list(self._flow)
        self.__dict__["given"].append(layer)
        known = _input_of(layer)
        if not self._flow and known is not None:
            self._flow.append(known)
        try:
            self._build_rest()
        except BaseException:
            self.__dict__["given"].pop()
            self._flow[:] = flow
            raise
        self._changed()

    def pop(self) -> Layer:
        """Take the last layer away, and return it."""
        if not self.given:
            raise ValueError("There is no layer to pop: the model is empty.")
        layer: Layer = self.__dict__["given"].pop()
        del self._flow[len(self.given) + 1 if self.given else 0 :]
        self._changed()
        return layer

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape."""
        if not self._flow:
            self._flow.append(Spec(tuple(input_shape), self.input_dtype))
        self._build_rest()

    def ensure_built(self, inputs: Any = None) -> None:
        """Make the weights, for samples of these specs if the model does not know its own."""
        if not self.given:
            raise ValueError("The model has no layers: add() some first.")
        if not self._flow:
            if inputs is None:
                first = type(self.given[0]).__name__
                raise ValueError(
                    "The model does not know the shape of its input yet. Give it to the first layer, as "
                    f"{first}(..., input_shape=(784,)), or fit the model first."
                )
            self._flow.append(_fed_to(self.given[0], inputs))
            self._build_rest()

    def _build_rest(self) -> None:
        if self._flow:
            with self.seeds.used():
                for layer in self.sublayers[len(self._flow) - 1 :]:
                    self._flow.append(layer.compute_output_spec(self._flow[-1]))
            tell_apart(self.sublayers)
            self.__dict__["built"] = True

    @cached_property
    def _drawing(self) -> tuple[tuple[int, ...], list[Any]]:
        """Placeholders for the input and for each layer's output, and which layers these are."""
        return (), []

    def _places(self) -> list[Any]:
        self.ensure_built()
        which = tuple(map(id, self.given))
        if self._drawing[0] != which:
            places = [rebuilt(self._flow[0], [Placeholder(spec) for spec in leaves(self._flow[0])])]
            for layer in self.given:
                places.append(layer(places[-1]))
            self._drawing = which, places
        return self._drawing[1]

    @property
    def inputs(self) -> list[Any]:
        """Placeholders that it may be drawn from: `Model(model.inputs, model.layers[1].output)` is its first half."""
        return leaves(self._places()[0])

    @property
    def outputs(self) -> list[Any]:
        """Placeholders for what it gives."""
        return leaves(self._places()[-1])

    @property
    def input(self) -> Any:
        """The placeholder that it may be drawn from."""
        return self._places()[0]

    @property
    def output(self) -> Any:
        """The placeholder for what it gives."""
        return self._places()[-1]

    @property
    def input_dtype(self) -> DType:
        """That of the first layer: nothing is lost before it."""
        return self.given[0].input_dtype if self.given else self.dtype

    @property
    def signature(self) -> Signature:
        """What it takes and gives."""
        self.ensure_built()
        gives = self._flow[-1]
        names = names_of(gives, self.given[-1].label)
        return Signature(self._flow[0], gives, names_of(self._flow[0], "input"), names, self._declared)

    def call(self, x: Any) -> Any:
        """Through all layers."""
        for layer in self.given:
            x = layer(x)
        return x

    def _rows(self) -> list[tuple[Layer, Any]]:
        shapes = [shapes_of(spec) for spec in self._flow[1:]] or ["?"] * len(self.given)
        return list(zip(self.given, shapes, strict=True))


def _input_of(layer: Layer) -> Any:
    """The spec of the input that a layer says it takes."""
    if isinstance(layer, Model) and layer.built:
        return layer.signature.inputs
    return None if layer.input_shape is None else Spec((None, *layer.input_shape), layer.input_dtype)


def _fed_to(layer: Layer, inputs: Any) -> Any:
    """The specs of data, floats in the dtype that a layer takes."""
    fed = [Spec(s.shape, layer.input_dtype) if is_float(s.dtype) else s for s in leaves(inputs)]
    return rebuilt(inputs, fed)
