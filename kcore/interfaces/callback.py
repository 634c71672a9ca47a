"""Callback: what a user wants done while a model trains, at each of Keras's moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

Logs = Mapping[str, float]


class Callback:
    """Does nothing at every moment; a subclass overrides what it needs.

    Attributes:
        model: the model that trains.
        params: "epochs", "steps", "samples", "validation_samples" and "verbose" of this run.
    """

    kind: ClassVar[str] = "callbacks"
    model: Any = None
    params: dict[str, Any]

    def set_model(self, model: Any) -> None:
        """Called once before training."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once before training."""
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """After the last epoch, also when it was interrupted."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Before an epoch, counted from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """After an epoch, with its logs, those of validation included."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Before a step, counted from 0 within its epoch."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a step. `logs` computes its numbers when they are read."""

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Before an evaluation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """After an evaluation, with its logs."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """After a batch of an evaluation."""


class Callbacks(Callback):
    """Many callbacks as one."""

    def __init__(self, callbacks: Iterable[Callback], model: Any, params: dict[str, Any]) -> None:
        self._each = list(callbacks)
        for callback in self._each:
            callback.set_model(model)
            callback.set_params(params)


def _tell_all(moment: str) -> Any:
    def tell(self: Callbacks, *args: Any) -> None:
        for callback in self._each:
            getattr(callback, moment)(*args)

    tell.__name__, tell.__doc__ = moment, getattr(Callback, moment).__doc__
    return tell


for _moment in [name for name in vars(Callback) if name.startswith("on_")]:
    setattr(Callbacks, _moment, _tell_all(_moment))
