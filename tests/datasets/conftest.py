"""A home of its own for every test, so that no one's cache is read or written, and no network."""

import http.server
import os
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pooch
import pytest

# What the person who runs the tests has set, read before `own_home` hides it.
REAL_DATA_HOME = os.environ.get("KCORE_DATA_HOME", "")


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("KCORE_DATA_HOME", "KCORE_OFFLINE", "KERAS_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def retrieve(url: str, *args: Any, **options: Any) -> str:
        raise AssertionError(f"a test tried to fetch {url}")

    if "local_server" not in request.fixturenames:
        monkeypatch.setattr(pooch, "retrieve", retrieve)


@pytest.fixture
def local_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server for the files in tmp_path/"served"."""
    folder = tmp_path / "served"
    folder.mkdir()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=folder)

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def real_data_home() -> Path:
    """The folder of real data sets that KCORE_DATA_HOME named when the tests were started."""
    return Path(REAL_DATA_HOME) if REAL_DATA_HOME else Path("(KCORE_DATA_HOME is not set)")


@pytest.fixture
def small() -> dict[str, np.ndarray]:
    """Arrays as MNIST's file has them, but 5 training and 3 test images."""
    return {
        "x_train": np.arange(5 * 784, dtype=np.uint8).reshape(5, 28, 28),
        "y_train": np.array([5, 0, 4, 1, 9], np.uint8),
        "x_test": np.full((3, 28, 28), 255, np.uint8),
        "y_test": np.array([7, 2, 1], np.uint8),
    }


@pytest.fixture
def write() -> Callable[[Path, Mapping[str, np.ndarray]], Path]:
    """Write arrays as an .npz file, making its folder."""

    def write(path: Path, arrays: Mapping[str, np.ndarray]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w") as stream:
                    np.lib.format.write_array(stream, array)
        return path

    return write
