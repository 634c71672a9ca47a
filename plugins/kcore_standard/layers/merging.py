"""Layers that make one array of several: sums, products, means, extremes, dot products, and arrays joined."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import attrs

from kcore import ops
from kcore.interfaces import Layer
from kcore.plugin import register

Shapes = Sequence[tuple[int | None, ...]]


class Merge(Layer):
    """Takes a list of arrays, of one batch, that broadcast; one of fewer axes gets new ones behind the batch.

    A subclass says `merge(arrays)`, which are as many axes long by then.
    """

    exactly: int | None = attrs.field(default=None, init=False)

    @classmethod
    def as_function(cls) -> Callable[..., Any]:
        """The function beside the class, as `add([a, b])` beside `Add()([a, b])`, which takes its options too."""

        def function(inputs: Any, *options: Any, **named: Any) -> Any:
            return cls(*options, **named)(inputs)

        function.__name__ = function.__qualname__ = cls.__name__.lower()
        function.__module__ = "kcore.layers"
        function.__doc__ = f"{inspect.getdoc(cls)}\n\nThis function takes the list of arrays, then the options."
        return function

    def merge(self, arrays: list[Any]) -> Any:
        """One array of several."""
        raise NotImplementedError

    def check_input(self, shape: Any) -> None:
        """A list of shapes, that fit."""
        example = "[a, b]" if self.exactly else "[a, b, ...]"
        many = f"{self.exactly} arrays" if self.exactly else "arrays"
        if not isinstance(shape, list) or not shape or (self.exactly and len(shape) != self.exactly):
            got = f"{len(shape)} of shapes {_told(shape)}" if isinstance(shape, list) else f"one array of shape {shape}"
            raise ValueError(f"Layer '{self.label}' takes a list of {many}, as layer({example}); got {got}.")
        if not self.fits(shape):
            raise ValueError(f"Layer '{self.label}' takes arrays {self.condition}; got shapes {_told(shape)}.")

    condition = "of one batch whose shapes broadcast, as (2, 3) and (2, 1)"

    def fits(self, shapes: Shapes) -> bool:
        """Whether arrays of these shapes can be merged."""
        rank = max(map(len, shapes))
        aligned = [(*s[:1], *[1] * (rank - len(s)), *s[1:]) for s in shapes]
        return len({s[:1] for s in shapes}) == 1 and all(
            len(set(lengths) - {1}) < 2 for lengths in zip(*aligned, strict=True)
        )

    def call(self, inputs: Any) -> Any:
        """One array of the list."""
        rank = max(len(x.shape) for x in inputs)
        return self.merge([ops.reshape(x, (*x.shape[:1], *[1] * (rank - len(x.shape)), *x.shape[1:])) for x in inputs])


@register("layers", "add")
class Add(Merge):
    """The sum of several arrays.

    >>> import numpy as np
    >>> from kcore.layers import Add
    >>> print(Add()([np.ones((1, 2)), np.ones((1, 2))]))
    [[2. 2.]]
    """

    def merge(self, arrays: list[Any]) -> Any:
        """a + b + ..."""
        return functools.reduce(ops.add, arrays)


@register("layers", "subtract")
class Subtract(Merge):
    """The first of two arrays less the second."""

    exactly: int | None = attrs.field(default=2, init=False)

    def merge(self, arrays: list[Any]) -> Any:
        """a - b."""
        return ops.subtract(*arrays)


@register("layers", "multiply")
class Multiply(Merge):
    """The product of several arrays, element by element."""

    def merge(self, arrays: list[Any]) -> Any:
        """a * b * ..."""
        return functools.reduce(ops.multiply, arrays)


@register("layers", "average")
class Average(Merge):
    """The mean of several arrays, element by element."""

    def merge(self, arrays: list[Any]) -> Any:
        """(a + b + ...) / their number."""
        return functools.reduce(ops.add, arrays) / float(len(arrays))


@register("layers", "maximum")
class Maximum(Merge):
    """The largest of several arrays, element by element."""

    def merge(self, arrays: list[Any]) -> Any:
        """max(a, b, ...)."""
        return functools.reduce(ops.maximum, arrays)


@register("layers", "minimum")
class Minimum(Merge):
    """The smallest of several arrays, element by element."""

    def merge(self, arrays: list[Any]) -> Any:
        """min(a, b, ...)."""
        return functools.reduce(ops.minimum, arrays)


@register("layers", "concatenate")
class Concatenate(Merge):
    """Arrays joined along an axis.

    Args:
        axis: the axis, the only one whose lengths may differ; 0 is the batch.

    >>> import numpy as np
    >>> from kcore.layers import Concatenate
    >>> Concatenate()([np.ones((2, 3)), np.ones((2, 4))]).shape
    (2, 7)
    """

    axis: int = -1

    @property
    def condition(self) -> str:  # type: ignore[override]
        """What it says of arrays that do not fit."""
        return f"that differ only in the length of axis {self.axis}"

    def fits(self, shapes: Shapes) -> bool:
        """Whether only that axis differs."""
        rank = len(shapes[0])
        if not -rank <= self.axis < rank or any(len(s) != rank for s in shapes):
            return False
        return len({(*s[: self.axis % rank], *s[self.axis % rank + 1 :]) for s in shapes}) == 1

    def call(self, inputs: Any) -> Any:
        """The whole."""
        return ops.concatenate(inputs, self.axis)


@register("layers", "dot")
class Dot(Merge):
    """The products of two arrays, sample by sample, summed over an axis of each.

    Args:
        axes: the axis of both, or a pair of one for each; 0 is the batch, which is none.
        normalize: divide both by their norms along the axis before: the sums are cosines then.

    Returns:
        Shape (batch, the other axes of the first, those of the second); (batch, 1) if there are none.

    >>> import numpy as np
    >>> from kcore.layers import Dot
    >>> Dot(axes=(1, 2))([np.ones((2, 3, 5)), np.ones((2, 10, 3))]).shape
    (2, 5, 10)
    """

    axes: int | Sequence[int] = -1
    normalize: bool = False
    exactly: int | None = attrs.field(default=2, init=False)

    @property
    def condition(self) -> str:  # type: ignore[override]
        """What it says of arrays that do not fit."""
        return f"of one batch and of equal lengths along axes={self.axes}, which are not the batch's"

    def fits(self, shapes: Shapes) -> bool:
        """Whether both axes are there, of one length."""
        pairs = list(zip(shapes, self._pair(), strict=True))
        if not all(-len(s) < axis < len(s) and axis for s, axis in pairs):
            return False
        return shapes[0][0] == shapes[1][0] and len({s[axis] for s, axis in pairs}) == 1

    def call(self, inputs: Any) -> Any:
        """The sums."""
        letters, terms = iter("cdefghijklmnop"), []
        for i, (x, axis) in enumerate(zip(inputs, self._pair(), strict=True)):
            terms.append(["a", *(next(letters) for _ in x.shape[1:])])
            terms[i][axis] = "b"
        a, b = (
            (ops.normalize(x, axis) for x, axis in zip(inputs, self._pair(), strict=True)) if self.normalize else inputs
        )
        out = ["a", *(letter for term in terms for letter in term[1:] if letter != "b")]
        y = ops.einsum(f"{''.join(terms[0])},{''.join(terms[1])}->{''.join(out)}", a, b)
        return y if len(out) > 1 else ops.expand_dims(y, -1)

    def _pair(self) -> tuple[int, ...]:
        return (self.axes, self.axes) if isinstance(self.axes, int) else tuple(self.axes)


def _told(shapes: Shapes) -> str:
    return ", ".join(map(str, shapes))
