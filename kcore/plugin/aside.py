"""What plugins print while they are loaded goes to stderr, not between what a program prints."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_loading = 0
_stdout: Any = None


@contextmanager
def printing_aside() -> Iterator[None]:
    """Let `sys.stdout` be `sys.stderr` until the last of those that are within has left, in any thread."""
    global _loading, _stdout
    with _lock:
        if not _loading:
            sys.stdout, _stdout = sys.stderr, sys.stdout
        _loading += 1
    try:
        yield
    finally:
        with _lock:
            _loading -= 1
            if not _loading:
                sys.stdout, _stdout = _stdout, None
