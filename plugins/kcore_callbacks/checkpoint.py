"""ModelCheckpoint: keeps weights in files while a model trains."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import attrs

from kcore.interfaces import whole_number
from kcore.plugin import register

from .monitor import Monitor

WEIGHTS = (".safetensors", ".weights.h5")


def _path(checkpoint: ModelCheckpoint, field: Any, path: str) -> None:
    if not path.endswith(WEIGHTS):
        stem = path.removesuffix(".keras").removesuffix(".h5")
        whole = " (whole models, as .keras and .h5 hold them, are not saved)" * (stem != path)
        raise ValueError(
            f"ModelCheckpoint saves weights to a file ending in {' or '.join(WEIGHTS)}{whole}; got filepath={path!r}. "
            f"Give for instance filepath={stem + '.safetensors'!r}."
        )


def _weights_only(checkpoint: ModelCheckpoint, field: Any, value: Any) -> None:
    if not value:
        raise ValueError(
            "ModelCheckpoint saves weights, no whole models: leave save_weights_only=False out. "
            "What it has saved, model.load_weights(path) takes into a model of the same layers."
        )


def _frequency(checkpoint: ModelCheckpoint, field: Any, value: Any) -> None:
    if value != "epoch":
        try:
            whole_number(1)(checkpoint, field, value)
        except ValueError as error:
            raise ValueError(str(error).replace("must be", 'must be "epoch" or')) from None


@register("callbacks", "model_checkpoint")
@attrs.define(slots=False, eq=False)
class ModelCheckpoint(Monitor):
    """Saves the model's weights after epochs, or every so many steps.

    Args:
        filepath: where to; it ends in ".safetensors" or ".weights.h5". Names in braces are replaced by the epoch, from
            1, the batch, from 1, and the logs: "{epoch:02d}-{val_loss:.2f}.safetensors". Folders are made.
        monitor: the log that tells which epoch is best.
        verbose: 1 to say what is saved.
        save_best_only: whether to save only when `monitor` has become better.
        save_weights_only: True; kcore saves no whole models.
        mode: whether the log should become small ("min") or large ("max"), or whatever its name tells ("auto").
        save_freq: "epoch", or after how many steps.
        initial_value_threshold: what the first one must be better than.

    Raises:
        ValueError: the file would hold no weights.

    Example:
        >>> keeping = ModelCheckpoint("best.safetensors", monitor="val_accuracy", save_best_only=True)
    """

    filepath: str = attrs.field(converter=os.fspath, validator=_path)
    monitor: str = attrs.field(default="val_loss")
    verbose: int = 0
    save_best_only: bool = False
    save_weights_only: bool = attrs.field(default=True, validator=_weights_only)
    mode: str = attrs.field(default="auto", validator=attrs.fields(Monitor).mode.validator)
    save_freq: str | int = attrs.field(default="epoch", validator=_frequency)
    initial_value_threshold: float | None = None

    def __attrs_post_init__(self) -> None:
        self.best = self.initial_value_threshold
        self._steps = 0  # since the last one was saved

    def on_train_begin(self, logs: Any = None) -> None:
        """Know what is better before the first epoch."""
        if self.save_best_only:
            self.becomes_small()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Know the epoch."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save if so many steps have passed."""
        if self.save_freq != "epoch":
            self._steps += 1
            if self._steps >= int(self.save_freq):
                self._steps = 0
                self._save(self._epoch, {"batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save if that is wanted after epochs."""
        if self.save_freq == "epoch":
            self._save(epoch, dict(logs or {}))

    def _save(self, epoch: int, logs: dict[str, float]) -> None:
        path = self._filled(epoch, logs)
        value = self.watched(logs) if self.save_best_only else None
        if value is not None and not self.is_better(value, self.best):
            self._say(f"Epoch {epoch + 1}: {self.monitor} is {value:.5f}, no better than {self.best:.5f}.")
            return
        if value is not None:
            self.best = value
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.model.save_weights(path, overwrite=True)
        which = "weights" if value is None else f"weights with {self.monitor} {value:.5f}"
        self._say(f"Epoch {epoch + 1}: {which} saved to {path}.")

    def _say(self, text: str) -> None:
        if self.verbose:
            print(text, flush=True)

    def _filled(self, epoch: int, logs: dict[str, float]) -> str:
        try:
            return self.filepath.format(epoch=epoch + 1, **logs)
        except (KeyError, ValueError, IndexError) as error:
            known = ", ".join(["epoch", *logs])
            text = f"ModelCheckpoint cannot fill filepath={self.filepath!r} ({error!r}). It knows: {known}."
            raise ValueError(text) from None
