"""CIFAR-100: 60,000 coloured pictures of a hundred kinds of things in twenty groups, 32x32 pixels each.

A. Krizhevsky, V. Nair and G. Hinton, https://www.cs.toronto.edu/~kriz/cifar.html; described in A. Krizhevsky,
Learning Multiple Layers of Features from Tiny Images, 2009. No licence is stated.
"""

import sys

from kcore.plugin import register
from kcore_datasets.cifar import Pair, read_batches, source

_FOLDER = "cifar-100-python"

FILES = (
    source(
        100,
        "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
        _FOLDER,
        "train",
        f"{_FOLDER}.tar.gz",
    ),
)

# Exactly so many: a file with fewer is taken for no less than the whole by those who use it.
BATCHES = {"train": 50_000, "test": 10_000}

LARGEST = {"fine": 99, "coarse": 19}


def load_data(label_mode: str = "fine") -> tuple[Pair, Pair]:
    """Load CIFAR-100 as `(x_train, y_train), (x_test, y_test)`.

    The archive `cifar-100-python.tar.gz` or the folder `cifar-100-python` unpacked from it is looked for in the folder
    KCORE_DATA_HOME, in Keras's cache and in kcore's; if it is in none of them the archive is fetched (169 MB) into
    kcore's cache, unless KCORE_OFFLINE=1.

    Arguments:
        label_mode: "fine" for the hundred kinds, "coarse" for the twenty groups.

    Returns:
        x_train `(50000, 32, 32, 3)` and x_test `(10000, 32, 32, 3)`, uint8, the last axis red, green and blue, 0 to
        255; y_train `(50000, 1)` and y_test `(10000, 1)`, int64 as from Keras, 0 to 99, or to 19 if coarse.

    Raises:
        DatasetUnavailableError: there is no file and none could be fetched; the text says where to put one.
        DatasetDamagedError: the file is not what it should be; the text says what was expected.
        ValueError: `label_mode` is another word.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data(label_mode="coarse")  # doctest: +SKIP
    """
    if label_mode not in LARGEST:
        raise ValueError(f"label_mode must be 'fine' (100 kinds) or 'coarse' (20 groups); got {label_mode!r}")
    file, remedy = FILES[0].locate(), FILES[0].remedy("cifar100.load_data()")
    batches = read_batches(file, _FOLDER, BATCHES, f"{label_mode}_labels", LARGEST[label_mode], remedy)
    return batches["train"], batches["test"]


register("datasets", "cifar100")(sys.modules[__name__])
