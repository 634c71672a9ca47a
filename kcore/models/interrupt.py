"""Ctrl-C during training: the step that runs is finished first, so that the model stays whole."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupt:
    """Whether Ctrl-C was pressed."""

    pressed = False

    def raise_if_pressed(self) -> None:
        """Raise KeyboardInterrupt now, between two steps, if it was pressed."""
        if self.pressed:
            raise KeyboardInterrupt


@contextlib.contextmanager
def held_interrupt() -> Iterator[Interrupt]:
    """Hold the first Ctrl-C back until it is asked for; a second one interrupts at once.

    In a thread other than the main one, which gets no Ctrl-C, and under a handler of the user's own, nothing changes.
    """
    interrupt = Interrupt()
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or usual is not signal.default_int_handler:
        yield interrupt
        return

    def press(number: int, frame: FrameType | None) -> None:
        if interrupt.pressed:
            raise KeyboardInterrupt
        interrupt.pressed = True

    signal.signal(signal.SIGINT, press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, usual)
