"""Which of the devices is current, in each thread."""

from __future__ import annotations

import threading

DEVICES = 2
_threads = threading.local()


def device() -> int:
    """The number of the current one."""
    return int(getattr(_threads, "device", 0))


def use(number: int) -> None:
    """Make another one current."""
    _threads.device = number
