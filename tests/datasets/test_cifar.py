"""CIFAR-10 and CIFAR-100 from files of their exact layout and size, and from small and damaged ones of that layout."""

import gzip
import inspect
import random
import tarfile

import numpy as np
import pytest

from kcore_datasets import DatasetDamagedError, DatasetUnavailableError, cifar10, cifar100
from kcore_datasets.cifar import expected
from kcore_datasets.npz import read_npz
from tests.datasets import cifar_files as files

TEN, HUNDRED = "cifar-10-batches-py", "cifar-100-python"


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("KCORE_DATA_HOME", str(folder))
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    return folder


@pytest.fixture
def few(monkeypatch):
    """Batches of 30, 20 and 10 pictures: only a test may take so few for the whole."""
    monkeypatch.setattr(cifar10, "TRAIN", {"data_batch_1": 30, "data_batch_2": 20})
    monkeypatch.setattr(cifar10, "TEST", {"test_batch": 10})
    monkeypatch.setattr(cifar100, "BATCHES", {"train": 30, "test": 10})


def ten():
    return {
        f"{TEN}/batches.meta": b"not looked at",
        f"{TEN}/data_batch_2": files.cifar10(20, 30),
        f"{TEN}/data_batch_1": files.cifar10(30),
        f"{TEN}/test_batch": files.cifar10(10, 50),
    }


def assert_pictures(got, count, start=0):
    """The pictures are the rows of the file, which have one colour after the other."""
    assert (got.dtype, got.shape) == (np.uint8, (count, 32, 32, 3))
    colours = files.pictures(count, start).reshape(count, 3, 1024)
    assert (got.reshape(count, 1024, 3) == colours.transpose(0, 2, 1)).all()


def assert_ten(loaded):
    (x_train, y_train), (x_test, y_test) = loaded
    assert_pictures(x_train, 50)
    assert_pictures(x_test, 10, 50)
    for labels, start in ((y_train, 0), (y_test, 50)):
        assert (labels.dtype, labels.shape[1:]) == (np.uint8, (1,))
        assert labels[:, 0].tolist() == [(start + i) % 10 for i in range(len(labels))]


def test_the_signatures_are_keras_s():
    assert str(inspect.signature(cifar10.load_data)).startswith("() ->")
    assert str(inspect.signature(cifar100.load_data)).startswith("(label_mode: str = 'fine') ->")


def test_cifar_10_whole(home):
    """The unpacked folder: six batches of 10,000."""
    (home / TEN).mkdir()
    for i in range(5):
        (home / TEN / f"data_batch_{i + 1}").write_bytes(files.cifar10(10_000, 10_000 * i))
    (home / TEN / "test_batch").write_bytes(files.cifar10(10_000, 7))
    (x_train, y_train), (x_test, y_test) = cifar10.load_data()
    assert_pictures(x_train, 50_000)
    assert_pictures(x_test, 10_000, 7)
    assert (y_train[:, 0] == np.arange(50_000) % 10).all() and (y_test[:, 0] == np.arange(7, 10_007) % 10).all()
    assert y_train.dtype == y_test.dtype == np.uint8 and y_train.shape == (50_000, 1)


def test_cifar_100_whole(home):
    """The archive: two batches, of 50,000 and 10,000, with two lists of labels each."""
    members = {
        f"{HUNDRED}/meta": b"",
        f"{HUNDRED}/test": files.cifar100(10_000, 7),
        f"{HUNDRED}/train": files.cifar100(50_000),
    }
    files.tar(home / "cifar-100-python.tar.gz", members, compresslevel=1)
    (x_train, y_train), (x_test, y_test) = cifar100.load_data()
    assert_pictures(x_train, 50_000)
    assert_pictures(x_test, 10_000, 7)
    assert (y_train[:, 0] == np.arange(50_000) % 100).all() and (y_test[:, 0] == np.arange(7, 10_007) % 100).all()
    assert y_train.dtype == y_test.dtype == np.int64 and y_train.shape == (50_000, 1)


