"""MNIST and Fashion-MNIST from idx files: where they are found, what they give, and every damage."""

import gzip
import hashlib
import inspect
import struct

import attrs
import numpy as np
import pytest

from kcore_datasets import DatasetDamagedError, DatasetUnavailableError, fashion_mnist, gz, mnist
from kcore_datasets.mnist_like import NAMES


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    return tmp_path


def idx(array):
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def four(small):
    """The contents of the four files, by name."""
    return {name: idx(array) for name, array in zip(NAMES, small.values(), strict=True)}


def put(folder, four, end="", dotted=False):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in four.items():
        file = folder / ((name.replace("-idx", ".idx") if dotted else name) + end)
        file.write_bytes(gzip.compress(content) if end else content)
    return folder


def assert_small(loaded, small):
    for (x, y), part in zip(loaded, ("train", "test"), strict=True):
        for got, wanted in ((x, small[f"x_{part}"]), (y, small[f"y_{part}"])):
            assert got.dtype == np.uint8 and got.flags.writeable
            np.testing.assert_array_equal(got, wanted)


ends = pytest.mark.parametrize("end", ["", ".gz"])


def test_the_signature_is_keras_s():
    assert not inspect.signature(fashion_mnist.load_data).parameters


@ends
@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("folder", ["fashion-mnist", "fashion_mnist", "FashionMNIST/raw"])
def test_fashion_mnist(home, four, small, end, dotted, folder):
    put(home / folder, four, end, dotted)
    assert_small(fashion_mnist.load_data(), small)


@ends
@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("folder", ["mnist", "MNIST/raw"])
def test_mnist(home, four, small, end, dotted, folder):
    put(home / folder, four, end, dotted)
    assert_small(mnist.load_data(), small)


def test_fashion_mnist_in_keras_s_cache(own_home, four, small, monkeypatch):
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    put(own_home / ".keras" / "datasets" / "fashion-mnist", four, ".gz")
    assert_small(fashion_mnist.load_data(), small)


@pytest.mark.parametrize("name", ["fashion_mnist.npz", "fashion-mnist.npz"])
def test_fashion_mnist_as_npz(home, small, write, name):
    write(home / name, small)
    assert_small(fashion_mnist.load_data(), small)


def test_one_set_s_files_are_not_taken_for_the_other_s(home, four):
    """They have the same names, so those that lie in no folder of their own are nobody's."""
    put(home, four, ".gz")
    for module in (mnist, fashion_mnist):
        with pytest.raises(DatasetUnavailableError):
            module.load_data()


def test_a_path_of_one_s_own_is_not_replaced_by_idx_files(home, four):
    put(home / "mnist", four)
    with pytest.raises(DatasetUnavailableError, match=r"mine\.npz was not found"):
        mnist.load_data("mine.npz")


def test_a_missing_file(home, four):
    put(home / "mnist", four)
    (home / "mnist" / NAMES[3]).unlink()
    with pytest.raises(DatasetUnavailableError) as caught:
        mnist.load_data()
    assert str(caught.value) == (
        f"{home / 'mnist' / NAMES[3]} was not found, nor {NAMES[3]}.gz, though {NAMES[0]} lies there.\n"
        f"  to mend: put all four idx files into the folder {home / 'mnist'}, or remove {NAMES[0]}."
    )
    put(home / "fashion-mnist", four, ".gz")
    (home / "fashion-mnist" / f"{NAMES[3]}.gz").unlink()
    with pytest.raises(DatasetUnavailableError) as caught:
        fashion_mnist.load_data()
    assert f"to mend: get {fashion_mnist.FILES[3].url}" in str(caught.value)
    assert f"or save it as fashion-mnist/{NAMES[3]}.gz in a folder of your own" in str(caught.value)


def test_the_files_that_are_nowhere_are_downloaded(local_server, own_home, tmp_path, four, small, monkeypatch):
    """Two lie in Keras's cache; the other two come into kcore's, under the same folder."""
    cache, served = own_home / "cache", put(tmp_path / "served", four, ".gz")
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    sources = [
        attrs.evolve(
            source,
            url=f"{local_server}/{name}.gz",
            sha256=hashlib.sha256((served / f"{name}.gz").read_bytes()).hexdigest(),
        )
        for source, name in zip(fashion_mnist.FILES, NAMES, strict=True)
    ]
    monkeypatch.setattr(fashion_mnist, "FILES", sources)
    put(own_home / ".keras" / "datasets" / "fashion-mnist", {name: four[name] for name in NAMES[1:3]}, ".gz")
    assert_small(fashion_mnist.load_data(), small)
    fetched = [path.name for path in (cache / "kcore" / "fashion-mnist").iterdir()]
    assert sorted(fetched) == sorted([f"{NAMES[0]}.gz", f"{NAMES[3]}.gz"])


