"""`kcore datasets list` and `fetch`: a folder for a class, from what is here and what can be downloaded."""

import hashlib
import os

import attrs
import numpy as np
import pytest

from kcore.cli.main import main
from kcore_datasets import boston_housing, mnist, reuters
from kcore_datasets.expected import Expected

WORDS = b'{"the": 1, "of": 2}'


@pytest.fixture
def class_folder(tmp_path):
    return tmp_path / "for" / "class"


@pytest.fixture
def here(tmp_path, monkeypatch, small, write):
    """A folder with MNIST and Reuters, small ones."""
    monkeypatch.setattr(reuters, "ARRAYS", {"x": Expected("object", (5,)), "y": Expected("int64", (5,))})
    monkeypatch.setattr(reuters, "WORDS", 2)
    folder = tmp_path / "data"
    monkeypatch.setenv("KCORE_DATA_HOME", str(folder))
    write(folder / "mnist.npz", small)
    rows = np.fromiter([[1], [2], [1, 1], [2, 2], [1]], object, 5)
    write(folder / "reuters.npz", {"x": rows, "y": np.zeros(5, np.int64)})
    (folder / "reuters_word_index.json").write_bytes(WORDS)
    return folder


def test_what_is_here_is_copied_and_loads_offline(here, class_folder, capsys, monkeypatch):
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    assert main(["datasets", "fetch", "mnist", "reuters", "digits", "--to", str(class_folder)]) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.splitlines() == [
        f"mnist: {class_folder / 'mnist.npz'} from {here / 'mnist.npz'}",
        f"reuters: {class_folder / 'reuters.npz'} from {here / 'reuters.npz'}",
        f"reuters: {class_folder / 'reuters_word_index.json'} from {here / 'reuters_word_index.json'}",
        "mnist: loads, 5 for training and 3 for testing",
        "reuters: loads, 4 for training and 1 for testing, 2 words",
        "digits: loads, 1500 for training and 297 for testing",
        f"Set KCORE_DATA_HOME to {class_folder}, and KCORE_OFFLINE to 1 to stay off the network.",
    ]
    assert sorted(file.name for file in class_folder.iterdir()) == [
        "mnist.npz",
        "reuters.npz",
        "reuters_word_index.json",
    ]
    monkeypatch.setenv("KCORE_DATA_HOME", str(class_folder))
    assert mnist.load_data()[0][1].tolist() == [5, 0, 4, 1, 9] and reuters.get_word_index() == {"the": 1, "of": 2}
    assert main(["datasets", "fetch", "mnist", "--to", str(class_folder)]) == 0
    assert f"mnist: {class_folder / 'mnist.npz'} was there" in capsys.readouterr().out


def test_what_is_not_here_is_downloaded(local_server, tmp_path, class_folder, small, write, monkeypatch, capsys):
    served = write(tmp_path / "served" / "mnist.npz", small)
    digest = hashlib.sha256(served.read_bytes()).hexdigest()
    source = attrs.evolve(mnist.FILES[0], url=f"{local_server}/mnist.npz", sha256=digest)
    monkeypatch.setattr(mnist, "FILES", (source,))
    assert main(["datasets", "fetch", "mnist", "--to", str(class_folder)]) == 0
    assert f"mnist: {class_folder / 'mnist.npz'} from {source.url}" in capsys.readouterr().out
    assert (class_folder / "mnist.npz").read_bytes() == served.read_bytes()


def test_what_cannot_be_had(class_folder, monkeypatch, capsys):
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    assert main(["datasets", "fetch", "boston_housing", "--to", str(class_folder)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("kcore datasets: boston_housing.npz was not found, and KCORE_OFFLINE forbids fetching it.\n")
    assert (
        f"get {boston_housing.FILES[0].url}\n    and save it as boston_housing.npz in the folder {class_folder};" in err
    )
    assert not class_folder.exists()


def test_a_damaged_copy_is_told(here, class_folder, capsys):
    (here / "mnist.npz").write_bytes(b"PK, and no more")
    assert main(["datasets", "fetch", "mnist", "--to", str(class_folder)]) == 1
    assert f"kcore datasets: {class_folder / 'mnist.npz'} is damaged" in capsys.readouterr().err


def test_an_unknown_name_fetches_nothing(here, class_folder, capsys):
    assert main(["datasets", "fetch", "mnist", "mnits", "--to", str(class_folder)]) == 1
    assert "Did you mean 'mnist'?" in capsys.readouterr().err
    assert not class_folder.exists()


def test_nothing_half_written_is_left(here, class_folder, monkeypatch, capsys):
    def fails(source, goal):
        goal.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", fails)
    assert main(["datasets", "fetch", "mnist", "--to", str(class_folder)]) == 1
    assert "No space left on device" in capsys.readouterr().err and not list(class_folder.iterdir())


def test_the_environment_is_as_before(here, class_folder, monkeypatch):
    main(["datasets", "fetch", "mnist", "--to", str(class_folder)])
    assert os.environ["KCORE_DATA_HOME"] == str(here) and "KCORE_OFFLINE" not in os.environ


def test_list(here, own_home, capsys):
    folder = own_home / ".keras" / "datasets" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    (folder / "data_batch_1").touch()
    assert main(["datasets", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"mnist               {here / 'mnist.npz'} (KCORE_DATA_HOME)" in lines
    assert f"                    {here / 'reuters_word_index.json'} (KCORE_DATA_HOME)" in lines
    assert f"cifar10             {folder / 'data_batch_1'} (Keras's cache)" in lines
    assert "boston_housing      boston_housing.npz is not here: fetched when first loaded" in lines
    assert "digits              comes with its package" in lines


def test_without_a_folder(capsys):
    with pytest.raises(SystemExit):
        main(["datasets", "fetch", "mnist"])
    assert "the following arguments are required: --to" in capsys.readouterr().err
