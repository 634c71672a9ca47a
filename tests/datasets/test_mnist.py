"""`mnist.load_data` on files that the tests make and, where there is one, on the real one."""

import inspect
import sys

import numpy as np
import pytest

import kcore_datasets.plugin
from kcore_datasets import DatasetDamagedError, DatasetUnavailableError, digits, mnist


def test_load_data_gives_keras_s_two_pairs(tmp_path, monkeypatch, small, write):
    write(tmp_path / "data" / "mnist.npz", small)
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path / "data"))
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    for got, name in ((x_train, "x_train"), (y_train, "y_train"), (x_test, "x_test"), (y_test, "y_test")):
        assert got.dtype == np.uint8
        np.testing.assert_array_equal(got, small[name])


def test_the_signature_is_keras_s():
    assert list(inspect.signature(mnist.load_data).parameters) == ["path"]
    assert inspect.signature(mnist.load_data).parameters["path"].default == "mnist.npz"


def test_path_is_another_file_in_the_same_folders(tmp_path, monkeypatch, small, write):
    write(tmp_path / "data" / "rank-3.npz", small)
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path / "data"))
    (_, y_train), _ = mnist.load_data("rank-3.npz")
    assert y_train.tolist() == [5, 0, 4, 1, 9]


def test_an_absolute_path_is_that_file(tmp_path, monkeypatch, small, write):
    write(tmp_path / "data" / "mnist.npz", small)
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path / "data"))
    mine = write(tmp_path / "mine.npz", small | {"y_test": np.array([3, 3, 3], np.uint8)})
    _, (_, y_test) = mnist.load_data(path=str(mine))
    assert y_test.tolist() == [3, 3, 3]


def test_a_damaged_file_is_named_with_the_remedy(tmp_path, monkeypatch, small, write):
    del small["y_test"]
    file = write(tmp_path / "mnist.npz", small)
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path))
    with pytest.raises(DatasetDamagedError) as caught:
        mnist.load_data()
    text = str(caught.value)
    assert f"{file} is damaged" in text
    assert f"delete this file and call mnist.load_data() again, or put a good copy from {mnist.FILES[0].url}" in text


def test_the_errors_are_what_people_already_catch():
    assert issubclass(DatasetUnavailableError, FileNotFoundError)
    assert issubclass(DatasetDamagedError, ValueError)


def test_the_plugin_hands_out_both_modules():
    found = list(kcore_datasets.plugin.kcore_datasets())
    assert mnist in found and digits in found
    assert mnist is sys.modules["kcore_datasets.mnist"]


def test_the_real_file(real_data_home, monkeypatch):
    if not (real_data_home / "mnist.npz").is_file():
        pytest.skip(f"REAL MNIST NOT TESTED: no mnist.npz in {real_data_home}; set KCORE_DATA_HOME")
    monkeypatch.setenv("KCORE_DATA_HOME", str(real_data_home))
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert np.bincount(y_train).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (x_train.min(), x_train.max(), round(float(x_train.mean()), 6)) == (0, 255, 33.318421)
