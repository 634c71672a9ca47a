"""Files .safetensors: a header that says where each array lies, then the arrays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ..graph import Variable
from .names import numbered
from .weights_file import Entry, Path, WeightsFile

if TYPE_CHECKING:
    from .compilable import Compilable

DTYPES = {"BOOL": "bool", "F16": "float16", "F32": "float32", "F64": "float64"}
DTYPES |= {f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)}
DTYPES |= {f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)}
"""Names of dtypes, by those in the header; others are no dtypes of weights here."""


class Safetensors(WeightsFile):
    """The weights by their paths, as `dense/kernel`; of several with one path the later ones are numbered."""

    suffix = ".safetensors"
    name = ".safetensors"

    def begins(self, head: bytes) -> bool:
        """The length of the header, then JSON."""
        return head[8:9] == b"{"

    def places(self, model: Compilable) -> dict[str, Variable]:
        """In the order of the model."""
        found: dict[str, Variable] = {}
        for weight in model.weights:
            found[numbered(weight.path, found)] = weight
        return found

    def encode(self, model: Compilable) -> bytes:
        """By the library."""
        from safetensors.numpy import save

        arrays = {name: weight.numpy() for name, weight in self.places(model).items()}
        return save(arrays, metadata={"format": "kcore"})

    @contextmanager
    def entries(self, path: Path) -> Iterator[dict[str, Entry]]:
        """Nothing but the header is read before an entry is."""
        from safetensors import safe_open

        try:
            file: Any = safe_open(path, "numpy")
        except self.errors() as error:
            raise self.damaged(path, error) from error
        with file:
            found = {}
            for name in file.keys():  # noqa: SIM118 - it is no dictionary
                part = file.get_slice(name)
                dtype = DTYPES.get(part.get_dtype(), part.get_dtype())
                found[name] = Entry(tuple(part.get_shape()), dtype, partial(file.get_tensor, name))
            yield found

    def errors(self) -> tuple[type[Exception], ...]:
        """Its own, and those of text that is no UTF-8."""
        from safetensors import SafetensorError

        return SafetensorError, ValueError
