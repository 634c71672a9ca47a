"""Each way in which an `.npz` file can be damaged, and the text that tells it."""

import io
import random
import re
import struct
import zipfile

import numpy as np
import pytest

from kcore_datasets import DatasetDamagedError
from kcore_datasets.mnist_like import ARRAYS
from kcore_datasets.npz import read_npz


def error(file, **options):
    with pytest.raises(DatasetDamagedError) as caught:
        read_npz(file, ARRAYS, "fetch it again", **options)
    lines = str(caught.value).split("\n")
    assert lines[0] == f"{file} is damaged, or not the file it should be."
    assert lines[3] == "  to mend:  fetch it again"
    return lines[1].removeprefix("  expected: "), lines[2].removeprefix("  got:      ")


def test_a_good_file(tmp_path, small, write):
    got = read_npz(write(tmp_path / "f.npz", small | {"more": np.zeros(2)}), ARRAYS, "")
    assert list(got) == list(ARRAYS)
    for name, array in got.items():
        np.testing.assert_array_equal(array, small[name])


def test_empty_file(tmp_path):
    file = tmp_path / "f.npz"
    file.touch()
    assert error(file) == ("an .npz archive of at most 536870912 bytes", "0 bytes")


def test_a_file_too_large_to_be_right_is_not_read(tmp_path, small, write):
    file = write(tmp_path / "f.npz", small)
    got = f"{file.stat().st_size} bytes"
    assert error(file, largest=1000) == ("an .npz archive of at most 1000 bytes", got)


def test_not_a_zip(tmp_path):
    file = tmp_path / "f.npz"
    file.write_text("<!DOCTYPE html><title>Log in to this network</title>")
    assert error(file) == (
        "a complete .npz archive",
        "52 bytes that begin with b'<!DOCTYPE html><title>Lo', which is no zip archive",
    )


def test_truncated(tmp_path, small, write):
    file = write(tmp_path / "f.npz", small)
    file.write_bytes(file.read_bytes()[:-40])
    wanted, got = error(file)
    assert wanted == "a complete .npz archive"
    assert "bytes of which some are lost or altered (BadZipFile: " in got


def test_a_bit_flipped_in_the_data(tmp_path, small, write):
    file = tmp_path / "f.npz"
    np.savez(file, **small)
    content = bytearray(file.read_bytes())
    content[1000] ^= 1
    file.write_bytes(content)
    assert "lost or altered (BadZipFile: Bad CRC-32 for file 'x_train.npy')" in error(file)[1]


def test_missing_key(tmp_path, small, write):
    del small["y_train"], small["x_test"]
    assert error(write(tmp_path / "f.npz", small)) == (
        "the arrays x_train, y_train, x_test, y_test",
        "x_train, y_test; missing: y_train, x_test",
    )


LABELS, IMAGES = "uint8 of shape (train,), values up to 9", "uint8 of shape (train, 28, 28)"


@pytest.mark.parametrize(
    ("name", "array", "wanted", "got"),
    [
        ("x_train", np.zeros((5, 28, 28)), IMAGES, "float64 of shape (5, 28, 28)"),
        ("x_train", np.zeros((5, 784), np.uint8), IMAGES, "uint8 of shape (5, 784)"),
        ("x_train", np.zeros((5, 28, 27), np.uint8), IMAGES, "uint8 of shape (5, 28, 27)"),
        ("x_train", np.zeros((0, 28, 28), np.uint8), IMAGES, "uint8 of shape (0, 28, 28)"),
        ("y_train", np.zeros((5, 1), np.uint8), LABELS, "uint8 of shape (5, 1)"),
        ("y_train", np.zeros(4, np.uint8), LABELS, "shape (4,), though other arrays have train = 5"),
        ("y_train", np.zeros(5, np.int64), LABELS, "int64 of shape (5,)"),
        ("y_train", np.full(5, 10, np.uint8), LABELS, "the value 10"),
        (
            "y_train",
            np.array([[1], [2, 3]], object),
            LABELS,
            "Python objects, which only unpickling could read (kcore unpickles lists of integers alone)",
        ),
    ],
)
def test_a_wrong_array(tmp_path, small, write, name, array, wanted, got):
    assert error(write(tmp_path / "f.npz", small | {name: array})) == (f"{name} as {wanted}", got)


def test_objects_are_not_unpickled(tmp_path, small, write):
    class Trap:
        def __reduce__(self):
            return (exec, ("raise SystemExit('unpickled')",))

    file = write(tmp_path / "f.npz", small | {"y_train": np.array([Trap()] * 5, object)})
    assert "only unpickling could read" in error(file)[1]


def test_a_zip_bomb_is_refused_unread(tmp_path, small):
    """16 MB of zeros in 16 KB, against a bound of 1 MB (the bound for real is 512 MB)."""
    bomb = small | {"x_train": np.zeros((20_000, 28, 28), np.uint8)}
    file = tmp_path / "f.npz"
    np.savez_compressed(file, **bomb)
    assert file.stat().st_size < 2**16
    wanted, got = error(file, largest=2**20)
    assert wanted == "at most 1048576 bytes when unpacked"
    assert re.fullmatch(r"15682\d{3} bytes", got)


def test_a_compression_that_unpacks_without_bound_is_refused(tmp_path, small):
    file = tmp_path / "f.npz"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as archive:
        for name, array in small.items():
            with archive.open(f"{name}.npy", "w") as stream:
                np.lib.format.write_array(stream, array)
    assert error(file) == ("x_train stored or deflated, as NumPy does", "compression method 12")


def test_a_header_that_promises_more_than_there_is(tmp_path, small, write):
    """A shape of 10 TB must not take memory: it is compared with the bytes that are there."""
    file = write(tmp_path / "f.npz", small)
    header = io.BytesIO()
    array = np.lib.stride_tricks.as_strided(np.zeros(1, np.uint8), (2**34, 28, 28), (0, 0, 0))
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    with zipfile.ZipFile(file, "w") as archive:
        for name in small:
            archive.writestr(f"{name}.npy", header.getvalue())
    assert error(file) == (
        f"x_train to have {2**34 * 784} bytes, as its header says",
        "0 bytes",
    )


def test_a_member_that_is_no_array(tmp_path, small):
    file = tmp_path / "f.npz"
    with zipfile.ZipFile(file, "w") as archive:
        for name in small:
            archive.writestr(f"{name}.npy", "5, 0, 4, 1, 9")
    assert "lost or altered (ValueError: the magic string is not correct" in error(file)[1]


def test_an_encrypted_member(tmp_path, small, write):
    file = write(tmp_path / "f.npz", small)
    content = bytearray(file.read_bytes())
    first = content.index(b"PK\x01\x02")
    content[first + 8] |= 1
    content[6] |= 1
    file.write_bytes(content)
    assert "lost or altered (RuntimeError: " in error(file)[1]


def test_whatever_is_altered_gives_this_error_or_the_right_arrays(tmp_path, small, write):
    """300 files with a few bytes overwritten, at places drawn from a fixed seed."""
    good = write(tmp_path / "good.npz", small).read_bytes()
    file, draw, damaged = tmp_path / "f.npz", random.Random(7), 0
    for _ in range(300):
        content = bytearray(good)
        for _ in range(draw.randint(1, 3)):
            struct.pack_into("B", content, draw.randrange(len(content)), draw.randrange(256))
        file.write_bytes(content)
        try:
            got = read_npz(file, ARRAYS, "")
        except DatasetDamagedError:
            damaged += 1
        else:
            assert all(np.array_equal(got[name], small[name]) for name in ARRAYS)
    assert damaged > 100
