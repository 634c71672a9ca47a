"""`python -m tests.programs`: trains each program with three seeds, and fails where a median misses its mark."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "backends"), str(ROOT / "plugins")]

# The least accuracy; for the housing sets, the most error as a part of that of scikit-learn's MLPRegressor.
ACCURACY = {"mnist": 0.981, "fashion_mnist": 0.88, "reuters": 0.79, "imdb": 0.86}
ERROR = {"boston": 1.1, "california": 1.1}


def row(name: str, seeds: list[int]) -> tuple[str, bool]:
    """A line of the table, and whether the median reaches the mark."""
    program = importlib.import_module(f"tests.programs.{name}")
    start = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):  # what the programs tell meanwhile
        figures = [program.main(seed) for seed in seeds]
    seconds = (time.perf_counter() - start) / len(seeds)
    middle = median(figures)
    if name in ACCURACY:
        mark, reached = f"at least {ACCURACY[name]}", middle >= ACCURACY[name]
    else:
        from tests.programs import scikit

        rivals = [scikit.error(program, seed) for seed in seeds]
        most = ERROR[name] * median(rivals)
        mark = f"at most {most:.4f}: {ERROR[name]} times {', '.join(f'{r:.4f}' for r in rivals)} of scikit-learn"
        reached = middle <= most
    told = ", ".join(f"{figure:.4f}" for figure in figures)
    verdict = "reached" if reached else "MISSED"
    return f"| {name} | {program.EPOCHS} | {told} | {middle:.4f} | {mark} | {verdict} | {seconds:.0f} s |", reached


def main() -> None:
    names = [*ACCURACY, *ERROR]
    parser = argparse.ArgumentParser(prog="python -m tests.programs")
    parser.add_argument("programs", nargs="*", metavar="program", help=f"of {', '.join(names)}; all unless told")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    if unknown := set(options.programs) - set(names):
        parser.error(f"no program {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    print(f"| program | epochs | seeds {', '.join(map(str, options.seeds))} | median | mark | | one seed takes |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    missed = []
    for name in options.programs or names:
        line, reached = row(name, options.seeds)
        print(line, flush=True)
        missed += [] if reached else [name]
    sys.exit(f"missed: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