def error(home, four, name, content, end=".gz"):
    put(home / "fashion-mnist", four, end)
    file = home / "fashion-mnist" / f"{name}{end}"
    file.write_bytes(content)
    with pytest.raises(DatasetDamagedError) as caught:
        fashion_mnist.load_data()
    lines = str(caught.value).split("\n")
    assert lines[0] == f"{file} is damaged, or not the file it should be."
    assert lines[3].startswith("  to mend:  delete this file and call fashion_mnist.load_data() again")
    return lines[1].removeprefix("  expected: "), lines[2].removeprefix("  got:      ")


IMAGES, LABELS = NAMES[:2]
X_TRAIN, Y_TRAIN = "x_train as uint8 of shape (train, 28, 28)", "y_train as uint8 of shape (train,), values up to 9"
HEAD = "an idx file that begins with b'\\x00\\x00\\x08\\x03' and 3 lengths"


@pytest.mark.parametrize(
    ("name", "array", "wanted", "got"),
    [
        (IMAGES, np.zeros((5, 784), np.uint8), HEAD, None),
        (IMAGES, np.zeros((5, 28, 27), np.uint8), X_TRAIN, "uint8 of shape (5, 28, 27)"),
        (IMAGES, np.zeros((0, 28, 28), np.uint8), X_TRAIN, "uint8 of shape (0, 28, 28)"),
        (LABELS, np.zeros(4, np.uint8), Y_TRAIN, "shape (4,), though other arrays have train = 5"),
        (LABELS, np.full(5, 10, np.uint8), Y_TRAIN, "the value 10"),
    ],
)  # fmt: skip
@ends
def test_a_wrong_array(home, four, name, array, wanted, got, end):
    content = idx(array)
    said = error(home, four, name, gzip.compress(content) if end else content, end)
    assert said == (wanted, got or repr(content[:16]))


@ends
def test_a_wrong_head(home, four, end):
    for content in (b"\0\0\x0d\x03" + four[IMAGES][4:], b"\0\0\x08\x03\0\0", b"PK\x03\x04 is no idx file", b"?"):
        said = error(home, four, IMAGES, gzip.compress(content) if end else content, end)
        assert said == (HEAD, repr(content[:16]))


@ends
def test_a_wrong_length(home, four, end):
    for more in (-1, 1):
        content = four[IMAGES][:-1] if more < 0 else four[IMAGES] + b"!"
        said = error(home, four, IMAGES, gzip.compress(content) if end else content, end)
        assert said == ("x_train to have 3920 bytes, as its head says", f"{3920 + more} bytes")


def test_a_head_that_promises_more_than_any_memory_has(home, four):
    content = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**32 - 1, 28, 28)
    assert error(home, four, IMAGES, content) == (
        f"x_train to have {(2**32 - 1) * 784} bytes, as its head says",
        "0 bytes",
    )


def test_an_empty_file(home, four):
    assert error(home, four, IMAGES, b"") == ("an idx file of x_train of at most 536870912 bytes", "0 bytes")


def test_a_damaged_gzip(home, four):
    good = gzip.compress(four[IMAGES])
    flipped = good[:-6] + bytes([good[-6] ^ 1]) + good[-5:]
    for content, kind in ((good[:-9], "EOFError"), (flipped, "BadGzipFile: CRC check failed"), (good[:3], "")):
        wanted, got = error(home, four, IMAGES, content)
        assert wanted == "an idx file of x_train, gzipped"
        assert "bytes of which some are lost or altered (" in got and kind in got


def test_a_gzip_bomb(home, four, monkeypatch):
    """A megabyte in a kilobyte, against a bound of 100 kB (the bound for real is 512 MB)."""
    monkeypatch.setattr(gz.unpacked, "__defaults__", (100_000,))
    assert error(home, four, IMAGES, gzip.compress(bytes(2**20))) == (
        "an idx file of x_train, gzipped",
        "more than 100000 bytes when unpacked",
    )


def test_the_real_fashion_mnist(real_data_home, monkeypatch):
    if not (real_data_home / "fashion-mnist").is_dir():
        pytest.skip(f"REAL FASHION-MNIST NOT TESTED: no fashion-mnist in {real_data_home}; set KCORE_DATA_HOME")
    monkeypatch.setenv("KCORE_DATA_HOME", str(real_data_home))
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data()
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert (np.bincount(y_train) == 6000).all() and (np.bincount(y_test) == 1000).all()
    assert y_train[:8].tolist() == [9, 0, 0, 3, 0, 2, 7, 2] and round(float(x_train.mean()), 6) == 72.940352
