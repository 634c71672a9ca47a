"""`kcore datasets list` and `kcore datasets fetch`: which data sets are here, and a folder of them for a class."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..plugin import entries, find


def list_datasets() -> None:
    """Print every data set, and where each of its files is: nothing is fetched."""
    names = {entry.qualified: entry.thing for entry in entries("datasets")}
    for name, module in names.items():
        lines = [_where(file) for file in getattr(module, "FILES", ())] or ["comes with its package"]
        for title, line in zip([name] + [""] * len(lines), lines, strict=False):
            print(f"{title:{max(map(len, names))}}  {line}")


def _where(file: Any) -> str:
    place = file.find()
    return f"{place.file} ({place.owner})" if place else f"{file.name} is not here: fetched when first loaded"


def fetch(names: Sequence[str], folder: str) -> None:
    """Put all files of these data sets into a folder, then load each one from there, without the network.

    What is here already is copied; the rest is downloaded. The folder is what KCORE_DATA_HOME should then name.
    """
    chosen = [(name, find("datasets", name)) for name in names]
    goal = Path(folder).expanduser().absolute()
    for name, module in chosen:
        for file in getattr(module, "FILES", ()):
            print(f"{name}: {file.fetch(goal)}")
    goal.mkdir(parents=True, exist_ok=True)
    with _environment(KCORE_DATA_HOME=str(goal), KCORE_OFFLINE="1"):
        for name, module in chosen:
            print(f"{name}: loads, {_loaded(module)}")
    print(f"Set KCORE_DATA_HOME to {goal}, and KCORE_OFFLINE to 1 to stay off the network.")


def _loaded(module: Any) -> str:
    """What a data set loads, in words."""
    (_, y_train), (_, y_test) = module.load_data()
    words = f", {len(module.get_word_index())} words" if hasattr(module, "get_word_index") else ""
    return f"{len(y_train)} for training and {len(y_test)} for testing{words}"


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
