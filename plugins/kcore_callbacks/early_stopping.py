"""EarlyStopping: ends the training when it no longer helps."""

from __future__ import annotations

from typing import Any

import attrs

from kcore.interfaces import whole_number
from kcore.plugin import register

from .monitor import Monitor


@register("callbacks", "early_stopping")
@attrs.define(slots=False, eq=False)
class EarlyStopping(Monitor):
    """Ends `fit` when one of the logs has not become better for some epochs.

    Args:
        monitor: the log's name.
        min_delta: what must be exceeded to count as better.
        patience: after how many epochs without improvement to stop.
        verbose: 1 to say so.
        mode: whether the log should become small ("min") or large ("max"), or whatever its name tells ("auto").
        baseline: improvements count for `patience` only if they are better than this.
        restore_best_weights: whether to go back to the weights of the best epoch at the end.
        start_from_epoch: the first epoch, from 0, that is looked at.

    Attributes:
        best: the best value so far.
        best_epoch: its epoch, from 0.
        stopped_epoch: the epoch after which training was ended, from 0; 0 if it was not.

    Example:
        >>> stopping = EarlyStopping(monitor="val_accuracy", patience=3, restore_best_weights=True)
    """

    monitor: str = attrs.field(default="val_loss")
    min_delta: float = attrs.field(default=0, converter=abs)
    patience: int = attrs.field(default=0, validator=whole_number(0))
    verbose: int = 0
    mode: str = attrs.field(default="auto", validator=attrs.fields(Monitor).mode.validator)
    baseline: float | None = None
    restore_best_weights: bool = False
    start_from_epoch: int = attrs.field(default=0, validator=whole_number(0))

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin anew, so that one object can serve several calls of `fit`."""
        self.becomes_small()  # known before the first epoch
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: Any = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look whether it has become better, and stop if it has not for too long."""
        value = self.watched(logs or {})
        if value is None or epoch < self.start_from_epoch:
            return
        self.wait += 1
        if self.is_better(value, self.best, self.min_delta):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.is_better(value, self.baseline, self.min_delta):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Go back to the best weights."""
        if self.verbose and self.stopped_epoch:
            best = f"{self.monitor} was best in epoch {self.best_epoch + 1}"
            print(f"Stopped early after epoch {self.stopped_epoch + 1}: {best}.")
        if self.best_weights is not None:
            if self.verbose:
                print(f"The weights are those of epoch {self.best_epoch + 1}, the best one.")
            self.model.set_weights(self.best_weights)
