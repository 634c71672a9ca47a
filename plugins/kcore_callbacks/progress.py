"""Progress: a bar for each epoch in a terminal, a line for each elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import Any

from kcore.interfaces import Callback
from kcore.plugin import register

REFRESH = 0.1  # seconds between two looks at the logs, which on a GPU wait for it


@register("callbacks", "progress")
class Progress(Callback):
    """What `fit(verbose=1)` shows: epoch, samples, time a step, the loss and the metrics.

    In a terminal a bar moves while an epoch runs, with speed and time left; what stays is one line for each epoch. In
    a pipe, a log or a notebook, and with `verbose=2`, there is only that line.
    """

    def on_train_begin(self, logs: Any = None) -> None:
        """Say how many samples there are."""
        held_out = self.params["validation_samples"]
        self._bar: Any = None
        print(
            f"Train on {self.params['samples']} samples" + (f", validate on {held_out} samples" if held_out else ""),
            flush=True,
        )

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock, and the bar where there is a terminal."""
        self._title = f"Epoch {epoch + 1}/{self.params['epochs']}"
        self._start = self._shown = self._trained = time.perf_counter()
        self._steps = 0
        if self.params["verbose"] == 1 and sys.stdout.isatty():
            self._bar = _bar(self.params["steps"], self._title)
            self._bar.start()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar, at most ten times a second."""
        self._steps, self._trained = batch + 1, time.perf_counter()
        if self._bar is not None and self._trained - self._shown > REFRESH:
            self._shown = self._trained
            speed = f"{_duration((self._shown - self._start) / self._steps)}/step"
            self._bar.update(self._bar.task_ids[0], completed=self._steps, logs=f"{speed} {_numbers(logs or {})}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Leave one line; the time is that of the steps, without validation."""
        self._close()
        seconds = self._trained - self._start
        pace = f"{_duration(seconds)} {_duration(seconds / max(self._steps, 1))}/step"
        print(_fitted(f"{self._title} - {self._steps} steps - {pace} - {_numbers(logs)}"), flush=True)

    def on_train_end(self, logs: Any = None) -> None:
        """Take the bar away, also when training was interrupted."""
        self._close()

    def on_test_end(self, logs: Any = None) -> None:
        """One line for an evaluation of the user's own, not for that of an epoch."""
        if "epochs" not in self.params:
            print(_numbers(logs), flush=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _bar(steps: int, title: str) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    columns = [
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        BarColumn(bar_width=10),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[logs]}", table_column=Column(no_wrap=True)),
    ]
    bar = Progress(*columns, console=Console(file=sys.stdout, highlight=False), transient=True)
    bar.add_task(title, total=steps, logs="")
    return bar


def _fitted(line: str) -> str:
    """The line, broken between two numbers where a terminal is too narrow for it."""
    if not sys.stdout.isatty():
        return line
    width, rows = shutil.get_terminal_size().columns, [""]
    for part in line.split(" - "):
        longer = f"{rows[-1]} - {part}" if rows[-1].strip() else f"{rows[-1]}{part}"
        if len(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(f"    {part}")
    return "\n".join(rows)


def _numbers(logs: Any) -> str:
    return " - ".join(f"{name}: {_number(value)}" for name, value in logs.items())


def _number(value: float) -> str:
    return f"{value:.4f}" if value == 0 or abs(value) >= 1e-3 else f"{value:.3e}"


def _duration(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.{0 if seconds / size >= 10 else 1}f}{unit}"
    return f"{seconds * 1e9:.0f}ns"