@pytest.mark.parametrize(
    "name", ["cifar-10-python.tar.gz", "cifar-10-batches-py.tar.gz", "cifar-10-batches-py-target_archive"]
)
def test_the_archive_under_each_name_that_keras_gave_it(home, few, name):
    files.tar(home / name, ten())
    assert_ten(cifar10.load_data())


def test_an_archive_that_is_not_gzipped(home, few):
    files.tar(home / "cifar-10-python.tar.gz", ten(), "w")
    assert_ten(cifar10.load_data())


@pytest.mark.parametrize("folder", [TEN, f"{TEN}-target/{TEN}"])
def test_the_unpacked_folder_in_keras_s_cache(own_home, few, monkeypatch, folder):
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    place = own_home / ".keras" / "datasets" / folder
    place.mkdir(parents=True)
    for name, content in ten().items():
        (place / name.split("/")[1]).write_bytes(content)
    assert_ten(cifar10.load_data())


def test_an_npz_file(home, few, write):
    (x_train, y_train), (x_test, y_test) = _loaded_ten(home)
    (home / "cifar-10-python.tar.gz").unlink()
    write(home / "cifar10.npz", {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test})
    assert_ten(cifar10.load_data())


def _loaded_ten(home):
    files.tar(home / "cifar-10-python.tar.gz", ten())
    return cifar10.load_data()


@pytest.mark.parametrize(("mode", "kinds"), [("fine", 100), ("coarse", 20)])
def test_label_mode(home, few, mode, kinds):
    members = {f"{HUNDRED}/train": files.cifar100(30, 85), f"{HUNDRED}/test": files.cifar100(10)}
    files.tar(home / "cifar-100-python.tar.gz", members)
    (x_train, y_train), (_, y_test) = cifar100.load_data(mode)
    assert_pictures(x_train, 30, 85)
    assert y_train[:, 0].tolist() == [i % kinds for i in range(85, 115)] and y_test.shape == (10, 1)


def test_another_label_mode():
    with pytest.raises(
        ValueError, match=r"label_mode must be 'fine' \(100 kinds\) or 'coarse' \(20 groups\); got 'all'"
    ):
        cifar100.load_data("all")


def test_a_subset_is_not_taken_for_the_whole(home, write):
    small = {
        "x_train": np.zeros((4000, 32, 32, 3), np.uint8),
        "y_train": np.zeros((4000, 1), np.uint8),
        "x_test": np.zeros((1000, 32, 32, 3), np.uint8),
        "y_test": np.zeros((1000, 1), np.uint8),
    }
    write(home / "cifar10_subset.npz", small)
    with pytest.raises(DatasetUnavailableError) as caught:
        cifar10.load_data()
    assert f"{home / 'cifar-10-python.tar.gz'} (KCORE_DATA_HOME: No such file or directory)" in str(caught.value)
    assert "and in the same folders for cifar-10-batches-py.tar.gz, cifar-10-batches-py-target_archive, " in str(
        caught.value
    )
    write(home / "cifar10.npz", small)
    assert error(cifar10.load_data) == (
        "x_train as uint8 of shape (50000, 32, 32, 3)",
        "uint8 of shape (4000, 32, 32, 3)",
    )


def error(load=cifar10.load_data):
    with pytest.raises(DatasetDamagedError) as caught:
        load()
    lines = str(caught.value).split("\n")
    assert lines[0].endswith(" is damaged, or not the file it should be.")
    assert lines[3].startswith(
        f"  to mend:  delete this file and call {load.__module__.split('.')[1]}.load_data() again"
    )
    return lines[1].removeprefix("  expected: "), lines[2].removeprefix("  got:      ")


def altered(home, **entries):
    """The error for an archive in whose second batch an entry was replaced, or by None left out."""
    right = {"labels": files.integers([i % 10 for i in range(20)]), "data": files.array(files.pictures(20))}
    given = {name: value for name, value in (right | entries).items() if value is not None}
    files.tar(home / "cifar-10-python.tar.gz", ten() | {f"{TEN}/data_batch_2": files.batch(**given)})
    return error()


