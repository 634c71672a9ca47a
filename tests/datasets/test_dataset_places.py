"""Where a file is looked for, in which order, and what is said when it is nowhere."""

import os

import pytest

from kcore_datasets import DatasetUnavailableError
from kcore_datasets.files import locate

URL = "https://example.org/mnist.npz"


def find(name="mnist.npz"):
    return locate(name, URL, "0" * 64)


def unavailable(name="mnist.npz"):
    with pytest.raises(DatasetUnavailableError) as caught:
        find(name)
    return str(caught.value)


@pytest.fixture
def places(own_home, tmp_path, monkeypatch):
    """The three folders, in the order in which they are searched, KCORE_DATA_HOME being the first."""
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(own_home / "cache"))
    folders = [tmp_path / "data", own_home / ".keras" / "datasets", own_home / "cache" / "kcore"]
    for folder in folders:
        folder.mkdir(parents=True)
    return folders


def test_the_first_place_that_has_the_file_wins(places):
    for folder in reversed(places):
        (folder / "mnist.npz").touch()
        assert find() == folder / "mnist.npz"


def test_keras_home_moves_keras_s_cache(places, tmp_path, monkeypatch):
    (places[1] / "mnist.npz").touch()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    assert str(tmp_path / "keras" / "datasets" / "mnist.npz") in unavailable()


def test_nowhere_and_offline(places):
    data, keras, cache = places
    assert unavailable() == (
        "mnist.npz was not found, and KCORE_OFFLINE forbids fetching it.\n"
        "  looked at:\n"
        f"    {data / 'mnist.npz'} (KCORE_DATA_HOME: No such file or directory)\n"
        f"    {keras / 'mnist.npz'} (Keras's cache: No such file or directory)\n"
        f"    {cache / 'mnist.npz'} (kcore's cache: No such file or directory)\n"
        f"  to mend: get {URL}\n"
        f"    and save it as mnist.npz in the folder {data};\n"
        "    or save it in a folder of your own and set KCORE_DATA_HOME to that folder's path."
    )


def test_without_kcore_data_home_the_folder_to_use_is_kcore_s_cache(places, monkeypatch):
    monkeypatch.setenv("KCORE_DATA_HOME", "")
    assert f"save it as mnist.npz in the folder {places[2]};" in unavailable()


def test_a_cache_that_cannot_be_read_is_passed_over_but_told(places):
    (places[1] / "mnist.npz").mkdir()
    (places[2] / "mnist.npz").touch()
    assert find() == places[2] / "mnist.npz"
    (places[2] / "mnist.npz").unlink()
    assert "mnist.npz (Keras's cache: Is a directory)" in unavailable()


@pytest.mark.parametrize("kind", ["file", "missing", "below a file"])
def test_kcore_data_home_that_is_no_folder(kind, tmp_path, monkeypatch, own_home):
    home = tmp_path / "notes.txt"
    if kind != "missing":
        home.touch()
    home, reason = {
        "file": (home, "Not a directory"),
        "missing": (home, "No such file or directory"),
        "below a file": (home / "data", "Not a directory"),
    }[kind]
    (own_home / ".keras" / "datasets").mkdir(parents=True)
    (own_home / ".keras" / "datasets" / "mnist.npz").touch()  # must not be taken in silence
    monkeypatch.setenv("KCORE_DATA_HOME", str(home))
    assert unavailable() == (
        f"KCORE_DATA_HOME is {str(home)!r}, which cannot be read as a folder: {reason}.\n"
        "  to mend: set it to a folder that holds mnist.npz, or unset it."
    )


@pytest.mark.parametrize("mode", [0o000, 0o400])
def test_kcore_data_home_without_permission(mode, places):
    (places[0] / "mnist.npz").touch()
    (places[1] / "mnist.npz").touch()  # must not be taken in silence
    places[0].chmod(mode)
    try:
        if os.access(places[0] / "mnist.npz", os.R_OK):
            pytest.skip("FORBIDDEN FOLDERS NOT TESTED: root may read everything; run the tests as a user")
        text = unavailable()
    finally:
        places[0].chmod(0o700)
    assert "KCORE_DATA_HOME" in text and "cannot be read" in text and "Permission denied" in text


def test_a_folder_where_the_chosen_file_should_be(places):
    (places[0] / "mnist.npz").mkdir()
    text = unavailable()
    assert f"{places[0] / 'mnist.npz'} (KCORE_DATA_HOME) cannot be read: Is a directory." in text
    assert f"it can be had from {URL}" in text


def test_an_absolute_path_is_the_only_place(places, tmp_path):
    (places[0] / "mnist.npz").touch()
    text = unavailable(str(tmp_path / "elsewhere" / "m.npz"))
    assert f"    {tmp_path / 'elsewhere' / 'm.npz'} (path: No such file or directory)\n  to mend" in text
    assert f"save it as m.npz in the folder {tmp_path / 'elsewhere'};" in text


def test_a_tilde_is_the_home_folder(places, own_home):
    (own_home / "mine.npz").touch()
    assert find("~/mine.npz") == own_home / "mine.npz"


def test_no_name():
    with pytest.raises(ValueError, match=r"path must be a file's name, such as 'mnist.npz'; got ''"):
        find("")


def test_no_home_folder(monkeypatch):
    def home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", home)
    assert "set KCORE_DATA_HOME to a folder that holds mnist.npz" in unavailable()
