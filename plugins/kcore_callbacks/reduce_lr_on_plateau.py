"""ReduceLROnPlateau: smaller steps when training stands still."""

from __future__ import annotations

from typing import Any

import attrs

from kcore.interfaces import number, whole_number
from kcore.plugin import register

from .monitor import Monitor


@register("callbacks", "reduce_lr_on_plateau")
@attrs.define(slots=False, eq=False)
class ReduceLROnPlateau(Monitor):
    """Multiplies the learning rate when one of the logs has not become better for some epochs.

    The logs tell the rate as `learning_rate`.

    Args:
        monitor: the log's name.
        factor: what the rate is multiplied by, below 1.
        patience: after how many epochs without improvement.
        verbose: 1 to say so.
        mode: whether the log should become small ("min") or large ("max"), or whatever its name tells ("auto").
        min_delta: what must be exceeded to count as better.
        cooldown: epochs after a reduction that are not counted.
        min_lr: what the rate is not reduced below.

    Example:
        >>> reducing = ReduceLROnPlateau(factor=0.2, patience=5)
    """

    monitor: str = attrs.field(default="val_loss")
    factor: float = attrs.field(default=0.1, validator=number(0, below=1))
    patience: int = attrs.field(default=10, validator=whole_number(0))
    verbose: int = 0
    mode: str = attrs.field(default="auto", validator=attrs.fields(Monitor).mode.validator)
    min_delta: float = attrs.field(default=1e-4, converter=abs)
    cooldown: int = attrs.field(default=0, validator=whole_number(0))
    min_lr: float = attrs.field(default=0.0, validator=number(0))

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin anew."""
        self.becomes_small()  # known before the first epoch
        self.best: float | None = None
        self.wait = self.resting = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Tell the rate, then look whether it should be reduced."""
        rate = float(self.model.optimizer.rate())
        logs["learning_rate"] = rate
        value = self.watched(logs)
        if value is None:
            return
        if self.resting:
            self.resting -= 1
            self.wait = 0
        if self.is_better(value, self.best, self.min_delta):
            self.best, self.wait = value, 0
        elif not self.resting:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self.model.optimizer.learning_rate = reduced = max(rate * self.factor, self.min_lr)
                self.resting, self.wait = self.cooldown, 0
                if self.verbose:
                    print(f"Epoch {epoch + 1}: the learning rate is reduced from {rate:g} to {reduced:g}.", flush=True)
