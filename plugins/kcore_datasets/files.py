"""Where a data set's file lies; if nowhere, it is fetched, or an error says where to put it."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from attrs import frozen

from kcore_datasets import download
from kcore_datasets.errors import DatasetUnavailableError


class Place(NamedTuple):
    """One place to look: the path of a file or folder, and in words whose place it is."""

    file: Path
    owner: str


@frozen
class Source:
    """One file of a data set: its name, where it is fetched from, and how else people have it.

    `also` are other names of the same file; `unpacked` are files that the data may have been unpacked into, or
    other formats of them: one of each suffices to know that they are there.
    """

    name: str
    url: str
    sha256: str
    also: tuple[str, ...] = ()
    unpacked: tuple[str, ...] = ()

    def locate(self, path: str | Path | None = None) -> Path:
        """Where it lies, fetched if need be; another `path` is looked for under that name alone."""
        if path is None or str(path) == self.name:
            return locate(self.name, self.url, self.sha256, self.also + self.unpacked)
        return locate(path, self.url, self.sha256)

    def find(self) -> Place | None:
        """Where it lies, if anywhere; nothing is fetched."""
        names = (self.name, *self.also, *self.unpacked)
        places = (Place(place.file / name, place.owner) for place in _places(self.name) for name in names)
        return next((place for place in places if place.file.is_file()), None)

    def fetch(self, folder: Path) -> str:
        """Put it into `folder` under its own name: a copy of the one that lies here, or a download.

        Returns:
            In words, where it came from.
        """
        goal = folder.absolute() / self.name
        if goal.is_file():
            return f"{goal} was there"
        place = self.find()
        if place is None or place.file.name in {Path(name).name for name in self.unpacked}:
            locate(goal, self.url, self.sha256)
            return f"{goal} from {self.url}"
        goal.parent.mkdir(parents=True, exist_ok=True)
        aside = goal.with_name(f"{goal.name}.{os.getpid()}.part")
        try:
            shutil.copyfile(place.file, aside)
            aside.replace(goal)
        finally:
            aside.unlink(missing_ok=True)
        return f"{goal} from {place.file}"

    def remedy(self, call: str) -> str:
        """What to do about a damaged file that `call` read."""
        return f"delete this file and call {call} again, or put a good copy from {self.url} in its place"


def locate(name: str | Path, url: str, sha256: str, others: Sequence[str] = ()) -> Path:
    """The path of a data set's file, which is fetched from `url` if it lies in no known place.

    The places, in order: the folder that the environment variable KCORE_DATA_HOME names; Keras's cache
    (`~/.keras/datasets`, or below KERAS_HOME); kcore's cache (`~/.cache/kcore` on Linux), which a download
    goes into. In each, `others` are looked for after `name`. An absolute `name` is the only place, and the
    download's goal. KCORE_OFFLINE=1 forbids downloads. Only a download must have `sha256`: files that people
    bring are often zipped anew.

    Raises:
        DatasetUnavailableError: the file is nowhere and could not be fetched, or KCORE_DATA_HOME or the
            absolute path names something that cannot be read.
        ValueError: `name` is empty.
    """
    asked = Path(name).expanduser()
    if not asked.name:
        raise ValueError(f"path must be a file's name, such as 'mnist.npz'; got {str(name)!r}")
    looked: list[tuple[Place, str]] = []
    for folder, owner in [Place(asked.parent, "path")] if asked.is_absolute() else _places(asked):
        for candidate in (asked.name if asked.is_absolute() else asked, *others):
            file = folder / candidate
            try:
                with file.open("rb"):
                    return file
            except OSError as error:
                reason = error.strerror or str(error)
                missing = isinstance(
                    error, FileNotFoundError | NotADirectoryError if candidate in others else FileNotFoundError
                )
                if owner in ("path", "KCORE_DATA_HOME") and not missing:
                    raise DatasetUnavailableError(
                        f"{file} ({owner}) cannot be read: {reason}.\n"
                        f"  to mend: make it a file that you may read; it can be had from {url}"
                    ) from error
                if candidate not in others:
                    looked.append((Place(file, owner), reason))
    if os.environ.get("KCORE_OFFLINE", "").lower() not in ("", "0", "false", "no"):
        raise _unavailable(asked, looked, others, url, "KCORE_OFFLINE forbids fetching it")
    try:
        return download.fetch(url, looked[-1][0].file, sha256)
    except (ImportError, OSError, ValueError) as error:  # no pooch; no network or disk; another sha256
        raise _unavailable(
            asked, looked, others, url, f"fetching it failed ({type(error).__name__}: {error})"
        ) from error


def _places(name: str | Path) -> Iterator[Place]:
    """The folders for `name`, each worked out only when those before it have failed."""
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
        yield Place(folder, "KCORE_DATA_HOME")
    try:
        home = Path.home()
    except RuntimeError as error:
        raise DatasetUnavailableError(
            f"{name} was not found, and you have no home folder to look in or to fetch it into.\n"
            f"  to mend: set KCORE_DATA_HOME to a folder that holds {name}."
        ) from error
    keras = Path(os.environ.get("KERAS_HOME") or home / ".keras").expanduser().absolute()
    yield Place(keras / "datasets", "Keras's cache")
    cache = download.cache_folder()
    if cache:
        yield Place(cache, "kcore's cache")


def _unavailable(
    asked: Path, looked: list[tuple[Place, str]], others: Sequence[str], url: str, failure: str
) -> DatasetUnavailableError:
    """The error that lists every place, and the one where the reader should put the file."""
    first, last = looked[0][0], looked[-1][0]
    goal = first.file if first.owner == "KCORE_DATA_HOME" else last.file
    places = "".join(f"\n    {place.file} ({place.owner}: {reason})" for place, reason in looked)
    if others:
        places += f"\n    and in the same folders for {', '.join(others)}"
    name = "" if asked.is_absolute() or asked.parent == Path() else f"as {asked} "
    return DatasetUnavailableError(
        f"{goal.name} was not found, and {failure}.\n"
        f"  looked at:{places}\n"
        f"  to mend: get {url}\n"
        f"    and save it as {goal.name} in the folder {goal.parent};\n"
        f"    or save it {name}in a folder of your own and set KCORE_DATA_HOME to that folder's path."
    )
