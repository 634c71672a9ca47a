"""MNIST: 70,000 handwritten digits, 28x28 grey pixels each.

Y. LeCun, C. Cortes and C. J. C. Burges, from NIST's Special Databases 1 and 3; http://yann.lecun.com/exdb/mnist/.
The arrays are copyright Y. LeCun and C. Cortes, under CC BY-SA 3.0.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from kcore.plugin import register
from kcore_datasets.expected import Expected
from kcore_datasets.files import locate
from kcore_datasets.npz import read_npz

URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"

ARRAYS = {
    "x_train": Expected("uint8", ("train", 28, 28)),
    "y_train": Expected("uint8", ("train",), largest=9),
    "x_test": Expected("uint8", ("test", 28, 28)),
    "y_test": Expected("uint8", ("test",), largest=9),
}

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def load_data(path: str = "mnist.npz") -> tuple[Pair, Pair]:
    """Load MNIST as `(x_train, y_train), (x_test, y_test)`.

    The file is looked for in the folder KCORE_DATA_HOME, in Keras's cache and in kcore's; if it is in none of
    them it is fetched (11 MB) into kcore's cache, unless KCORE_OFFLINE=1.

    Arguments:
        path: the file's name in those folders; an absolute path is that file.

    Returns:
        Four uint8 arrays: x_train `(60000, 28, 28)` and x_test `(10000, 28, 28)`, pixels from 0 (background)
        to 255; y_train `(60000,)` and y_test `(10000,)`, the digits 0 to 9. A file with fewer images of the
        same kind loads too.

    Raises:
        DatasetUnavailableError: there is no file and none could be fetched; the text says where to put one.
        DatasetDamagedError: the file is not what it should be; the text says what was expected.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
        >>> x_train = x_train.reshape(60000, 784).astype("float32") / 255  # doctest: +SKIP
    """
    file = locate(path, URL, SHA256)
    remedy = f"delete this file and call mnist.load_data() again, or put a good copy from {URL} in its place"
    data = read_npz(file, ARRAYS, remedy)
    return (data["x_train"], data["y_train"]), (data["x_test"], data["y_test"])


register("datasets", "mnist")(sys.modules[__name__])
