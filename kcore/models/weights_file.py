"""WeightsFile: what a format of files of weights is to save_weights and load_weights."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import attrs

from ..graph import Variable
from ..graph.types import Shape
from .data import HostArray

if TYPE_CHECKING:
    from .compilable import Compilable

Path = str | os.PathLike[str]


@attrs.frozen
class Entry:
    """An array in an open file: what it is, and how it is read."""

    shape: Shape
    dtype: str
    read: Callable[[], HostArray]


class WeightsFile:
    """A format: what a subclass says, and the error for files that its library cannot read.

    Attributes:
        suffix: what the names of its files end in.
        name: what errors call it.
    """

    suffix: str
    name: str

    def begins(self, head: bytes) -> bool:
        """Whether a file may begin with these bytes."""
        raise NotImplementedError

    def places(self, model: Compilable) -> dict[str, Variable]:
        """The weights of a model by their names in the file."""
        raise NotImplementedError

    def encode(self, model: Compilable) -> bytes:
        """The file for a model."""
        raise NotImplementedError

    @contextmanager
    def entries(self, path: Path) -> Iterator[dict[str, Entry]]:
        """What a file holds, by name, while it is open."""
        raise NotImplementedError
        yield {}

    def errors(self) -> tuple[type[Exception], ...]:
        """What its library raises for damaged files."""
        raise NotImplementedError

    def is_beside(self, name: str) -> bool:
        """Whether an entry that stands for no weight of a model is nothing to wonder about."""
        return False

    def damaged(self, path: Path, error: Any) -> ValueError:
        """The error for a file that its library cannot read."""
        return ValueError(
            f"load_weights: {str(path)!r} is a damaged {self.name} file ({error}). Was it copied or downloaded whole?"
        )
