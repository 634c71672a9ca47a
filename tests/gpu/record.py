"""The record of the last run on a GPU: docs/gpu/record.json, and whether it still says something of today's sources."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.gpu.marks import marks
from tests.gpu.parts import ROOT

FOLDER = ROOT / "docs" / "gpu"
SOURCES = ("backends/kcore_cupy", "kcore/program")
DAYS = 60
LIBRARIES = ("jax", "torch", "triton", "hypothesis")
Record = dict[str, Any]


def read(folder: Path = FOLDER) -> Record | None:
    """The record that a folder keeps, if it does."""
    path = folder / "record.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else None


def make(sizes: str, parts: Mapping[str, Any], commit: str = "") -> Record:
    """The record of what was found just now."""
    found = facts() | {"commit": commit or _commit(), "sources": sources_hash(), "sizes": sizes}
    return found | {"marks": marks(parts, timed(found)), "parts": dict(parts)}


def timed(record: Record) -> bool:
    """Whether its times mean anything."""
    return not record["stand-in"] and record["sizes"] != "toy"


def write(record: Record, folder: Path) -> None:
    """Keep it, with the page made of it."""
    from tests.gpu.page import page

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(_lines(record), "utf-8")
    (folder / "README.md").write_text(page(record), "utf-8")


def _lines(record: Record) -> str:
    """JSON with a line for each job, so that two records can be compared."""

    def items(of: Mapping[str, Any], indent: str) -> str:
        return ",\n".join(f"{indent}{json.dumps(name)}: {json.dumps(value)}" for name, value in of.items())

    parts = [f'    "{part}": {{\n{items(jobs, " " * 6)}\n    }}' for part, jobs in record["parts"].items()]
    head = items({name: value for name, value in record.items() if name != "parts"}, "  ")
    return f'{{\n{head},\n  "parts": {{\n' + ",\n".join(parts) + "\n  }\n}\n"


def facts() -> Record:
    """The day, the device and the versions."""
    import cupy
    import numpy as np

    runtime = cupy.cuda.runtime
    told = runtime.getDeviceProperties(runtime.getDevice())
    name = told["name"].decode() if isinstance(told["name"], bytes) else str(told["name"])
    libraries: Record = {}
    for library in LIBRARIES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            libraries[library] = importlib.metadata.version(library)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "stand-in": hasattr(cupy, "standin"),
        "device": name,
        "compute capability": f"{told['major']}.{told['minor']}",
        "driver": _driver(),
        "CUDA of the driver": _dotted(runtime.driverGetVersion()),
        "CUDA": _dotted(runtime.runtimeGetVersion()),
        "NVRTC": ".".join(map(str, cupy.cuda.nvrtc.getVersion())),
        "CuPy": cupy.__version__,
        "NumPy": np.__version__,
        "Python": platform.python_version(),
        "libraries": libraries,
    }


def _dotted(version: int) -> str:
    return f"{version // 1000}.{version % 1000 // 10}"


def _driver() -> str:
    return _said("nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader").partition("\n")[0]


def _commit() -> str:
    changed = _said("git", "status", "--porcelain", "--", *SOURCES)
    return _said("git", "rev-parse", "HEAD") + (", changed" if changed else "")


def _said(*command: str) -> str:
    """What a program prints; nothing where there is none."""
    with contextlib.suppress(OSError):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip() if not done.returncode else ""
    return ""


def sources_hash(root: Path = ROOT) -> str:
    """That of all Python of kcore_cupy and kcore.program, by which kernels and launches are decided."""
    known = hashlib.sha256()
    for path in sorted(p for folder in SOURCES for p in (root / folder).rglob("*.py")):
        text = path.read_text("utf-8").replace("\r\n", "\n")
        known.update(f"{path.relative_to(root).as_posix()}\0{text}\0".encode())
    return known.hexdigest()


def why_old(record: Record | None, today: datetime.date, sources: str) -> list[str]:
    """Why a record says little of what is here today; nothing if it says all."""
    if record is None:
        return ["kcore_cupy has not run on a GPU yet: there is no docs/gpu/record.json. On one, run tox -e gpu."]
    found, days = [], (today - datetime.date.fromisoformat(record["date"])).days
    if days > DAYS:
        found.append(f"The last run on a GPU was {days} days ago ({record['date']}). Run tox -e gpu on one again.")
    if record["sources"] != sources:
        folders = " or ".join(SOURCES)
        found.append(
            f"{folders} has changed since the last run on a GPU ({record['date']}). Run tox -e gpu on one again."
        )
    return found
