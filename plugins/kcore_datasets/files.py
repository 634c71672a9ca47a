"""Where a data set's file lies; if nowhere, it is fetched, or an error says where to put it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kcore_datasets import download
from kcore_datasets.errors import DatasetUnavailableError


class Place(NamedTuple):
    """One place to look: the file's path, and in words whose place it is."""

    file: Path
    owner: str


def locate(name: str | Path, url: str, sha256: str) -> Path:
    """The path of a data set's file, which is fetched from `url` if it lies in no known place.

    The places, in order: the folder that the environment variable KCORE_DATA_HOME names; Keras's cache
    (`~/.keras/datasets`, or below KERAS_HOME); kcore's cache (`~/.cache/kcore` on Linux), which a download
    goes into. An absolute `name` is the only place, and the download's goal. KCORE_OFFLINE=1 forbids
    downloads. Only a download must have `sha256`: files that people bring are often zipped anew.

    Raises:
        DatasetUnavailableError: the file is nowhere and could not be fetched, or KCORE_DATA_HOME or the
            absolute path names something that cannot be read.
        ValueError: `name` is empty.
    """
    asked = Path(name).expanduser()
    if not asked.name:
        raise ValueError(f"path must be a file's name, such as 'mnist.npz'; got {str(name)!r}")
    looked: list[tuple[Place, str]] = []
    for place in [Place(asked, "path")] if asked.is_absolute() else _places(asked):
        try:
            with place.file.open("rb"):
                return place.file
        except OSError as error:
            reason = error.strerror or str(error)
            if place.owner in ("path", "KCORE_DATA_HOME") and not isinstance(error, FileNotFoundError):
                raise DatasetUnavailableError(
                    f"{place.file} ({place.owner}) cannot be read: {reason}.\n"
                    f"  to mend: make it a file that you may read; it can be had from {url}"
                ) from error
            looked.append((place, reason))
    if os.environ.get("KCORE_OFFLINE", "").lower() not in ("", "0", "false", "no"):
        raise _unavailable(looked, url, "KCORE_OFFLINE forbids fetching it")
    try:
        return download.fetch(url, looked[-1][0].file, sha256)
    except (ImportError, OSError, ValueError) as error:  # no pooch; no network or disk; another sha256
        raise _unavailable(looked, url, f"fetching it failed ({type(error).__name__}: {error})") from error


def _places(name: Path) -> Iterator[Place]:
    """The places for `name`, each worked out only when those before it have failed."""
    chosen = os.environ.get("KCORE_DATA_HOME")
    if chosen:
        folder = Path(chosen).expanduser().absolute()
        try:
            os.scandir(folder).close()
        except OSError as error:
            raise DatasetUnavailableError(
                f"KCORE_DATA_HOME is {chosen!r}, which cannot be read as a folder: {error.strerror}.\n"
                f"  to mend: set it to a folder that holds {name}, or unset it."
            ) from error
        yield Place(folder / name, "KCORE_DATA_HOME")
    try:
        home = Path.home()
    except RuntimeError as error:
        raise DatasetUnavailableError(
            f"{name} was not found, and you have no home folder to look in or to fetch it into.\n"
            f"  to mend: set KCORE_DATA_HOME to a folder that holds {name}."
        ) from error
    keras = Path(os.environ.get("KERAS_HOME") or home / ".keras").expanduser().absolute()
    yield Place(keras / "datasets" / name, "Keras's cache")
    cache = download.cache_folder()
    if cache:
        yield Place(cache / name, "kcore's cache")


def _unavailable(looked: list[tuple[Place, str]], url: str, failure: str) -> DatasetUnavailableError:
    """The error that lists every place, and the one where the reader should put the file."""
    first, last = looked[0][0], looked[-1][0]
    goal = first.file if first.owner == "KCORE_DATA_HOME" else last.file
    places = "".join(f"\n    {place.file} ({place.owner}: {reason})" for place, reason in looked)
    return DatasetUnavailableError(
        f"{goal.name} was not found, and {failure}.\n"
        f"  looked at:{places}\n"
        f"  to mend: get {url}\n"
        f"    and save it as {goal.name} in the folder {goal.parent};\n"
        f"    or save it in a folder of your own and set KCORE_DATA_HOME to that folder's path."
    )
