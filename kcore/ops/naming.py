"""Names for values that a reader of the program should know."""

from __future__ import annotations

from typing import Any

from ..graph import Symbol, current_trace


def named(x: Any, word: str) -> Any:
    """x, called `word` behind its layer's name in the printed program, unless it has a name."""
    trace = current_trace()
    return trace.name(x, word) if trace is not None and isinstance(x, Symbol) else x
