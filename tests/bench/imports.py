"""How long `import kcore` takes beside `import numpy`, in fresh processes in turns."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TURNS = 21
STATEMENTS = {
    "nothing": "pass",
    "numpy": "import numpy",
    "numpy, kcore": "import numpy, kcore",
    "numpy, kcore and a layer": "import numpy, kcore; kcore.layers.Dense",
}


def bench() -> None:
    """Print medians of whole processes."""
    times: dict[str, list[float]] = {what: [] for what in STATEMENTS}
    for _ in range(TURNS):
        for what, statement in STATEMENTS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True, cwd=ROOT)
            times[what].append(time.perf_counter() - start)
    for what, seconds in times.items():
        print(f"{what:<26} {statistics.median(seconds) * 1e3:6.0f} ms")
