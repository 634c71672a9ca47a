"""`python -m tests.gpu`: compares kcore_cupy with NumPy, times it beside others, and keeps the record in docs/gpu."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "backends"), str(ROOT / "plugins")]


def main() -> None:
    from tests.gpu import page, parts, record
    from tests.gpu.sizes import SIZES

    given = _arguments(parts.PARTS, list(SIZES))
    if given.page:
        (record.FOLDER / "README.md").write_text(page.page(record.read()), "utf-8")
        return
    from kcore_cupy.backend import CupyBackend

    if reason := CupyBackend.probe():
        sys.exit(reason)
    played = record.facts()["stand-in"]
    sizes = given.sizes or ("toy" if played else "quick" if given.quick else "full")
    if played:
        print("CuPy here is the stand-in: times mean nothing, and no record is kept unless --anyway FOLDER says where.")
    chosen = ["transfers"] if given.transfers else given.only or list(parts.PARTS)
    found = parts.run(chosen, sizes, given.ops)
    whole = record.make(sizes, found, given.commit)
    folder: Path | None = given.anyway or (None if played else given.out)
    if not given.anyway and (set(chosen) != set(parts.PARTS) or given.ops):
        whole, folder = _joined(whole, folder)
    print(page.page(whole))
    if folder is None:
        print("No record was written.")
    else:
        record.write(whole, folder)
        print(f"Written: {folder / 'record.json'} and {folder / 'README.md'}")


def _joined(new: dict[str, Any], folder: Path | None) -> tuple[dict[str, Any], Path | None]:
    """Some parts alone change a record of the same sources on the same device; they make none."""
    from tests.gpu import marks, record

    old = record.read(folder) if folder else None
    same = ("sources", "device", "stand-in")
    if old is None or any(old[key] != new[key] for key in same):
        print("Only a whole run makes a record: these parts are shown alone.")
        return new, None
    parts = old["parts"] | new["parts"]
    return old | {"parts": parts, "marks": marks.marks(parts, record.timed(old))}, folder


def _arguments(parts: tuple[str, ...], sizes: list[str]) -> argparse.Namespace:
    from tests.gpu.record import FOLDER

    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer examples and steps: three minutes")
    parser.add_argument("--sizes", choices=sizes, help="how much is measured")
    parser.add_argument("--only", nargs="+", choices=parts, help="some parts, which no new record is made of")
    parser.add_argument("--transfers", action="store_true", help="--only transfers")
    parser.add_argument("--ops", nargs="+", metavar="NAME", default=[], help="some ops only")
    parser.add_argument("--commit", default="", help="what to call the sources where git does not know")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help="where the record is kept")
    parser.add_argument("--anyway", type=Path, metavar="FOLDER", help="keep a record there, of the stand-in too")
    parser.add_argument("--page", action="store_true", help="write the page of the record again, and nothing else")
    return parser.parse_args()


if __name__ == "__main__":
    main()
