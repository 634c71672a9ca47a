"""Fashion-MNIST: 70,000 pictures of clothes in ten kinds, 28x28 grey pixels each; it takes MNIST's place.

H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms, 2017, arXiv:1708.07747; https://github.com/zalandoresearch/fashion-mnist. Copyright Zalando SE, under
the MIT licence.
"""

import sys

from kcore.plugin import register
from kcore_datasets.files import Source
from kcore_datasets.mnist_like import NAMES, Pair, from_idx, from_npz, is_idx, spellings

_SHA256 = (
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
)

_FOLDERS = ("fashion-mnist", "fashion_mnist", "FashionMNIST/raw")  # Keras's folder; torchvision's is the last

FILES = tuple(
    Source(
        f"fashion-mnist/{name}.gz",
        f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{name}.gz",
        sha256,
        also=spellings(name, *_FOLDERS, end=".gz")[1:],
        unpacked=(*spellings(name, *_FOLDERS), "fashion_mnist.npz", "fashion-mnist.npz"),
    )
    for name, sha256 in zip(NAMES, _SHA256, strict=True)
)


def load_data() -> tuple[Pair, Pair]:
    """Load Fashion-MNIST as `(x_train, y_train), (x_test, y_test)`.

    The four idx files, gzipped or plain, are looked for in a folder `fashion-mnist` (or `FashionMNIST/raw`) in the
    folder KCORE_DATA_HOME, in Keras's cache and in kcore's; what is in none of them is fetched (31 MB in all) into
    kcore's cache, unless KCORE_OFFLINE=1. A file `fashion_mnist.npz` of MNIST's form serves as well.

    Returns:
        Four uint8 arrays: x_train `(60000, 28, 28)` and x_test `(10000, 28, 28)`, pixels from 0 (background) to 255;
        y_train `(60000,)` and y_test `(10000,)`: 0 T-shirt or top, 1 trousers, 2 pullover, 3 dress, 4 coat,
        5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot. Files with fewer images of the same kind load too.

    Raises:
        DatasetUnavailableError: a file is nowhere and could not be fetched; the text says where to put one.
        DatasetDamagedError: a file is not what it should be; the text says what was expected.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    first = FILES[0].locate()
    remedy = FILES[0].remedy("fashion_mnist.load_data()")
    if not is_idx(first):
        return from_npz(first, remedy)
    return from_idx([first, *(source.locate() for source in FILES[1:])], remedy)


register("datasets", "fashion_mnist")(sys.modules[__name__])
