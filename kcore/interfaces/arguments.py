"""Arguments: what a layer is called with, its arrays told from all else; and the shapes of nested arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from ..ops import convert_to_tensor
from ..ops.nesting import leaves, rebuilt


@attrs.frozen
class Spec:
    """What is known of an array before it is there: its shape, lengths that any batch may have None, and its dtype."""

    shape: tuple[int | None, ...]
    dtype: str


@attrs.frozen(eq=False)
class Arguments:
    """The arguments of one call.

    Attributes:
        nest: (args, kwargs), whose leaves are arrays and anything else.
        arrays: those leaves that have a shape and a dtype, in order.
    """

    nest: tuple[tuple[Any, ...], dict[str, Any]]
    arrays: list[Any]

    @classmethod
    def of(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
        """Take them apart; a first argument of numbers alone, as [[1.0, 2.0]], becomes an array."""
        first = args[0] if isinstance(args[0], list | tuple) else (args, kwargs)
        if not any(map(_is_array, leaves(first))):
            args = (convert_to_tensor(args[0]), *args[1:])
        nest = args, kwargs
        return cls(nest, [leaf for leaf in leaves(nest) if _is_array(leaf)])

    def given(self, arrays: Iterable[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """(args, kwargs) with other arrays."""
        new = iter(arrays)
        nest: Any = rebuilt(self.nest, [next(new) if _is_array(leaf) else leaf for leaf in leaves(self.nest)])
        return nest[0], nest[1]

    @property
    def key(self) -> str:
        """Tells calls apart whose nesting or other arguments differ."""
        return repr(self.given([...] * len(self.arrays)))


def _is_array(leaf: Any) -> bool:
    return hasattr(leaf, "shape") and hasattr(leaf, "dtype")


def shapes_of(nest: Any) -> Any:
    """The shapes of nested arrays: a tuple for one, else a list or dictionary of them."""
    if isinstance(nest, dict):
        return {key: shapes_of(part) for key, part in nest.items()}
    if isinstance(nest, list | tuple):
        return [shapes_of(part) for part in nest]
    return tuple(getattr(nest, "shape", ()))


def map_shapes(function: Callable[[tuple[int | None, ...]], Any], shapes: Any) -> Any:
    """What a function gives for each of nested shapes."""
    if isinstance(shapes, dict):
        return {key: map_shapes(function, part) for key, part in shapes.items()}
    if all(n is None or isinstance(n, int) for n in shapes):
        return function(tuple(shapes))
    return [map_shapes(function, part) for part in shapes]
