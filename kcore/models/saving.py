"""Weights in files: written aside and renamed, so that none is ever half; checked whole before any is taken."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph import Variable
from ..graph.where import users_level
from .data import HostArray
from .safetensors_file import Safetensors
from .weights_file import Entry, WeightsFile
from .weights_h5 import WeightsH5

if TYPE_CHECKING:
    from .compilable import Compilable

FORMATS = (Safetensors(), WeightsH5())
SHOWN = 5  # problems of a file that an error lists

KINDS = {
    b"\x89HDF\r\n\x1a\n": "an HDF5 file",
    b"PK\x03\x04": "a zip archive, as .keras, .npz and .pt files are",
    b"\x93NUMPY": "one NumPy array",
    b"\x1f\x8b": "compressed by gzip",
    b"\x80": "a pickle",
}
"""What files begin with."""


def save_weights(model: Compilable, path: str | os.PathLike[str], overwrite: bool = True) -> None:
    """Write all weights of a model to a file; the state of its optimizer is none of them.

    The file is complete at every moment: it is written beside its place, then renamed.

    Args:
        model: whose weights, built.
        path: ends in ".safetensors" or, for Keras, in ".weights.h5".
        overwrite: whether a file that is there may be replaced.

    Raises:
        ValueError: the path ends otherwise, or the model is not built.
        FileExistsError: the file is there and must not be replaced.
        ImportError: a package that the format needs is missing; the text says how to install it.
        OSError: the folder is missing or takes no files.
    """
    form = _format(path, "save_weights")
    model.ensure_built()
    file = Path(os.path.realpath(path))  # a link stays a link
    if file.is_dir():
        raise IsADirectoryError(f"save_weights: {str(path)!r} is a folder; give the path of a file in it.")
    if not file.parent.is_dir():
        raise FileNotFoundError(f"save_weights: there is no folder {str(file.parent)!r}; make it first.")
    if file.exists() and not overwrite:
        raise FileExistsError(f"save_weights: {str(path)!r} is there already, and overwrite=False.")
    data = form.encode(model)
    aside = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with aside.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():
            shutil.copymode(file, aside)
        aside.replace(file)
    except OSError as error:
        raise type(error)(f"save_weights cannot write {str(path)!r}: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def load_weights(model: Compilable, path: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
    """Take all weights of a model from a file that `save_weights` or Keras's `save_weights` wrote.

    If anything is wrong, the model stays as it is. A file's dtype may be narrower than the weight's, never wider.

    Args:
        model: a built model of the same layers.
        path: ends in ".safetensors" or ".weights.h5".
        skip_mismatch: whether to take what fits, and warn of the rest.

    Raises:
        ValueError: the file is damaged, of another kind, or of another model; the text says what differs.
        ImportError: a package that the format needs is missing; the text says how to install it.
        OSError: the file is missing or may not be read.
    """
    form = _format(path, "load_weights")
    model.ensure_built()
    _check_kind(path, form)
    places = form.places(model)
    with form.entries(path) as entries:
        wrong = _differences(places, entries, form)
        if wrong:
            whose = f"load_weights: {str(path)!r} does not fit model '{model.label}'"
            listed = "".join(f"\n  {line}" for line in wrong[:SHOWN])
            listed += f"\n  and {len(wrong) - SHOWN} more" * (len(wrong) > SHOWN)
            if not skip_mismatch:
                raise ValueError(
                    f"{whose}, which is left as it was:{listed}\nBuild the model with the layers whose weights were "
                    "saved, or give skip_mismatch=True to load those that fit."
                )
            warnings.warn(f"{whose}; the rest is loaded:{listed}", stacklevel=users_level())
        fitting = [(v, entries[name]) for name, v in places.items() if name in entries]
        values = [(v, _read(path, form, entry)) for v, entry in fitting if not _misfit(v, entry)]
    for variable, value in values:
        variable.assign(value)


def _format(path: Any, where: str) -> WeightsFile:
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{where} takes the path of a file; got {type(path).__name__}: {path!r:.80}.")
    name = os.fspath(path)
    for form in FORMATS:
        if name.endswith(form.suffix):
            return form
    whole = " Files .keras and .h5 hold whole models, which kcore neither saves nor loads." * name.endswith(
        (".keras", ".h5")
    )
    raise ValueError(f"{where}: the path must end in .safetensors or .weights.h5; got {name!r}.{whole}")


def _check_kind(path: str | os.PathLike[str], form: WeightsFile) -> None:
    """Raise if the file cannot be read, or if its first bytes tell that it is of another kind."""
    try:
        with Path(path).open("rb") as file:
            head = file.read(64)
    except OSError as error:
        reason = "it is a folder" if isinstance(error, IsADirectoryError) else error.strerror
        raise type(error)(f"load_weights cannot read {str(path)!r}: {reason}.") from error
    if form.begins(head):
        return
    kind = next((kind for first, kind in KINDS.items() if head.startswith(first)), None)
    if kind is None:
        kind = "empty" if not head else "text" if _is_text(head) else f"unknown: it begins with {head[:8].hex(' ')}"
    cure = " Name it .weights.h5 if Keras's save_weights wrote it." if kind == "an HDF5 file" else ""
    raise ValueError(f"load_weights: {str(path)!r} is no {form.name} file; what it holds is {kind}.{cure}")


def _read(path: Any, form: WeightsFile, entry: Entry) -> HostArray:
    try:
        return entry.read()
    except form.errors() as error:
        raise form.damaged(path, error) from error


def _is_text(head: bytes) -> bool:
    return all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)


def _differences(places: dict[str, Variable], entries: dict[str, Entry], form: WeightsFile) -> list[str]:
    """What is wrong, a line for each: what both have but differs, what the file lacks, what it has beside."""
    lines, missing = [], []
    for name, variable in places.items():
        known = name if name == variable.path else f"{name} ({variable.path})"
        misfit = _misfit(variable, entries[name]) if name in entries else None
        lines += [f"{known}: {misfit}"] * bool(misfit)
        missing += [f"{known} {list(variable.shape)}: not in the file"] * (name not in entries)
    more = [name for name in entries if name not in places and not form.is_beside(name)]
    return lines + missing + [f"{name} {list(entries[name].shape)}: in the file, not in the model" for name in more]


def _misfit(variable: Variable, entry: Entry) -> str | None:
    if entry.shape != variable.shape:
        return f"the model has shape {variable.shape}, the file {entry.shape}"
    try:
        found, wanted = np.dtype(entry.dtype), np.dtype(variable.dtype)
        fits = found.kind == wanted.kind and np.can_cast(found, wanted)
    except TypeError:  # one that NumPy does not have
        fits = False
    return None if fits else f"the model holds {variable.dtype}, the file {entry.dtype}"
