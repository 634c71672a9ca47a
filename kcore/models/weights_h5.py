"""Files .weights.h5, as Keras 3 lays them out: a group for each layer, its weights numbered in `vars`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..graph import Variable
from ..interfaces import Layer
from ..interfaces.configurable import snake_case
from .names import numbered
from .weights_file import Entry, Path, WeightsFile

if TYPE_CHECKING:
    from .compilable import Compilable

BESIDE = {"optimizer", "seed_generator"}
"""Groups of Keras's for what is no weight here."""


class WeightsH5(WeightsFile):
    """Layers are called by class and number, not by name: `layers/dense_1/vars/0` is the second Dense's kernel.

    The attributes of a layer that hold others give the groups in it; in a recurrent layer Keras has a `cell` there.
    """

    suffix = ".weights.h5"
    name = ".weights.h5"

    def begins(self, head: bytes) -> bool:
        """The signature of HDF5."""
        return head.startswith(b"\x89HDF\r\n\x1a\n")

    def places(self, model: Compilable) -> dict[str, Variable]:
        """In the order of Keras's walk."""
        return {f"{group}/{i}": w for group, layer in self._groups(model) for i, w in enumerate(layer._held(Variable))}

    def encode(self, model: Compilable) -> bytes:
        """Made in memory."""
        h5py, image = _h5py(), io.BytesIO()
        with h5py.File(image, "w") as file:
            for group, layer in self._groups(model):
                file.create_group(group).attrs["name"] = layer.label
            for name, weight in self.places(model).items():
                file[name] = weight.numpy()
        return image.getvalue()

    @contextmanager
    def entries(self, path: Path) -> Iterator[dict[str, Entry]]:
        """Links to other places and files are not followed, and nothing but the layout is read before an entry is."""
        found: dict[str, Entry] = {}
        h5py = _h5py()

        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and not item.is_virtual and not item.external:
                dtype = item.dtype.name if item.dtype.kind in "biuf" else f"{item.dtype} ({item.dtype.kind})"
                found[name] = Entry(item.shape, dtype, lambda: item[()])

        try:
            file = h5py.File(path, "r")
            file.visititems(visit)
        except self.errors() as error:
            raise self.damaged(path, error) from error
        with file:
            yield found

    def errors(self) -> tuple[type[Exception], ...]:
        """Whatever h5py makes of it."""
        return OSError, RuntimeError, KeyError, ValueError, TypeError

    def is_beside(self, name: str) -> bool:
        """The state of an optimizer or of a generator of random numbers."""
        return not BESIDE.isdisjoint(name.split("/"))

    def _groups(self, model: Compilable) -> list[tuple[str, Layer]]:
        """Each layer once, with the group of its weights."""
        found: dict[int, tuple[str, Layer]] = {}
        _walk(model, "", found)
        return list(found.values())


def _walk(layer: Layer, at: str, found: dict[int, tuple[str, Layer]]) -> None:
    if id(layer) in found:
        return
    found[id(layer)] = f"{at}{layer.h5_group}vars", layer
    held = dict(sorted(layer._holders.items(), key=lambda item: (item[0].startswith("_"), item[0])))
    if type(layer).sublayers is not Layer.sublayers:  # a model that lists its layers
        held = {"layers": layer.sublayers, **held}
    for attribute, value in held.items():
        if isinstance(value, Layer):
            _walk(value, f"{at}{attribute}/", found)
        elif isinstance(value, list | tuple | dict):
            names: list[str] = []
            for each in value.values() if isinstance(value, dict) else value:
                if isinstance(each, Layer):
                    names.append(numbered(snake_case(type(each).__name__), names))
                    _walk(each, f"{at}{attribute}/{names[-1]}/", found)


def _h5py() -> Any:
    try:
        import h5py  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise ImportError(
            'Files .weights.h5 need h5py, which is not installed: pip install "kcore[h5]". Files .safetensors need '
            "nothing more."
        ) from error
    return h5py
