"""History: the logs of every epoch; and Logs, numbers that are computed when somebody reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..interfaces import Callback


class History(Callback):
    """What `fit` returns.

    Attributes:
        history: by name of each log, its value in every epoch.
        epoch: the numbers of the epochs, from 0.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Keep the logs."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4f}" for name, values in self.history.items())
        return f"<History of {len(self.epoch)} epochs: {last}>"


class Logs(Mapping[str, float]):
    """The logs so far. On a GPU reading them waits for it, so they are computed only when they are read."""

    def __init__(self, compute: Callable[[], dict[str, float]]) -> None:
        self._compute = compute
        self._values: dict[str, float] | None = None

    def _read(self) -> dict[str, float]:
        if self._values is None:
            self._values = self._compute()
        return self._values

    def __getitem__(self, name: str) -> float:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(self._read())
