"""California Housing: 20,640 districts of California in 1990 in 8 numbers each, and the median price of a house.

R. K. Pace and R. Barry, Sparse Spatial Autoregressions, Statistics and Probability Letters 33, 1997; from StatLib,
https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html. Derived from the census; no licence is stated.
"""

import sys

from kcore.plugin import register
from kcore_datasets.files import Source
from kcore_datasets.housing import Pair, read_split

FILES = (
    Source(
        "california_housing.npz",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/california_housing.npz",
        "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
    ),
)


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[Pair, Pair]:
    """Load California Housing as `(x_train, y_train), (x_test, y_test)`.

    Arguments:
        version: "large" for all 20,640 districts, "small" for the first 600 of the file.
        path: the file's name in KCORE_DATA_HOME and the caches; an absolute path is that file.
        test_split: the part of the rows that is for testing, from 0 to less than 1.
        seed: of the shuffling before the split.

    Returns:
        Four float32 arrays: x_train `(16512, 8)` and x_test `(4128, 8)`, or `(480, 8)` and `(120, 8)` if small: the
        columns longitude, latitude, median age of the houses, rooms, bedrooms, people and households of the whole
        district, and median income in tens of thousands of dollars (Keras documents other columns, but has
        these); y_train and y_test, of as many rows, prices in dollars, 14,999 to 500,001 (all above are cut).

    Raises:
        DatasetUnavailableError: there is no file and none could be fetched; the text says where to put one.
        DatasetDamagedError: the file is not what it should be; the text says what was expected.
        ValueError: `version` or `test_split` is out of its range.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data(version="small")  # doctest: +SKIP
    """
    if version not in ("large", "small"):
        raise ValueError(f"version must be 'large' (20,640 rows) or 'small' (600); got {version!r}")
    file, remedy = FILES[0].locate(path), FILES[0].remedy("california_housing.load_data()")
    return read_split(file, remedy, "float32", (20640, 8), test_split, seed, 600 if version == "small" else None)


register("datasets", "california_housing")(sys.modules[__name__])
