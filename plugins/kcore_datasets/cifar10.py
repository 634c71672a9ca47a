"""CIFAR-10: 60,000 coloured pictures of ten kinds of animals and vehicles, 32x32 pixels each.

A. Krizhevsky, V. Nair and G. Hinton, https://www.cs.toronto.edu/~kriz/cifar.html; described in A. Krizhevsky,
Learning Multiple Layers of Features from Tiny Images, 2009. No licence is stated.
"""

import sys

import numpy as np

from kcore.plugin import register
from kcore_datasets.cifar import Pair, expected, read_batches, source
from kcore_datasets.npz import read_npz

_FOLDER = "cifar-10-batches-py"

FILES = (
    source(
        10,
        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        _FOLDER,
        "data_batch_1",
        f"{_FOLDER}.tar.gz",
        "cifar10.npz",
    ),
)

# Exactly so many: a file with fewer is taken for no less than the whole by those who use it.
TRAIN = {f"data_batch_{i}": 10_000 for i in range(1, 6)}
TEST = {"test_batch": 10_000}


def load_data() -> tuple[Pair, Pair]:
    """Load CIFAR-10 as `(x_train, y_train), (x_test, y_test)`.

    The archive `cifar-10-python.tar.gz`, the folder `cifar-10-batches-py` unpacked from it, or a file `cifar10.npz`
    is looked for in the folder KCORE_DATA_HOME, in Keras's cache and in kcore's; if it is in none of them the
    archive is fetched (170 MB) into kcore's cache, unless KCORE_OFFLINE=1.

    Returns:
        Four uint8 arrays: x_train `(50000, 32, 32, 3)` and x_test `(10000, 32, 32, 3)`, the last axis red, green and
        blue, 0 to 255; y_train `(50000, 1)` and y_test `(10000, 1)`: 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer,
        5 dog, 6 frog, 7 horse, 8 ship, 9 truck.

    Raises:
        DatasetUnavailableError: there is no file and none could be fetched; the text says where to put one.
        DatasetDamagedError: the file is not what it should be; the text says what was expected.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    file, remedy = FILES[0].locate(), FILES[0].remedy("cifar10.load_data()")
    if file.suffix == ".npz":
        data = read_npz(file, expected(sum(TRAIN.values()), sum(TEST.values())), remedy)
        return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])
    batches = read_batches(file, _FOLDER, TRAIN | TEST, "labels", 9, remedy)
    train, test = (
        tuple(np.concatenate(parts) for parts in zip(*(batches[name] for name in names), strict=True))
        for names in (TRAIN, TEST)
    )
    return (train[0], train[1].astype("uint8")), (test[0], test[1].astype("uint8"))


register("datasets", "cifar10")(sys.modules[__name__])
