"""Which line of the user's program led here: errors in a trace begin with it."""

from __future__ import annotations

import sys
from pathlib import Path

_CORE = str(Path(__file__).resolve().parents[1])


def users_line() -> str:
    """`file.py, line 12: `, the innermost line that is not the core's; empty when there is none."""
    frame = sys._getframe(1)
    while frame is not None and str(Path(frame.f_code.co_filename)).startswith(_CORE):
        frame = frame.f_back  # type: ignore[assignment]
    return f"{Path(frame.f_code.co_filename).name}, line {frame.f_lineno}: " if frame else ""
