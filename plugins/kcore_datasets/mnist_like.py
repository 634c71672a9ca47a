"""What MNIST and Fashion-MNIST share: the arrays, the names of their four idx files, and how they are read."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kcore_datasets.errors import DatasetUnavailableError
from kcore_datasets.expected import Expected
from kcore_datasets.idx import read_idx
from kcore_datasets.npz import read_npz

ARRAYS = {
    "x_train": Expected("uint8", ("train", 28, 28)),
    "y_train": Expected("uint8", ("train",), largest=9),
    "x_test": Expected("uint8", ("test", 28, 28)),
    "y_test": Expected("uint8", ("test",), largest=9),
}

# In which idx file each array is, in the order of ARRAYS.
NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def spellings(name: str, *folders: str, end: str = "") -> tuple[str, ...]:
    """How the idx file `name` is called in these folders: as its authors call it, and as some archives do."""
    return tuple(f"{folder}/{file}{end}" for folder in folders for file in (name, name.replace("-idx", ".idx")))


def from_npz(file: Path, remedy: str) -> tuple[Pair, Pair]:
    """Keras's two pairs from an `.npz` file."""
    data = read_npz(file, ARRAYS, remedy)
    return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])


def from_idx(files: Iterable[Path], remedy: str) -> tuple[Pair, Pair]:
    """Keras's two pairs from the four idx files, in the order of NAMES."""
    lengths: dict[str, int] = {}
    x_train, y_train, x_test, y_test = (
        read_idx(file, name, expected, lengths, remedy)
        for file, (name, expected) in zip(files, ARRAYS.items(), strict=True)
    )
    return (x_train, y_train), (x_test, y_test)


def is_idx(file: Path) -> bool:
    """Whether this is one of the four idx files, by its name."""
    return file.name.startswith("train-images")


def beside(first: Path) -> list[Path]:
    """The four idx files, of which `first` has the training images: each gzipped or plain.

    Raises:
        DatasetUnavailableError: one is not there.
    """
    found = []
    for name in NAMES:
        plain = first.with_name(name if "-idx" in first.name else name.replace("-idx", ".idx"))
        packed = plain.with_name(f"{plain.name}.gz")
        there = [file for file in (first, plain, packed) if file.name.startswith(plain.name) and file.is_file()]
        if not there:
            raise DatasetUnavailableError(
                f"{plain} was not found, nor {packed.name}, though {first.name} lies there.\n"
                f"  to mend: put all four idx files into the folder {first.parent}, or remove {first.name}."
            )
        found.append(there[0])
    return found
