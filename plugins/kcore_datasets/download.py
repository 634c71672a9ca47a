"""Fetching a file by pooch, which is imported only here and only when needed, with rich's progress bar."""

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress


def cache_folder() -> Path | None:
    """kcore's cache folder on this operating system; None without pooch, which knows it."""
    try:
        return Path(_pooch().os_cache("kcore"))
    except ImportError:
        return None


def fetch(url: str, file: Path, sha256: str) -> Path:
    """Download `url` to `file`, making its folder; nothing is left there unless its hash is `sha256`.

    Raises:
        ImportError: pooch is not installed.
        OSError: the network or the disk failed.
        ValueError: what came has another hash.
    """
    pooch = _pooch()
    with ExitStack() as stack:
        try:
            from rich.console import Console
            from rich.progress import Progress
        except ImportError:
            bar = None  # fetched without a progress bar
        else:
            progress = Progress(console=Console(stderr=True))
            stack.callback(progress.stop)
            bar = _Bar(progress, file.name)
        path = pooch.retrieve(url, f"sha256:{sha256}", file.name, file.parent, progressbar=bar or False)
    return Path(path)


class _Bar:
    """The four things that pooch asks of a progress bar, drawn by rich once the server has answered."""

    def __init__(self, progress: "Progress", label: str) -> None:
        self._progress = progress
        self._task = progress.add_task(label, total=None)

    @property
    def total(self) -> float | None:
        return self._progress.tasks[0].total

    @total.setter
    def total(self, size: int) -> None:
        self._progress.update(self._task, total=size or None)
        self._progress.start()

    def update(self, size: int) -> None:
        self._progress.advance(self._task, size)

    def reset(self) -> None:
        self._progress.reset(self._task)

    def close(self) -> None:
        self._progress.refresh()


def _pooch() -> Any:
    try:
        import pooch  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError("downloads need pooch, which is not installed: pip install pooch") from error
    return pooch
