"""What fifty installed plugins cost: at `import kcore`, at the first lookup, and at the first of an outsider's part."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNT, RUNS = 50, 21

MODULE = """
from kcore.plugin import defined_in, hookimpl, register

@hookimpl
def kcore_losses():
    return defined_in(__name__, "losses")

@register("losses", "focal")
def focal(y_true, y_pred): ...
"""
METADATA = "Metadata-Version: 2.1\nName: {0}\nVersion: 1.0\nRequires-Dist: kcore>=0.1\n" + "\n" + "Of no use.\n" * 200

PROGRAM = """
import time
start = time.perf_counter()
import kcore
imported = time.perf_counter()
import kcore.losses  # and NumPy with it, which is not what is measured
begun = time.perf_counter()
kcore.losses.get("mse")
own = time.perf_counter()
{outsider}
print(imported - start, own - begun, time.perf_counter() - own)
"""
MARKS = {"import kcore": 10.0, "the first lookup": 50.0, "the first lookup of p0/focal": 50.0}


def bench() -> None:
    """Print medians of runs in turn, in milliseconds, with one plugin and with fifty."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = (_site(Path(folder) / str(count), count) for count in (1, COUNT))
        times: dict[Path, list[list[float]]] = {few: [], many: []}
        for _ in range(RUNS):
            for site in times:
                times[site].append(_run(site))
    print(f"medians of {RUNS} runs in turn; 1 plugin, {COUNT} plugins, what the others add, mark (ms)")
    for i, (what, mark) in enumerate(MARKS.items()):
        one, fifty = (statistics.median(run[i] for run in runs) for runs in times.values())
        print(f"{what:30} {one:7.2f} {fifty:7.2f} {fifty - one:7.2f}   {mark:.0f}")


def _site(site: Path, count: int) -> Path:
    """A folder in which so many packages are installed."""
    for i in range(count):
        info = site / f"p{i}-1.0.dist-info"
        info.mkdir(parents=True)
        (site / f"p{i}_package.py").write_text(MODULE, "utf-8")
        (info / "METADATA").write_text(METADATA.format(f"p{i}"), "utf-8")
        (info / "entry_points.txt").write_text(f"[kcore]\np{i} = p{i}_package\n", "utf-8")
    return site


def _run(site: Path) -> list[float]:
    path = os.pathsep.join(map(str, (ROOT, ROOT / "backends", ROOT / "plugins", site)))
    program = PROGRAM.format(outsider='kcore.losses.get("p0/focal")')
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True, check=True)
    return [1000 * float(number) for number in done.stdout.split()]
