"""A process that does jobs of one part and notes each in a file, so that one that ends the process harms no other."""

from __future__ import annotations

import argparse
import faulthandler
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.gpu import agree, programs, times, transfers
from tests.gpu.notes import LOST, notes
from tests.gpu.sizes import SIZES, Sizes

Jobs = dict[str, Callable[[], Any]]


def jobs(part: str, sizes: Sizes, names: Sequence[str]) -> Jobs:
    """Those of a part; of ops only those that are named, if any are."""
    if part == "ops":
        return agree.ops_jobs(sizes, names)
    makers = {
        "networks": agree.networks_jobs,
        "times": times.jobs,
        "transfers": transfers.jobs,
        "programs": programs.jobs,
    }
    return makers[part](sizes)


def work(path: Path, todo: Jobs, seconds: float) -> bool:
    """Do what the file does not tell of; whether the device is still there."""
    done = notes(path)
    with path.open("a", encoding="utf-8") as file:

        def note(name: str, value: Any) -> None:
            file.write(json.dumps([name, value]) + "\n")
            file.flush()

        for name in [name for name in todo if name not in done]:
            note(name, None)
            faulthandler.dump_traceback_later(seconds, exit=True)
            try:
                value = todo[name]()
            except Exception as error:
                value = {"error": f"{type(error).__name__}: {str(error)[:300]}"}
            lost = _lost()
            faulthandler.cancel_dump_traceback_later()
            note(name, {"error": f"the device was lost: {lost}; {value}"[:400]} if lost else value)
            if lost:
                return False
    return True


def _lost() -> str:
    import cupy

    try:
        cupy.cuda.runtime.deviceSynchronize()
    except Exception as error:
        return str(error)
    return ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("part")
    parser.add_argument("path", type=Path)
    parser.add_argument("sizes", choices=SIZES)
    parser.add_argument("shard", type=int)
    parser.add_argument("shards", type=int)
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    sizes = SIZES[given.sizes]
    mine = list(jobs(given.part, sizes, given.names).items())[given.shard :: given.shards]
    if not work(given.path, dict(mine), sizes.seconds):
        raise SystemExit(LOST)


if __name__ == "__main__":
    main()
