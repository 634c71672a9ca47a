"""Functional: a model drawn from placeholders, `Model(inputs, outputs)`: any graph of layers."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NoReturn

import attrs

from .. import ops
from ..interfaces import Call, Layer, Placeholder
from ..interfaces.arguments import shapes_of
from ..ops.nesting import leaves, rebuilt
from .depth import by_depth
from .model import Model
from .names import give_name, numbered, tell_apart
from .signature import Signature, names_of
from .spread import arrays


class Functional(Model):
    """The layers between inputs and outputs.

    Args:
        inputs: placeholders, nested in lists and dictionaries or not.
        outputs: what layers gave for them, nested in the same way.

    Raises:
        TypeError: something is no placeholder.
        ValueError: an output needs an input that is not given, or two layers have one name.
    """

    inputs: Any
    outputs: Any = attrs.field()

    def __attrs_post_init__(self) -> None:
        for what, nest in (("inputs", self.inputs), ("outputs", self.outputs)):
            for leaf in leaves(nest) or [nest]:
                if not isinstance(leaf, Placeholder):
                    raise TypeError(
                        f"Model({what}=...) takes what Input(...) made and what layers gave for it; got {leaf!r:.80}."
                    )
        for what in ("inputs", "outputs"):  # one in a list is one, as in Keras
            nest = self.__dict__[what]
            self.__dict__[what] = nest[0] if isinstance(nest, list | tuple) and len(nest) == 1 else nest
        names = self.input_names
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"The model has two inputs '{twice}': names of inputs are unique.")
        self._order = _ordered(leaves(self.inputs), leaves(self.outputs))
        layers = self.sublayers
        for layer in sorted(layers, key=lambda layer: layer.name is None or layer.named_by_model):
            give_name(layer, {other.name for other in layers if other is not layer})
        tell_apart(layers)
        self.__dict__["built"] = True

    @cached_property
    def _order(self) -> list[Call]:
        """The calls of layers, each after those that it needs."""
        return []

    @cached_property
    def input_names(self) -> list[str]:
        """By which data are given in a dictionary, in the order of the inputs."""
        if isinstance(self.inputs, dict):
            return names_of(self.inputs, "input")
        names = [x.name for x in leaves(self.inputs)]
        for i, given in enumerate(names):
            names[i] = given or numbered("input", names)
        return names

    @cached_property
    def output_names(self) -> list[str]:
        """The keys of a dictionary of outputs, else the names of the layers that give them."""
        if isinstance(self.outputs, dict) and len(leaves(self.outputs)) == len(self.outputs):
            return names_of(self.outputs, "output")
        names: list[str] = []
        for y in leaves(self.outputs):
            names.append(numbered(y.call.layer.label if y.call else y.name or "input", names))
        return names

    @cached_property
    def _listed(self) -> list[Layer]:
        return by_depth(self._order, leaves(self.outputs))

    @property
    def sublayers(self) -> list[Layer]:
        """The layers, in Keras's order: each before those that need it."""
        return list(self._listed)

    @property
    def input(self) -> Any:
        """The placeholders that it was drawn from."""
        return self.inputs

    @property
    def output(self) -> Any:
        """The placeholders that it was drawn to."""
        return self.outputs

    def ensure_built(self, inputs: Any = None) -> None:
        """It is, as its layers are."""

    @cached_property
    def signature(self) -> Signature:
        """What it takes and gives."""
        inputs, outputs = (rebuilt(nest, [p.spec for p in leaves(nest)]) for nest in (self.inputs, self.outputs))
        return Signature(inputs, outputs, self.input_names, self.output_names, declared=True)

    def call(self, inputs: Any) -> Any:
        """Through all layers, each called as it was on placeholders."""
        places = leaves(self.inputs)
        given = zip(places, self._given(inputs), strict=True)
        values = {id(place): ops.cast(x, place.dtype) for place, x in given}
        for call in self._order:
            args, kwargs = call.arguments.given(values.get(id(a), a) for a in call.arguments.arrays)
            made = leaves(call.layer(*args, training=call.training, **kwargs))
            values.update((id(place), y) for place, y in zip(call.results, made, strict=True))
        return rebuilt(self.outputs, [values[id(y)] for y in leaves(self.outputs)])

    def _given(self, inputs: Any) -> list[Any]:
        """The inputs in order; a dictionary is by name."""
        if isinstance(inputs, dict) and len(leaves(inputs)) == len(inputs):
            return arrays({str(key): x for key, x in inputs.items()}, self.input_names, "The dictionary of inputs")
        return leaves(inputs)

    def get_config(self) -> NoReturn:
        """Not to be had: a drawn model is made again by the code that drew it."""
        raise NotImplementedError(
            "A model of placeholders has no configuration yet: make it again by the code that made it, and bring its "
            "weights by save_weights and load_weights."
        )

    def __repr__(self) -> str:
        return f"<Functional '{self.label}': {', '.join(self.input_names)} -> {', '.join(self.output_names)}>"

    def _rows(self) -> list[tuple[Layer, Any]]:
        shapes: dict[int, Any] = {}
        for call in self._order:
            found = [shapes_of(place) for place in call.results]
            shapes.setdefault(id(call.layer), found if len(found) > 1 else found[0])
        return [(layer, shapes[id(layer)]) for layer in self.layers]


def _ordered(inputs: list[Placeholder], outputs: list[Placeholder]) -> list[Call]:
    """The calls between inputs and outputs, each after those that it needs."""
    known, order, waiting = set(map(id, inputs)), [], list(outputs)[::-1]
    done: set[int] = set()
    while waiting:
        place = waiting[-1]
        if id(place) in known or (place.call is not None and id(place.call) in done):
            waiting.pop()
            continue
        if place.call is None:
            raise ValueError(f"An output needs {place!r}, which is not among the inputs of the model: add it to them.")
        missing = [p for p in place.call.reads if id(p) not in known and not (p.call and id(p.call) in done)]
        if missing:
            waiting += missing[::-1]
        else:
            done.add(id(place.call))
            order.append(place.call)
            waiting.pop()
    return order
