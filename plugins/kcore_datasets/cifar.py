"""What the two CIFAR sets share: pickled batches of 32x32 coloured pictures, in a tar archive or unpacked from it.

A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. A batch is a dict of bytes: `data`, a
uint8 array with one row of 3,072 values for each picture, all red values before the green and the blue ones; and
lists of labels. https://www.cs.toronto.edu/~kriz/cifar.html
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcore_datasets.errors import DatasetUnavailableError
from kcore_datasets.expected import Expected
from kcore_datasets.files import Source
from kcore_datasets.pickled import unpickle
from kcore_datasets.suspect import RefusedError, Suspect
from kcore_datasets.tar import read_tar

Pair = tuple[NDArray[np.uint8], NDArray[Any]]


def source(number: int, sha256: str, folder: str, first: str, old: str, *more: str) -> Source:
    """The archive of CIFAR-10 or CIFAR-100, in whose `folder` the batches lie, the one called `first` among them.

    Keras unpacks it into its cache, and has called it `old`.
    """
    name = f"cifar-{number}-python.tar.gz"
    return Source(
        name,
        f"https://www.cs.toronto.edu/~kriz/{name}",
        sha256,
        also=tuple(dict.fromkeys(file for file in (old, f"{folder}-target_archive") if file != name)),
        unpacked=(f"{folder}/{first}", f"{folder}-target/{folder}/{first}", *more),
    )


def expected(train: int, test: int) -> dict[str, Expected]:
    """What an `.npz` file of so many training and test pictures of CIFAR-10 must hold."""
    return {
        "x_train": Expected("uint8", (train, 32, 32, 3)),
        "y_train": Expected("uint8", (train, 1), largest=9),
        "x_test": Expected("uint8", (test, 32, 32, 3)),
        "y_test": Expected("uint8", (test, 1), largest=9),
    }


def read_batches(
    file: Path, folder: str, batches: Mapping[str, int], labels: str, largest: int, remedy: str
) -> dict[str, Pair]:
    """Read batches, each of which must have so many pictures, from an archive or from the folder that `file` is in.

    Returns:
        For each batch its pictures, uint8 `(pictures, 32, 32, 3)`, and the list `labels`, int64 `(pictures, 1)`.

    Raises:
        DatasetUnavailableError: a batch of the folder is missing.
        DatasetDamagedError: a file is damaged or hostile, or a batch has other pictures or labels.
    """
    return {
        name: _batch(suspect, name, content, batches[name], labels, largest)
        for name, suspect, content in _contents(file, folder, batches, remedy)
    }


def _contents(file: Path, folder: str, batches: Mapping[str, int], remedy: str) -> Iterator[tuple[str, Suspect, bytes]]:
    if file.name not in batches:
        members = {f"{folder}/{name}": name for name in batches}
        contents = read_tar(file, members, remedy)
        yield from ((name, Suspect(file, remedy), contents[member]) for member, name in members.items())
        return
    for name in batches:
        suspect = Suspect(file.with_name(name), remedy)
        if not suspect.path.is_file():
            raise DatasetUnavailableError(
                f"{suspect.path} was not found, though {file.name} lies there.\n"
                f"  to mend: put all of {', '.join(batches)} into the folder {file.parent}, or remove that folder."
            )
        yield name, suspect, suspect.read("a pickled batch")


def _batch(suspect: Suspect, name: str, content: bytes, pictures: int, labels: str, largest: int) -> Pair:
    """One batch's pictures, the colours moved to the last axis, and labels."""
    wanted = Expected("uint8", (pictures, 3072))
    with suspect.parsing(f"{name} as a pickled dict of data and {labels}", content):
        batch = unpickle(content)
        if not isinstance(batch, dict) or not {b"data", labels.encode()} <= batch.keys():
            keys = [key.decode("latin-1") for key in batch if isinstance(key, bytes)] if isinstance(batch, dict) else []
            raise RefusedError(f"a dict of {', '.join(keys[:10])}" if keys else f"a pickled {type(batch).__name__}")
        x, y = batch[b"data"], batch[labels.encode()]
        if not isinstance(x, np.ndarray):
            raise RefusedError(f"data of type {type(x).__name__}")
        if mismatch := wanted.mismatch(x.shape, x.dtype, {}):
            raise suspect.damaged(f"data of {name} as {wanted}", mismatch)
        if not isinstance(y, list) or len(y) != pictures or set(map(type, y)) != {int}:
            raise suspect.damaged(f"{labels} of {name} as a list of {pictures} integers", _told(y))
        if min(y) < 0 or max(y) > largest:
            raise suspect.damaged(f"{labels} of {name} from 0 to {largest}", f"{min(y)} to {max(y)}")
    images = x.reshape(pictures, 3, 32, 32).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), np.array(y, np.int64).reshape(pictures, 1)


def _told(labels: Any) -> str:
    if not isinstance(labels, list):
        return type(labels).__name__
    return f"a list of {len(labels)}, types {', '.join(sorted({kind.__name__ for kind in map(type, labels)}))}"
