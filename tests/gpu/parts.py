"""Runs the parts, each in processes of its own, and gathers what they noted."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.gpu.notes import LOST, notes

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("ops", "networks", "times", "transfers", "programs")
SHARED = ("ops", "networks")
"""Those that measure no times, so that many processes may do them at once."""
MOST = 8


def run(parts: Sequence[str], sizes: str, ops: Sequence[str] = ()) -> dict[str, Any]:
    """By part and job what came of it."""
    found: dict[str, Any] = {}
    for part in parts:
        start = time.perf_counter()
        found[part] = _run(part, sizes, list(ops) if part == "ops" else [])
        print(f"{part}: {len(found[part])} jobs in {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    return found


def _run(part: str, sizes: str, names: list[str]) -> dict[str, Any]:
    shards = max(1, min(MOST, (os.cpu_count() or 1) // 2)) if part in SHARED else 1
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{i}" for i in range(shards)]
        running = {i: _started(part, paths[i], sizes, i, shards, names) for i in range(shards)}
        found: dict[str, Any] = {}
        while running:
            for i, process in list(running.items()):
                failed, noted = process.wait(), notes(paths[i])
                ended = [name for name, value in noted.items() if value is None and name not in found]
                for name in ended or [f"process {i}"] * (failed and not noted):
                    found[name] = {"error": _last(paths[i], name)}
                lost = failed == LOST
                if ended or lost:  # go on behind that job
                    running[i] = _started(part, paths[i], sizes, i, shards, names)
                else:
                    del running[i]
        for path in paths:
            found |= {name: value for name, value in notes(path).items() if value is not None}
    return found


def _started(part: str, path: Path, sizes: str, shard: int, shards: int, names: list[str]) -> subprocess.Popen[bytes]:
    environment = {"KCORE_OFFLINE": "1"} | os.environ | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false", "PYTHONUTF8": "1"}
    if shards > 1:
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    ours = [str(ROOT), str(ROOT / "backends"), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, ours))
    command = [sys.executable, "-m", "tests.gpu.worker", part, str(path), sizes, str(shard), str(shards), *names]
    with _log(path).open("wb") as log:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def _log(path: Path) -> Path:
    return path.with_suffix(".log")


def _last(path: Path, name: str) -> str:
    """What a process said before it ended: a timeout and where, or its last lines."""
    text = _log(path).read_text("utf-8", "replace") if _log(path).exists() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    faults = [i for i, line in enumerate(lines) if line.startswith(("Timeout", "Fatal"))]
    return f"{name} ended the process: {' | '.join(lines[faults[-1] :][:4] if faults else lines[-3:])}"[:400]
