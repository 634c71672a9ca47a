"""What a backend that writes its own kernels is told: what to compute for each element, in the scalar language."""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import attrs

Launch = Callable[..., None]
"""A kernel on its arrays: called with the numbers that each step gives anew, it computes."""


@attrs.frozen
class Literal:
    """A 0, a 1 or a truth value, which are written into a kernel; other constants are numbers that it is given."""

    value: float | int | bool
    dtype: str


@attrs.frozen
class Word:
    """One function of the scalar language, as `add`, applied to values of one element.

    Attributes:
        name: that of the elementwise op.
        dtype: of what it gives.
        operands: the positions of values in the body, or literals.
    """

    name: str
    dtype: str
    operands: tuple[int | Literal, ...]


@attrs.frozen
class Reduction:
    """What becomes of a value over some axes, as its `sum`.

    Attributes:
        name: that of the op.
        dtype: of what it gives.
        operand: the position of the value, or a literal.
        axes: those that vanish, of the shape that the kernel goes over.
    """

    name: str
    dtype: str
    operand: int | Literal
    axes: tuple[int, ...]


@attrs.frozen
class Body:
    """What a kernel computes for each element of a shape. Bodies that are equal may share one compiled function.

    Its values are numbered: first what it reads of each array, then the numbers, then what each word gives.

    Attributes:
        reads: the dtypes of the arrays that it reads, whose shapes are that of the kernel or broadcast to it.
        numbers: the dtypes of single numbers: first the constants, then those that are given at each launch.
        words: what is computed, in order.
        writes: the positions of the values that are written, each to an array of the shape that the kernel goes over.
        reduction: what is written last, if anything is reduced.
    """

    reads: tuple[str, ...]
    numbers: tuple[str, ...]
    words: tuple[Word, ...]
    writes: tuple[int, ...]
    reduction: Reduction | None

    def dtype(self, operand: int | Literal) -> str:
        """Of a value or a literal."""
        if isinstance(operand, Literal):
            return operand.dtype
        given = self.reads + self.numbers
        return given[operand] if operand < len(given) else self.words[operand - len(given)].dtype


@attrs.frozen
class Description:
    """A kernel, but for its arrays: what it computes, over which shape, with which constants."""

    body: Body
    shape: tuple[int, ...]
    constants: tuple[float | int | bool, ...]


class KernelWriter(abc.ABC):
    """Writes the kernels of one program, for its backend."""

    phase: ClassVar[int] = 0
    """Kernels of at most so many elements that follow each other are launched together."""

    @abc.abstractmethod
    def takes(self, word: str, dtypes: Sequence[str]) -> bool:
        """Whether it can write this elementwise op or reduction; the dtypes are those of operands and result."""

    @abc.abstractmethod
    def bind(self, what: Description, reads: Sequence[Any], writes: Sequence[Any]) -> Launch:
        """A kernel on these arrays. What it reads may lie in what it writes, at the same elements."""

    @abc.abstractmethod
    def chain(self, *launches: tuple[Launch, int]) -> Launch:
        """Several kernels one after the other as one launch, which is given the numbers of all.

        Args:
            launches: each with how many numbers it takes at each launch.
        """

    @abc.abstractmethod
    def compile(self) -> None:
        """Make all that was bound ready to run."""

    @property
    def source(self) -> str:
        """What was written for all that was bound, in the language that it is written in."""
        return ""
