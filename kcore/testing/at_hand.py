"""Which backends a check runs on: numpy first, then those that were asked for or can run here."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from ..backend import Backend, available_backends, use_backend

COMPARED: set[str] = set()
"""The backends that checks have run on in this process."""
ASKED: list[str] = []
"""The only ones that checks shall run on, beside numpy; all that can run here if there are none."""

ANOTHER = 'One that runs anywhere comes by pip install "kcore[strict]".'

P = ParamSpec("P")
T = TypeVar("T")


def backends_at_hand(asked: Sequence[str] | None = None) -> list[str]:
    """Numpy, which others are compared with, and all that were asked for or can run here."""
    able = [name for name, trouble in available_backends().items() if trouble is None]
    chosen = [name for name in ASKED or able if name in able] if asked is None else listed(asked)
    names = list(dict.fromkeys(["numpy", *chosen]))
    if names == ["numpy"] and asked is None and not ASKED:
        warnings.warn(f"This is checked on numpy alone: no other backend is at hand. {ANOTHER}", stacklevel=4)
    COMPARED.update(names)
    return names


def listed(backends: Sequence[T]) -> list[T]:
    """Those that a caller asks for; one alone and none are refused, which would compare nothing.

    Raises:
        TypeError: it is no list.
        ValueError: it is an empty one.
    """
    if isinstance(backends, str | Backend):
        one = repr(backends) if isinstance(backends, str) else f"{type(backends).__name__}()"
        raise TypeError(f"backends is a list; got {one} alone. Write backends=[{one}].")
    if not backends:
        raise ValueError(
            'backends=[] names none. Leave it out for all that can run here, or write backends=["strict"].'
        )
    return list(backends)


def beginning_on_numpy(check: Callable[P, None]) -> Callable[P, None]:
    """A check that looks at numpy first, whichever backend is current, so that its texts say where a fault shows."""

    @functools.wraps(check)
    def checked(*args: P.args, **kwargs: P.kwargs) -> None:
        with use_backend("numpy"):
            check(*args, **kwargs)

    return checked
