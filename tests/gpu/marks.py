"""The marks for an H100 or H200, and what came of each: reached, missed, or why it is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STEP, GRAPH_STEP, FIT = 250.0, 100.0, 1.5
"""Microseconds of a training step as launches and as a captured graph, seconds of 20 epochs."""
LAUNCHES = 20
"""Of a step, products among them."""


def marks(parts: Mapping[str, Any], timed: bool = True) -> list[dict[str, Any]]:
    """What is asked, the limit, what came, and whether that reaches it; None if it is not known.

    Args:
        parts: what was found.
        timed: whether times mean anything, on a GPU and in full size.
    """
    times = parts.get("times", {})
    steps = times.get("steps", {})
    launched, jax = times.get("launches", {}), steps.get("jax.jit", {})
    many = {} if "error" in launched or not launched else {"sum": launched["products"] + launched["others"]}
    rival = jax.get("step") if jax.get("where") == "gpu" else None
    names = {"kcore, launches": "as launches", "kcore, CUDA graph": "as a CUDA graph"}
    found = [_mark("launches of a step", "", LAUNCHES, many or launched, "sum")]
    for (name, how), limit in zip(names.items(), (STEP, GRAPH_STEP), strict=True):
        found.append(_mark(f"a step {how}", "µs", limit, steps.get(name, steps), "step"))
    for name, how in names.items():
        found.append(_mark(f"a step {how}, at most jax.jit's", "µs", rival, steps.get(name, steps), "step"))
    fits = {"as launches": times.get("fit", {}), "as CUDA graphs": times.get("fit, CUDA graph", {})}
    for how, fit in fits.items():
        found.append(_mark(f"20 epochs {how}", "s", FIT, fit, "seconds"))
    if timed:
        return found
    return [found[0], *(m | {"reached": None, "why": m["why"] or "no time of a GPU"} for m in found[1:])]


def _mark(what: str, unit: str, limit: float | None, job: Mapping[str, Any], key: str) -> dict[str, Any]:
    got = job.get(key)
    reached = None if got is None or limit is None else got <= limit
    without = "not measured" if got is None else "nothing to compare with"
    why = job.get("error", without) if reached is None else ""
    return {"what": what, "unit": unit, "limit": limit, "got": got, "reached": reached, "why": why}


def verdict(mark: Mapping[str, Any]) -> str:
    """In a word or two."""
    return mark["why"] if mark["reached"] is None else "reached" if mark["reached"] else "MISSED"
