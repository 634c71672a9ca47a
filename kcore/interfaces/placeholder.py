"""Placeholder: what a functional model is drawn with. `Input` makes one; a layer called on it records the call."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, NoReturn

import attrs

from ..graph.operators import Operators
from ..graph.types import DEFAULT_FLOAT, dtype_name
from ..graph.where import users_line
from ..ops.nesting import leaves, rebuilt
from .arguments import Arguments, Spec

if TYPE_CHECKING:
    from .layer import Layer


@attrs.define(eq=False)
class Call:
    """One layer, called on placeholders.

    Attributes:
        layer: the layer; a shared one has several calls.
        arguments: what it was called with.
        training: as the user gave it.
        results: the placeholders that came of it.
        output: the same, nested as the layer gives them.
    """

    layer: Layer
    arguments: Arguments
    training: bool | None
    results: list[Placeholder] = attrs.field(factory=list, repr=False)
    output: Any = attrs.field(default=None, repr=False)

    @property
    def reads(self) -> list[Placeholder]:
        """The placeholders among its arguments."""
        return [a for a in self.arguments.arrays if isinstance(a, Placeholder)]


class Placeholder(Operators):
    """An array that a model will be given or will compute: it has a shape, whose batch is None, and a dtype.

    Attributes:
        spec, shape, dtype: of what will stand here.
        name: that of the model's input, if it is one; models give one to inputs that have none.
        call: what makes it, None for an input.
    """

    __slots__ = ("call", "dtype", "name", "spec")

    def __init__(self, spec: Spec, name: str | None = None, call: Call | None = None) -> None:
        self.spec, self.dtype, self.name, self.call = spec, spec.dtype, name, call

    @property
    def shape(self) -> Any:
        """The length of each axis, None where any will do."""
        return self.spec.shape

    def __repr__(self) -> str:
        what = self.call.layer.label if self.call else self.name or "input"
        return f"<Placeholder {what} {self.dtype}{list(self.shape)}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        self._refuse()

    def __bool__(self) -> NoReturn:  # noqa: PLE0304
        self._refuse()

    def __iter__(self) -> NoReturn:
        self._refuse()

    def __len__(self) -> NoReturn:  # noqa: PLE0303
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(
            f"{users_line()}{self!r} has no numbers: it stands for what a model will be given. Layers and operators "
            "take it; a function of kcore.ops goes into a layer, as Lambda(lambda x: ops.exp(x))(x)."
        )


def placed(call: Call, specs: Any) -> Any:
    """Placeholders for the results of a call, nested as their specs are."""
    call.results.extend(Placeholder(s, None, call) for s in leaves(specs))
    call.output = rebuilt(specs, call.results)
    return call.output


def Input(  # noqa: N802 - Keras's name
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
    batch_shape: Sequence[int | None] | None = None,
) -> Any:
    """What a model takes: a placeholder that layers are called on, or the first entry of a Sequential.

    Args:
        shape: of one sample, without the batch; None for a length that may vary.
        batch_size: if only one is ever given.
        dtype: float32 if None; "int32" for indices.
        name: by which data are given in a dictionary.
        batch_shape: the shape with the batch, in place of `shape` and `batch_size`.

    Raises:
        TypeError, ValueError: the shape is none.

    >>> from kcore import Input, Model
    >>> from kcore.layers import Dense
    >>> x = Input(shape=(3,))
    >>> Model(x, Dense(2)(x)).output_shape
    (None, 2)
    """
    if (shape is None) == (batch_shape is None):
        raise ValueError(
            "Input takes the shape of one sample, as Input(shape=(784,)), or else batch_shape=(None, 784)."
        )
    given = shape if batch_shape is None else batch_shape
    if not isinstance(given, Sequence) or not all(n is None or (isinstance(n, Integral) and n > 0) for n in given):
        raise TypeError(f"shape is a tuple of whole numbers, as Input(shape=(784,)); got {given!r}.")
    sample = [None if n is None else int(n) for n in given]
    whole = tuple(sample) if batch_shape is not None else (batch_size, *sample)
    return Placeholder(Spec(whole, dtype_name(dtype or DEFAULT_FLOAT)), name)