DICT = "data_batch_2 as a pickled dict of data and labels"


@pytest.mark.parametrize(
    ("entries", "wanted", "got"),
    [
        ({"labels": None}, DICT, "a dict of data"),
        ({"data": None, "fine_labels": b"]"}, DICT, "a dict of labels, fine_labels"),
        ({"data": b"]"}, DICT, "data of type list"),
        (
            {"data": files.array(files.pictures(19))},
            "data of data_batch_2 as uint8 of shape (20, 3072)",
            "uint8 of shape (19, 3072)",
        ),
        (
            {"data": files.array(files.pictures(20)).replace(b"U\x02u1", b"U\x02u2")},
            DICT,
            "a pickled array of uint16 and shape (20, 3072) whose data do not fit",
        ),
        (
            {"data": files.array(files.pictures(20)).replace(b"U\x02u1", b"U\x02O8")},
            DICT,
            "a pickled array of dtype '|O8'",
        ),
        (
            {"labels": files.integers([1] * 19)},
            "labels of data_batch_2 as a list of 20 integers",
            "a list of 19, types int",
        ),
        (
            {"labels": b"](" + b"\x88" * 20 + b"e"},
            "labels of data_batch_2 as a list of 20 integers",
            "a list of 20, types bool",
        ),
        ({"labels": b"}"}, "labels of data_batch_2 as a list of 20 integers", "dict"),
        ({"labels": files.integers([1] * 19 + [10])}, "labels of data_batch_2 from 0 to 9", "1 to 10"),
        (
            {"labels": b"](" + b"J\xff\xff\xff\xff" + b"K\x00" * 19 + b"e"},
            "labels of data_batch_2 from 0 to 9",
            "-1 to 0",
        ),
        (
            {"batch_label": b"cos\nsystem\nU\x04true\x85R"},
            DICT,
            "a pickle that names os.system, which data do not need and which could run code",
        ),
    ],
)
def test_a_wrong_batch(home, few, entries, wanted, got):
    assert altered(home, **entries) == (wanted, got)


def test_a_batch_that_is_no_dict(home, few):
    files.tar(home / "cifar-10-python.tar.gz", ten() | {f"{TEN}/data_batch_2": b"\x80\x02]."})
    assert error() == (DICT, "a pickled list")


def test_a_truncated_batch(home, few):
    files.tar(home / "cifar-10-python.tar.gz", ten() | {f"{TEN}/data_batch_2": files.cifar10(20)[:-900]})
    wanted, got = error()
    assert wanted == DICT and "bytes of which some are lost or altered (ValueError: " in got


def test_a_missing_member(home, few):
    members = ten()
    del members[f"{TEN}/test_batch"]
    files.tar(home / "cifar-10-python.tar.gz", members)
    there = f"{TEN}/batches.meta, {TEN}/data_batch_2, {TEN}/data_batch_1"
    assert error() == (
        f"the members {TEN}/data_batch_1, {TEN}/data_batch_2, {TEN}/test_batch",
        f"{there}; missing: {TEN}/test_batch",
    )


def test_a_missing_file_of_the_folder(home, few):
    (home / TEN).mkdir()
    (home / TEN / "data_batch_1").write_bytes(files.cifar10(30))
    with pytest.raises(DatasetUnavailableError) as caught:
        cifar10.load_data()
    assert str(caught.value) == (
        f"{home / TEN / 'data_batch_2'} was not found, though data_batch_1 lies there.\n"
        f"  to mend: put all of data_batch_1, data_batch_2, test_batch into the folder {home / TEN}, "
        "or remove that folder."
    )


