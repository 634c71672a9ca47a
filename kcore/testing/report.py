"""What a check that fails says: where, what was expected, what came, what to do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from .. import ops
from ..backend import current_backend
from ..plugin.errors import sentence
from .tolerances import TOLERANCES, distances

NUMPY_ALONE = "Write it in kcore.ops alone: what NumPy's own functions or one backend's arrays can do, others cannot."
ITSELF = "The error says what is wrong."
GUARD = "Guard divisions, logarithms and roots, as by a small number; or let `data` give what it is for."


class CheckFailedError(AssertionError):
    """What was checked does not do what kcore's users expect of it."""


def refuse(where: str, expected: str, came: object, cure: str) -> NoReturn:
    """Raise the one error that checks raise."""
    raise CheckFailedError(_text(where, expected, str(came), cure))


def _text(where: str, expected: str, came: str, cure: str) -> str:
    return f"{where}: expected {expected}; got {sentence(came)} {cure}".rstrip()


@contextlib.contextmanager
def trying(where: str, what: str, cure: str | Callable[[Exception], str]) -> Iterator[None]:
    """Turn what goes wrong inside into an error that says where; warnings that are errors count too.

    Args:
        where: whose.
        what: what was expected of it.
        cure: what to do, or what to do about an error; one that guesses at a name needs no other.
    """
    try:
        yield
    except CheckFailedError:
        raise
    except Exception as error:
        came = f"{type(error).__name__}: {error}"
        advice = cure(error) if callable(cure) else cure
        if advice == NUMPY_ALONE and current_backend().name == "numpy":
            advice = ITSELF
        raise CheckFailedError(_text(where, what, came, "" if "Did you mean" in came else advice)) from error


def host(value: Any) -> np.ndarray[Any, Any]:
    """A NumPy array of an array of any backend, or of a number."""
    return np.asarray(ops.convert_to_numpy(value) if hasattr(value, "dtype") else value)


def agree(where: str, what: str, got: Any, wanted: Any, kind: str | None, cure: str) -> None:
    """Refuse arrays that differ in shape, dtype or numbers.

    Args:
        where: whose, on which backend.
        what: what is compared, as "the output".
        got: what came.
        wanted: what was expected.
        kind: of which tolerance, relative to the largest number; None: bit for bit.
        cure: what to do.
    """
    got, wanted = host(got), host(wanted)
    if (got.shape, got.dtype) != (wanted.shape, wanted.dtype):
        refuse(where, f"{what} as {told(wanted)}", told(got), cure)
    allowed = 0.0
    if kind is not None and wanted.dtype.kind == "f":
        allowed = TOLERANCES[kind, wanted.dtype.name] * float(np.abs(wanted[np.isfinite(wanted)]).max(initial=1.0))
    apart = distances(got, wanted) > allowed
    if apart.any():
        index = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(apart)))
        place = f"{what}{list(index)}" if wanted.ndim else what
        values = [np.atleast_1d(a)[index].item() for a in (wanted, got)]
        limit = f" to within {allowed:.1g}" if allowed else ""
        refuse(where, f"{place} to be {values[0]!r}{limit}", f"{values[1]!r}", cure)


def told(array: np.ndarray[Any, Any]) -> str:
    """Dtype and shape, as in `float32 (2, 3)`."""
    return f"{array.dtype} {array.shape}"


def check_finite(where: str, what: str, values: Any, cure: str) -> None:
    """Refuse NaN and infinity."""
    values = host(values)
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        index = [int(i[0]) for i in np.nonzero(np.atleast_1d(~np.isfinite(values)))]
        refuse(where, f"finite numbers as {what}", f"{np.atleast_1d(values)[tuple(index)]} at {index}", cure)


def check_dtype(where: str, what: str, array: Any, dtype: str, cure: str) -> None:
    """Refuse a float of another dtype; whole numbers and truth values may be of any."""
    if host(array).dtype.kind == "f" and host(array).dtype.name != dtype:
        refuse(where, f"{what} in {dtype}", host(array).dtype.name, cure)
