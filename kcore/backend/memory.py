"""Memory: one error where it is exhausted, on every backend, that says what for, what was asked, what is free."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .protocol import Array, Backend

CURE = "Use a smaller batch_size or a smaller model, or let go of models and arrays that are not needed."


def in_units(size: float) -> str:
    """A number of bytes as one would say it.

    >>> in_units(512), in_units(80 * 2**30)
    ('512 bytes', '80.0 GiB')
    """
    units = ("bytes", "KiB", "MiB", "GiB", "TiB")
    power = min((max(int(size), 1).bit_length() - 1) // 10, len(units) - 1)
    return f"{size / 1024**power:.{1 if power else 0}f} {units[power]}"


class OutOfMemoryError(MemoryError):
    """A backend has no memory left: the message says what for, what was asked for, what is free and what to do."""


def out_of_memory(error: Exception, backend: Backend, what: str) -> OutOfMemoryError | None:
    """The error to raise where `error` says that memory is exhausted; None if it says another thing, or all this.

    Args:
        error: what an allocation or a computation raised.
        what: what the memory was for, as "the step train".
    """
    told = None if isinstance(error, OutOfMemoryError) else backend.exhausted(error)
    if told is None:
        return None
    return OutOfMemoryError(f"The backend '{backend.name}' has no memory for {what}: {told.rstrip('. ')}. {CURE}")


@contextlib.contextmanager
def memory_for(what: str, backend: Backend) -> Iterator[None]:
    """Within the block, memory that is exhausted is an OutOfMemoryError.

    Raises:
        OutOfMemoryError: memory is exhausted.
    """
    try:
        yield
    except Exception as error:  # the backend knows which of its library's errors is about memory
        mine = out_of_memory(error, backend, what)
        if mine is None:
            raise
        raise mine from error


def moved(host: Any, backend: Backend) -> Array:
    """A host array on the backend.

    Raises:
        OutOfMemoryError: there is no room for it.
    """
    with memory_for(f"an array of {in_units(host.nbytes)}", backend):
        return backend.from_host(host)
