"""Fetching: from a server in this process, from a network that fails, and without pooch."""

import hashlib
import os
import subprocess
import sys

import attrs
import pooch
import pytest

from kcore_datasets import DatasetUnavailableError, mnist
from kcore_datasets.files import locate


def test_a_download_goes_into_kcore_s_cache_and_is_fetched_once(
    local_server, tmp_path, own_home, monkeypatch, small, write, capfd
):
    served = write(tmp_path / "served" / "mnist.npz", small)
    digest = hashlib.sha256(served.read_bytes()).hexdigest()
    source = attrs.evolve(mnist.FILES[0], url=f"{local_server}/mnist.npz", sha256=digest)
    monkeypatch.setattr(mnist, "FILES", (source,))
    monkeypatch.setenv("XDG_CACHE_HOME", str(own_home / "cache"))
    (_, y_train), _ = mnist.load_data()
    assert y_train.tolist() == [5, 0, 4, 1, 9]
    assert (own_home / "cache" / "kcore" / "mnist.npz").read_bytes() == served.read_bytes()
    out, err = capfd.readouterr()
    assert out == "" and "100%" in err  # the progress bar
    served.unlink()
    (_, y_train), _ = mnist.load_data()
    assert y_train.tolist() == [5, 0, 4, 1, 9]


def test_a_download_with_another_hash_is_refused_and_not_kept(local_server, tmp_path, own_home):
    (tmp_path / "served" / "mnist.npz").write_text("<html>Log in</html>")
    with pytest.raises(DatasetUnavailableError) as caught:
        locate("mnist.npz", f"{local_server}/mnist.npz", "0" * 64)
    assert "fetching it failed (ValueError: SHA256 hash of downloaded file" in str(caught.value)
    assert not [path for path in own_home.rglob("*") if path.is_file()]


def test_a_missing_page(local_server):
    with pytest.raises(DatasetUnavailableError, match=r"fetching it failed \(HTTPError: 404"):
        locate("mnist.npz", f"{local_server}/mnist.npz", "0" * 64)


def test_a_failing_network_tells_what_to_do(own_home, monkeypatch):
    cause = ConnectionError("Name or service not known")

    def retrieve(*args, **options):
        raise cause

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(DatasetUnavailableError) as caught:
        mnist.load_data()
    assert caught.value.__cause__ is cause
    text = str(caught.value)
    assert text.startswith(
        "mnist.npz was not found, and fetching it failed (ConnectionError: Name or service not known).\n"
    )
    for words in (mnist.FILES[0].url, str(own_home / ".keras" / "datasets"), "set KCORE_DATA_HOME to that folder"):
        assert words in text


def test_without_pooch(own_home, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DatasetUnavailableError) as caught:
        mnist.load_data()
    text = str(caught.value)
    assert "downloads need pooch, which is not installed: pip install pooch" in text
    assert f"save it as mnist.npz in the folder {own_home / '.keras' / 'datasets'};" in text


def test_without_rich_it_is_fetched_without_a_bar(local_server, tmp_path, monkeypatch):
    (tmp_path / "served" / "a.txt").write_text("hello")
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    file = locate("a.txt", f"{local_server}/a.txt", hashlib.sha256(b"hello").hexdigest())
    assert file.read_text() == "hello"


def test_importing_and_loading_digits_need_neither_pooch_nor_rich():
    code = (
        "import sys; from kcore_datasets import digits, mnist; digits.load_data(); "
        "print(*sorted({'pooch', 'rich', 'requests'} & sys.modules.keys()))"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
