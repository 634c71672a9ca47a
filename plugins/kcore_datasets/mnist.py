"""MNIST: 70,000 handwritten digits, 28x28 grey pixels each.

Y. LeCun, C. Cortes and C. J. C. Burges, from NIST's Special Databases 1 and 3; http://yann.lecun.com/exdb/mnist/.
The arrays are copyright Y. LeCun and C. Cortes, under CC BY-SA 3.0.
"""

import sys

from kcore.plugin import register
from kcore_datasets.files import Source
from kcore_datasets.mnist_like import NAMES, Pair, beside, from_idx, from_npz, is_idx, spellings

FILES = (
    Source(
        "mnist.npz",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
        "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        unpacked=tuple(
            file for end in (".gz", "") for file in spellings(NAMES[0], "mnist", "MNIST/raw", end=end)
        ),  # torchvision's folder is MNIST/raw
    ),
)


def load_data(path: str = "mnist.npz") -> tuple[Pair, Pair]:
    """Load MNIST as `(x_train, y_train), (x_test, y_test)`.

    The file is looked for in the folder KCORE_DATA_HOME, in Keras's cache and in kcore's; if it is in none of
    them it is fetched (11 MB) into kcore's cache, unless KCORE_OFFLINE=1. The four idx files, gzipped or plain,
    serve as well, in a folder `mnist` or `MNIST/raw` there.

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
    file, remedy = FILES[0].locate(path), FILES[0].remedy("mnist.load_data()")
    return from_idx(beside(file), remedy) if is_idx(file) else from_npz(file, remedy)


register("datasets", "mnist")(sys.modules[__name__])
