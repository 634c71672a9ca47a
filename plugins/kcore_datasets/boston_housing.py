"""Boston Housing: 506 districts of Boston in 1970 in 13 numbers each, and the median price of a house there.

D. Harrison and D. L. Rubinfeld, Hedonic Housing Prices and the Demand for Clean Air, Journal of Environmental
Economics and Management 5, 1978; from StatLib, http://lib.stat.cmu.edu/datasets/boston. No licence is stated.
"""

import sys

from kcore.plugin import register
from kcore_datasets.files import Source
from kcore_datasets.housing import Pair, read_split

FILES = (
    Source(
        "boston_housing.npz",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz",
        "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
    ),
)


def load_data(path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> tuple[Pair, Pair]:
    """Load Boston Housing as `(x_train, y_train), (x_test, y_test)`.

    Do not learn about houses from it: its authors made the twelfth column, B, of the share of Black residents, in
    a form that takes segregation to raise prices. It is here because programs and books use it, and to show
    how such an assumption comes into data; `california_housing.load_data(version="small")` is of the same size.

    Arguments:
        path: the file's name in KCORE_DATA_HOME and the caches; an absolute path is that file.
        test_split: the part of the rows that is for testing, from 0 to less than 1.
        seed: of the shuffling before the split.

    Returns:
        Four float64 arrays: x_train `(404, 13)` and x_test `(102, 13)`, the columns CRIM, ZN, INDUS, CHAS, NOX, RM,
        AGE, DIS, RAD, TAX, PTRATIO, B and LSTAT as StatLib describes them; y_train `(404,)` and y_test `(102,)`,
        prices in thousands of dollars, 5 to 50.

    Raises:
        DatasetUnavailableError: there is no file and none could be fetched; the text says where to put one.
        DatasetDamagedError: the file is not what it should be; the text says what was expected.
        ValueError: `test_split` is out of its range.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    """
    file, remedy = FILES[0].locate(path), FILES[0].remedy("boston_housing.load_data()")
    return read_split(file, remedy, "float64", (506, 13), test_split, seed)


register("datasets", "boston_housing")(sys.modules[__name__])
