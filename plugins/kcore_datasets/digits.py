"""Digits: 1,797 handwritten digits, 8x8 grey pixels each, which ship with kcore and need no download.

The test part of E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
Repository, 1998, https://doi.org/10.24432/C50P49, as scikit-learn carries it, under CC BY 4.0; all about its
origin stands in `data/LICENSE-digits.txt`.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kcore.plugin import register
from kcore_datasets.expected import Expected
from kcore_datasets.npz import read_npz

TRAIN = 1500

ARRAYS = {
    "images": Expected("uint8", (1797, 8, 8), largest=16),
    "labels": Expected("uint8", (1797,), largest=9),
}

Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def load_data() -> tuple[Pair, Pair]:
    """Load the digits as `(x_train, y_train), (x_test, y_test)`: the first 1,500 images and the last 297.

    The images stand in scikit-learn's order and are not shuffled. Their labels show one form of about 130
    digits, filled in 14 times by 13 writers, one form after the other. So the last images come from other
    writers than the first, and a split by position tests on hands that training did not see, where a
    shuffled one flatters the network. (One form is cut: it gives the last 85 training images and the first
    45 test images.)

    Returns:
        Four uint8 arrays: x_train `(1500, 8, 8)` and x_test `(297, 8, 8)`, pixels from 0 (background) to 16;
        y_train `(1500,)` and y_test `(297,)`, the digits 0 to 9. They are yours to change.

    Raises:
        DatasetDamagedError: kcore's own copy was altered.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape, y_train[:10].tolist()
        ((1500, 8, 8), (297, 8, 8), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    file = Path(__file__).with_name("data") / "digits.npz"
    data = read_npz(file, ARRAYS, "install kcore again: pip install --force-reinstall --no-deps kcore")
    images, labels = data["images"], data["labels"]
    return (images[:TRAIN], labels[:TRAIN]), (images[TRAIN:], labels[TRAIN:])


register("datasets", "digits")(sys.modules[__name__])