@pytest.mark.parametrize("name", ["../../data_batch_1", "/etc/data_batch_1", f"{TEN}/../../x"])
def test_a_path_that_would_escape_is_refused_and_nothing_is_extracted(home, few, name, tmp_path):
    files.tar(home / "cifar-10-python.tar.gz", {name: b"escaped"} | ten())
    before = sorted(tmp_path.rglob("*"))
    assert error() == ("a complete tar archive", f"a member that would lie outside, at {name!r}")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_a_member_that_is_no_file(home, few, kind):
    member = tarfile.TarInfo(f"{TEN}/data_batch_1")
    member.type, member.linkname = kind, "/etc/passwd"
    files.tar(home / "cifar-10-python.tar.gz", ten() | {f"{TEN}/data_batch_1": member})
    assert error() == ("a complete tar archive", f"{TEN}/data_batch_1, which is no plain file")


def test_an_archive_of_very_many_members(home, few):
    files.tar(home / "cifar-10-python.tar.gz", {f"{i}": b"" for i in range(1001)})
    assert error() == ("a complete tar archive", "more than 1000 members")


def test_a_member_of_negative_size_does_not_read_for_ever(home, few):
    """The header after it is its own, https://www.cve.org/CVERecord?id=CVE-2025-8194."""
    file = files.tar(home / "cifar-10-python.tar.gz", {"first": b"", "loop": b""} | ten(), "w")
    content = file.read_bytes()
    header = bytearray(content[512:1024])
    header[124:136] = (2**96 - 512).to_bytes(12, "big")  # its size: -512
    header[148:156] = b" " * 8
    header[148:155] = f"{sum(header):06o}\0".encode()  # its checksum
    file.write_bytes(content[:512] + header + content[1024:])
    wanted, got = error()  # Pythons that were mended end the archive there
    assert (wanted, got) == ("a complete tar archive", "more than 1000 members") or got.startswith("first; missing: ")


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_whatever_is_altered_gives_this_error_or_four_arrays(home, few, mode):
    """200 archives with a few bytes of headers or pickles overwritten, at places drawn from a fixed seed."""
    file = files.tar(home / "cifar-10-python.tar.gz", ten(), mode)
    good, draw, damaged = file.read_bytes(), random.Random(7), 0
    heads = [place for place in range(len(good)) if mode == "w:gz" or good[place - place % 512 :][:5] == b"cifar"]
    for _ in range(200):
        content = bytearray(good)
        for _ in range(draw.randint(1, 3)):
            content[draw.choice(heads)] = draw.randrange(256)
        file.write_bytes(content)
        try:
            (x_train, _), (_, y_test) = cifar10.load_data()
        except DatasetDamagedError:
            damaged += 1
        else:
            assert (len(x_train), len(y_test)) == (50, 10)
    assert damaged > 10


def test_a_truncated_archive(home, few):
    file = files.tar(home / "cifar-10-python.tar.gz", ten(), "w")
    content = file.read_bytes()
    file.write_bytes(content[:100_000])
    assert error()[0] == "a complete tar archive"
    file.write_bytes(gzip.compress(content)[:-20])
    assert error()[0] == "a tar archive, gzipped" and "(EOFError: " in error()[1]


def test_no_archive_at_all(home, few):
    (home / "cifar-10-python.tar.gz").write_text("<html>Log in</html>" * 100)
    wanted, got = error()
    assert wanted == "a complete tar archive" and "1900 bytes of which some are lost or altered (ReadError: " in got


def test_the_real_subset_has_the_form_that_load_data_gives(real_data_home):
    """`load_data` never takes it, so it is read as what it is: the first 4,000 and 1,000 pictures."""
    file = real_data_home / "cifar10_subset.npz"
    if not file.is_file():
        pytest.skip(f"REAL CIFAR-10 NOT TESTED: no cifar10_subset.npz in {real_data_home}; set KCORE_DATA_HOME")
    data = read_npz(file, expected(4000, 1000), "")
    assert data["x_train"][0, 0, 0].tolist() == [59, 62, 63] and data["x_test"][0, 0, 0].tolist() == [158, 112, 49]
    assert data["y_train"][:10, 0].tolist() == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3]
    assert np.bincount(data["y_test"][:, 0]).tolist() == [103, 89, 100, 103, 90, 86, 112, 102, 106, 109]
