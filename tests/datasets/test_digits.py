"""The data set that ships inside."""

import doctest
import zlib
from pathlib import Path

import numpy as np

import kcore_datasets
from kcore_datasets import digits

FOLDER = Path(kcore_datasets.__file__).parent


def test_shapes_values_and_label_counts():
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, y_train.shape) == ((1500, 8, 8), (1500,))
    assert (x_test.shape, y_test.shape) == ((297, 8, 8), (297,))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype("uint8")}
    for images in (x_train, x_test):
        assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(y_train).tolist() == [151, 151, 150, 153, 148, 152, 151, 149, 146, 149]
    assert np.bincount(y_test).tolist() == [27, 31, 27, 30, 33, 30, 30, 30, 28, 31]


def test_the_bytes_are_those_of_scikit_learn():
    """Checksums of the integers in scikit-learn's digits.csv.gz, and its first row as people know it."""
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert zlib.crc32(x_train.tobytes() + x_test.tobytes()) == 0xF3A2533C
    assert zlib.crc32(y_train.tobytes() + y_test.tobytes()) == 0xF86FC929


def test_one_call_s_arrays_are_not_another_s():
    (first, _), _ = digits.load_data()
    first[:] = 0
    (second, _), _ = digits.load_data()
    assert second.max() == 16


def test_the_labels_show_the_forms_that_the_docstring_speaks_of():
    (_, y_train), (_, y_test) = digits.load_data()
    text = "".join(map(str, [*y_train, *y_test]))
    assert text.count("95565098984177") == 14
    assert (text.index("0123456789", 1400), text.index("0123456789", 1440)) == (1415, 1545)


def test_the_file_needs_no_pickle_and_its_licence_lies_beside_it():
    with np.load(FOLDER / "data" / "digits.npz", allow_pickle=False) as file:
        assert sorted(file.files) == ["images", "labels"]
        assert not any(file[name].dtype.hasobject for name in file.files)
    licence = (FOLDER / "data" / "LICENSE-digits.txt").read_text(encoding="utf-8")
    for words in ("E. Alpaydin and C. Kaynak (1998)", "CC BY 4.0", "BSD 3-Clause", "10.24432/C50P49"):
        assert words in licence


def test_docstring_example():
    results = doctest.testmod(digits)
    assert results.attempted == 2 and results.failed == 0
