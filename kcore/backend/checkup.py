"""Checkup: what `kcore doctor` tells of a backend, namely facts, and troubles with their cures."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs


@attrs.frozen
class Trouble:
    """Something wrong where kcore runs.

    Attributes:
        what: the trouble and its cause, as sentences.
        cure: what to do about it.
        broken: whether nothing runs because of it; else it is slow, or might fail later.
    """

    what: str
    cure: str
    broken: bool = False


@attrs.frozen
class Checkup:
    """What a backend found out about itself.

    Attributes:
        facts: by a word or two, what there is: libraries with versions, devices, memory.
        troubles: what is wrong.
    """

    facts: Mapping[str, str] = attrs.field(factory=dict)
    troubles: Sequence[Trouble] = ()


def usable_cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """How many cores this process may use: those of its affinity, or fewer by a container's quota."""
    bound = hasattr(os, "sched_getaffinity")  # not on macOS and Windows
    cores = len(os.sched_getaffinity(0)) if bound else os.cpu_count() or 1
    try:
        most, period = quota.read_text().split()
        return cores if most == "max" else max(min(cores, round(int(most) / int(period))), 1)
    except (OSError, ValueError):
        return cores
