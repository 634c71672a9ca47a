"""OpKernel: a way of a package's own to compute one op on one backend, such as a product by another library."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import attrs


@attrs.frozen
class Operand:
    """The shape and the dtype of an array."""

    shape: tuple[int, ...]
    dtype: str


@attrs.frozen
class Use:
    """One use of an op in a program.

    Attributes:
        op: its name.
        inputs: its operands.
        shape, dtype: those of its result.
        options: what else it is given, as an `axis`.
    """

    op: str
    inputs: tuple[Operand, ...]
    shape: tuple[int, ...]
    dtype: str
    options: Mapping[str, Any]


class OpKernel(abc.ABC):
    """Computes one op in programs of one backend, instead of what kcore would do.

    A subclass registers itself by `@register("kernels", "name")` and says what it is for. It is made once in a
    process. One of an outsider's package is used where KCORE_KERNELS names its namespace. It serves programs that write
    in place, as those of `fit`; an op that is called by itself is computed as ever. Ops that are elementwise and
    reductions have no such kernels, since they share loops.
    """

    op: ClassVar[str]
    """The name of an atom or compound, as "matmul" or "softmax"."""

    backend: ClassVar[str]
    """The name of the backend whose arrays it takes."""

    priority: ClassVar[int] = 0
    """Of several that take a use the one with the highest computes it."""

    recordable: ClassVar[bool] = False
    """Whether a call of it may be recorded, as into a CUDA graph: it allocates nothing and never waits."""

    @classmethod
    def probe(cls) -> str | None:
        """None if it can run here; else why not, and the cure."""
        return None

    @abc.abstractmethod
    def takes(self, use: Use) -> bool:
        """Whether it computes this use."""

    @abc.abstractmethod
    def bind(self, use: Use, inputs: Sequence[Any], out: Any) -> Callable[[], None]:
        """What computes it each step: from these arrays into that one, which are the same every time.

        The inputs may be views that do not lie in row-major order; `out` shares no memory with them.
        """
