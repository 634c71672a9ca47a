"""Which backend is used: `use_backend` as a scope, `set_backend`, KCORE_BACKEND, else NumPy."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from contextvars import ContextVar

from ..config import config
from ..plugin import entries, find
from .protocol import Backend, BackendUnavailableError

_scoped: ContextVar[Backend | None] = ContextVar("kcore_backend", default=None)


def trouble_of(kind: type[Backend]) -> str | None:
    """None if a backend can run here; else why not. One whose `probe` fails cannot."""
    try:
        return kind.probe()
    except Exception as error:  # of an outsider's code
        return f"its probe failed: {type(error).__name__}: {error}"


@functools.cache
def _started(kind: type[Backend]) -> Backend:
    trouble = trouble_of(kind)
    if trouble:
        raise BackendUnavailableError(f"The backend '{kind.name}' cannot be used here: {trouble}")
    return kind()


@functools.cache
def backend_named(name: str) -> Backend:
    """The one backend of this name.

    Raises:
        ValueError: no backend has this name.
        BackendUnavailableError: it cannot run here.
    """
    return _started(find("backends", name))


def current_backend() -> Backend:
    """The backend that arrays are made on now."""
    return (_scoped.get() or backend_named(config.default_backend)).here()


def set_backend(name: str) -> None:
    """Use this backend from now on, in the whole process.

    Raises:
        ValueError: no backend has this name.
        BackendUnavailableError: it cannot run here.
    """
    backend_named(name)
    config.backend = name


@contextlib.contextmanager
def use_backend(backend: str | Backend) -> Iterator[Backend]:
    """Use a backend within a `with` block."""
    chosen = backend_named(backend) if isinstance(backend, str) else backend
    token = _scoped.set(chosen)
    try:
        yield chosen
    finally:
        _scoped.reset(token)


def available_backends() -> dict[str, str | None]:
    """By the name that finds each backend: None if it can run here, else why not."""
    found = {entry.qualified: entry.thing for entry in entries("backends")}
    names = {name: name.partition("/") for name in found}  # a backend of its package's name needs no namespace
    return {first if first == last else name: trouble_of(found[name]) for name, (first, _, last) in names.items()}
