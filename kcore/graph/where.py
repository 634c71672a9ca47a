"""Which line of the user's program led here: errors in a trace begin with it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import FrameType

_CORE = str(Path(__file__).resolve().parents[1]) + os.sep


def _outside(frame: FrameType | None) -> tuple[FrameType | None, int]:
    """The innermost frame that is not the core's, and how many lie within it."""
    depth = 0
    while frame is not None and str(Path(frame.f_code.co_filename)).startswith(_CORE):
        frame, depth = frame.f_back, depth + 1
    return frame, depth


def users_line() -> str:
    """`file.py, line 12: `, the innermost line that is not the core's; empty when there is none."""
    frame, _ = _outside(sys._getframe(1))
    return f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}: " if frame else ""


def users_level() -> int:
    """The `stacklevel` by which whoever asks warns at that line."""
    return _outside(sys._getframe(1))[1] + 1
