"""Numbers as a record keeps them."""

from __future__ import annotations

import math


def rounded(number: float, digits: int = 3) -> float | str:
    """So many digits; what JSON has no number for is a string."""
    return float(f"{number:.{digits}g}") if math.isfinite(number) else str(number)
