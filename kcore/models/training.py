"""Training: epochs of steps, told to callbacks, ended by them or by Ctrl-C between two steps."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import attrs

from ..graph.where import users_level
from ..interfaces import Callbacks
from . import data
from .data import Rows
from .history import Logs
from .interrupt import held_interrupt

if TYPE_CHECKING:
    from .model import Model


@attrs.frozen
class Training:
    """One run of fit().

    Attributes:
        model: whose `stop_training` ends it.
        callbacks: whom to tell.
        samples: how many there are.
        batch_size: how many a step takes.
        steps: how many an epoch has; the next one goes on where it ended.
        shuffle: whether each pass over the samples has an order of its own.
        step: trains on these rows.
        logs, reset: tell the loss and metrics of the epoch so far, and begin them anew.
        validate: the loss and metrics on other data, if there are any, after an epoch of this number.
    """

    model: Model
    callbacks: Callbacks
    samples: int
    batch_size: int
    steps: int
    shuffle: bool
    step: Callable[[Rows], None]
    logs: Callable[[], dict[str, float]]
    reset: Callable[[], None]
    validate: Callable[[int], dict[str, float]]

    def run(self, epochs: range) -> None:
        """Train for these epochs; a Ctrl-C is raised when the step that it met has ended."""
        with held_interrupt() as interrupt:
            self.callbacks.on_train_begin()
            logs: dict[str, float] = {}
            rows = self._rows()
            try:
                for epoch in epochs:
                    self.callbacks.on_epoch_begin(epoch)
                    self._epoch(islice(rows, self.steps), interrupt.raise_if_pressed)
                    logs = self._tell(epoch)
                    interrupt.raise_if_pressed()
                    if self.model.stop_training:
                        break
            finally:
                self.callbacks.on_train_end(logs)

    def _rows(self) -> Iterator[Rows]:
        """The rows of every step, pass after pass over the samples."""
        while True:
            order = self.model.next_order(self.samples) if self.shuffle else None
            yield from data.batches(self.samples, self.batch_size, order)

    def _epoch(self, batches: Iterator[Rows], between_steps: Callable[[], None]) -> None:
        self.reset()
        for batch, rows in enumerate(batches):
            self.callbacks.on_train_batch_begin(batch)
            self.step(rows)
            with Logs(self.logs) as logs:
                self.callbacks.on_train_batch_end(batch, logs)
            between_steps()
            if self.model.stop_training:
                break

    def _tell(self, epoch: int) -> dict[str, float]:
        """Validate, tell the callbacks, and return the epoch's logs."""
        logs = self.logs()
        _warn_of_nan(logs["loss"], epoch, self.model.history.history.get("loss", []))
        logs |= {f"val_{name}": value for name, value in self.validate(epoch).items()}
        self.callbacks.on_epoch_end(epoch, logs)
        return logs


def _warn_of_nan(loss: float, epoch: int, before: list[float]) -> None:
    """Warn once, in the epoch in which the loss becomes NaN."""
    if math.isnan(loss) and not (before and math.isnan(before[-1])):
        warnings.warn(
            f"The loss is NaN in epoch {epoch + 1}, and the weights with it. Common causes: a learning rate that is "
            "too high (try a tenth of it), inputs that are not scaled, NaN in the data.",
            RuntimeWarning,
            stacklevel=users_level(),
        )
