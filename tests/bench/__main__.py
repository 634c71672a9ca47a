"""`python -m tests.bench mlp`: what a benchmark is called, and the machine that it ran on."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "backends"), str(ROOT / "plugins")]


def machine() -> str:
    """The processor, the load and the versions."""
    import numpy as np

    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    load = f"load {os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "load unknown"
    return f"{model}, {os.cpu_count()} cores, {load}, Python {platform.python_version()}, NumPy {np.__version__}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    kinds = ("mlp", "recurrent", "lstm", "trace", "import", "plugins")
    parser.add_argument("what", nargs="?", choices=kinds, default="mlp")
    parser.add_argument(
        "--epochs", type=int, default=0, help="mlp: train so many epochs first, to see the hundredth as the first"
    )
    parser.add_argument("--keras", metavar="PYTHON", help="lstm: a Python that has keras and jax, to run beside")
    options = parser.parse_args()
    print(machine())
    if options.what == "mlp":
        from . import mlp

        mlp.bench(options.epochs)
    elif options.what == "recurrent":
        from . import recurrent

        recurrent.bench()
    elif options.what == "lstm":
        from . import lstm

        lstm.bench(options.keras)
    elif options.what == "trace":
        from . import trace

        trace.bench()
    elif options.what == "plugins":
        from . import plugins

        plugins.bench()
    else:
        from . import imports

        imports.bench()


main()
