"""Signature: what a model takes and gives, and what its programs call that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import attrs

from ..graph.types import DType, Shape
from ..interfaces import Spec
from ..interfaces.arguments import shapes_of
from ..ops.nesting import leaves

Fed = tuple[tuple[str, Shape, DType], ...]
"""What a program is given: name, shape with the batch, and dtype of each input."""


@attrs.frozen
class Signature:
    """Of one model.

    Attributes:
        inputs, outputs: Specs, nested as the model's inputs and outputs are.
        input_names, output_names: by which users give data, losses and the like, in the order of the leaves.
        declared: whether an Input said the dtypes: then data take them, else integers stay what they are.
    """

    inputs: Any
    outputs: Any
    input_names: list[str]
    output_names: list[str]
    declared: bool = False

    @property
    def takes(self) -> list[Spec]:
        """The specs of the inputs."""
        return leaves(self.inputs)

    @property
    def gives(self) -> list[Spec]:
        """The specs of the outputs."""
        return leaves(self.outputs)

    @property
    def x(self) -> list[str]:
        """What programs call the inputs."""
        return _called("x", self.input_names)

    @property
    def y(self) -> list[str]:
        """What programs call the targets."""
        return _called("y", self.output_names)

    @property
    def weights(self) -> list[str]:
        """What programs call the weights of samples."""
        return _called("sample_weight", self.output_names)

    @property
    def input_shape(self) -> Any:
        """The shape of the input, its batch None, or several nested."""
        return shapes_of(self.inputs)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, its batch None, or several nested."""
        return shapes_of(self.outputs)


def names_of(nest: Any, word: str) -> list[str]:
    """Names for the leaves of a nest: the keys of a dictionary, else a word, numbered if there are several."""
    if isinstance(nest, dict) and len(leaves(nest)) == len(nest):
        return [str(key) for key in sorted(nest, key=repr)]
    count = len(leaves(nest))
    return [word] if count == 1 else [f"{word}_{i + 1}" for i in range(count)]


def _called(prefix: str, names: Sequence[str]) -> list[str]:
    if len(names) == 1:
        return [prefix]
    called: list[str] = []
    for name in names:
        word = f"{prefix}_{re.sub(r'[^0-9A-Za-z_]', '_', name)}"
        called.append(word if word not in called else f"{word}_{len(called)}")
    return called
