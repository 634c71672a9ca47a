"""check_dataset: what Keras's and kcore's users expect of any data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from .. import ops
from ..backend import use_backend
from ..plugin import entries, find
from .at_hand import backends_at_hand, beginning_on_numpy
from .report import agree, check_finite, refuse, told, trying

PARTS = ("x_train", "y_train", "x_test", "y_test")
FEW = 8


@beginning_on_numpy
def check_dataset(
    module: str | ModuleType,
    *,
    options: Mapping[str, Any] | None = None,
    ragged: bool = False,
    backends: Sequence[str] | None = None,
) -> None:
    """Check a data set.

    That `load_data` gives `(x_train, y_train), (x_test, y_test)` as NumPy arrays, a target for each sample, training
    and test data alike in shape and dtype; finite numbers, which every backend at hand takes; the same each time, in
    arrays of the caller's own; that the documentation says what they are.

    Args:
        module: its registered name, or the module.
        options: the arguments of `load_data`.
        ragged: whether samples are lists of different lengths, in arrays of objects.
        backends: those that have to take it beside numpy; all that can run here if None.

    Raises:
        AssertionError: the text says where, what was expected, what came, what to do.

    >>> from kcore.testing import check_dataset
    >>> check_dataset("digits", backends=["numpy"])
    """
    with trying(f"Data set {module!r}", "a registered name or a module", "Name one of kcore.datasets."):
        thing = find("datasets", module) if isinstance(module, str) else module
    name = next((e.qualified for e in entries("datasets") if e.thing is thing), getattr(thing, "__name__", repr(thing)))
    where = f"Data set {name!r}"
    load = getattr(thing, "load_data", None)
    if not callable(load):
        refuse(where, "a module with a function load_data", repr(thing), "Register the module that has load_data.")
    if not (load.__doc__ or "").strip():
        refuse(where, "load_data to say shapes, dtypes and source", "no docstring", "Write one.")
    data = _loaded(where, load, options)
    for part, array in data.items():
        _check_array(where, part, array, ragged)
    for half in ("train", "test"):
        x, y = data[f"x_{half}"], data[f"y_{half}"]
        if not len(x) or len(x) != len(y):
            came = f"{len(x)} and {len(y)}"
            refuse(where, f"as many y_{half} as x_{half}, and some", came, "Split samples and targets alike.")
    for letter in "xy":
        train, test = data[f"{letter}_train"], data[f"{letter}_test"]
        if (train.dtype, train.shape[1:]) != (test.dtype, test.shape[1:]):
            came = f"{told(train)} and {told(test)}"
            refuse(where, f"{letter} of one dtype and shape in training and test", came, "Make both in one way.")
    _check_again(where, load, options, data)
    if not ragged:
        for backend in backends_at_hand(backends):
            with use_backend(backend):
                _check_taken(f"{where} on backend {backend}", data)


def _loaded(where: str, load: Callable[..., Any], options: Mapping[str, Any] | None) -> dict[str, Any]:
    cure = "Return (x_train, y_train), (x_test, y_test)."
    with trying(where, "load_data to load", "Say in the error where to put the file."):
        given = load(**options or {})
    with trying(where, "two pairs", cure):
        (a, b), (c, d) = given
    return dict(zip(PARTS, (a, b, c, d), strict=True))


def _check_array(where: str, part: str, array: Any, ragged: bool) -> None:
    if not isinstance(array, np.ndarray) or not array.ndim:
        refuse(where, f"{part} as a NumPy array", type(array).__name__, "Return np.asarray(...).")
    if array.dtype.kind not in "biuf" and not (ragged and array.dtype == object):
        cure = "Return numbers; or say ragged=True, if samples are lists of different lengths."
        refuse(where, f"{part} as numbers", told(array), cure)
    if array.dtype.kind == "f":
        check_finite(where, part, array, "Fill in or leave out what is missing.")


def _check_again(where: str, load: Callable[..., Any], options: Mapping[str, Any] | None, data: dict[str, Any]) -> None:
    """What is done to the arrays changes none that are loaded later, nor each other."""
    before = {part: array.copy() for part, array in data.items()}
    for part, array in data.items():
        if not array.flags.writeable:
            refuse(where, f"{part} to be the caller's to change", "a read-only array", "Return a copy.")
        array[:] = array[::-1].copy()
        for other in PARTS[PARTS.index(part) + 1 :]:
            cure = "Return copies: the caller may scale one of them in place."
            _same(where, f"{other} not to change with {part}", data[other], before[other], cure)
    cure = "Shuffle by a fixed seed, and return arrays that nothing else holds."
    for part, array in _loaded(where, load, options).items():
        _same(where, f"{part} to be the same each time", array, before[part], cure)


def _same(where: str, what: str, got: Any, wanted: Any, cure: str) -> None:
    if wanted.dtype != object:
        agree(where, what, got, wanted, None, cure)
    elif got.shape != wanted.shape or any(a != b for a, b in zip(got.ravel(), wanted.ravel(), strict=True)):
        refuse(where, what, "other lists", cure)


def _check_taken(where: str, data: dict[str, Any]) -> None:
    for part, array in data.items():
        with trying(where, f"{part} to be taken", "Return a dtype that all array libraries have."):
            ops.convert_to_tensor(array[:FEW])
