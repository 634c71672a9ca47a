"""Names and random streams of the layers of one model, each its own."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable

from ..interfaces import Layer


def numbered(label: str, taken: Collection[str | None]) -> str:
    """The label, or with a number behind it the first that is not taken."""
    name, number = label, 0
    while name in taken:
        number += 1
        name = f"{label}_{number}"
    return name


def give_name(layer: Layer, taken: Collection[str | None]) -> None:
    """Name a layer that its user did not name, and its weights after it, as nothing in a model is called yet.

    Raises:
        ValueError: its user named it, and the name is taken.
    """
    if layer.name is not None and layer.name in taken and not layer.named_by_model:
        raise ValueError(f"The model has two layers '{layer.name}': names in a model are unique.")
    if layer.name is None or layer.name in taken:
        layer.name = numbered(layer.label, taken)
        layer.named_by_model = True
        for weight in layer._weights:
            weight.path = f"{layer.name}/{weight.name}"


def tell_apart(layers: Iterable[Layer]) -> None:
    """Give layers, and those they are made of, streams of random numbers of their own where two have one.

    Layers that were made outside of a model, or in another, each begin to count at 0.
    """
    taken: set[int] = set()
    for layer in _all(layers):
        if layer.stream in taken:
            layer.stream = next(n for n in itertools.count() if n not in taken)
        taken.add(layer.stream)


def _all(layers: Iterable[Layer]) -> list[Layer]:
    """All layers, once each, those inside others too."""
    found: dict[int, Layer] = {}
    waiting = list(layers)[::-1]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in found:
            found[id(layer)] = layer
            waiting += layer.sublayers[::-1]
    return list(found.values())
