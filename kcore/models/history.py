"""History: the logs of every epoch; and Logs, numbers that are computed when somebody reads them."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator, Mapping
from numbers import Real
from typing import Any

from ..interfaces import Callback, direction


class History(Callback):
    """What `fit` returns. Shown, it tells the last value of each log and the best; `kcore.plot.history` draws it.

    Attributes:
        history: by name of each log, its value in every epoch.
        epoch: the numbers of the epochs, from 0.
        model: the model that was trained.
        params: "epochs", "steps", "samples" and the like of the run.
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
        logs = ", ".join(
            f"{name} {last}" + (f" (best {best} in epoch {epoch})" if best not in ("", last) else "")
            for name, last, best, epoch in self._rows()
        )
        return f"<History of {self._length()}{': ' * bool(logs)}{logs}>"

    def _repr_html_(self) -> str:
        rows = [("", "last", "best", "in epoch"), *self._rows()]
        cells = ["".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows]
        table = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table><caption>{self._length()}</caption>{table}</table>"

    def _length(self) -> str:
        return f"{len(self.epoch)} epoch{'s' * (len(self.epoch) != 1)}"

    def _rows(self) -> list[tuple[str, str, str, str]]:
        """For each log its name, last value, best value and the epoch of that, from 1; these empty if unknown."""
        rows = []
        for name, values in self.history.items():
            numbers = [(value, i) for i, value in enumerate(values) if _is_number(value)]
            best = epoch = ""
            if numbers and (way := direction(name)) is not None:
                value, i = min(numbers) if way == "min" else max(numbers, key=lambda pair: (pair[0], -pair[1]))
                best = _text(value)
                epoch = str(self.epoch[i] + 1) if len(values) == len(self.epoch) else ""
            rows.append((str(name), _text(values[-1]), best, epoch))
        return rows


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not math.isnan(value)


def _text(value: Any) -> str:
    if not isinstance(value, Real):
        return f"{value!s:.20}"
    number = float(value)
    return f"{number:.4f}" if number == 0 or not abs(number) < 1e-3 else f"{number:.3e}"


class Logs(Mapping[str, float]):
    """The logs so far. On a GPU reading them waits for it, so they are computed only when they are read.

    They are those of a batch only until the next one begins, when `with` ends: what has not been read then is lost.
    """

    def __init__(self, compute: Callable[[], dict[str, float]]) -> None:
        self._compute = compute
        self._values: dict[str, float] | None = None

    def _read(self) -> dict[str, float]:
        if self._values is None:
            self._values = self._compute()
        return self._values

    def copy(self) -> dict[str, float]:
        """A dictionary of them, to keep."""
        return dict(self._read())

    def __enter__(self) -> Logs:
        return self

    def __exit__(self, *_: object) -> None:
        self._compute = _lost

    def __getitem__(self, name: str) -> float:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def __repr__(self) -> str:
        return repr(self._read())


def _lost() -> dict[str, float]:
    raise RuntimeError("These logs are of a batch that is over, and were not read meanwhile: keep logs.copy() instead.")
