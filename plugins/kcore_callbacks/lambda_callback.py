"""LambdaCallback: a callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kcore.interfaces import MOMENTS, Callback
from kcore.plugin import register


@register("callbacks", "lambda_callback")
class LambdaCallback(Callback):
    """Calls a function at each moment for which one is given.

    Args:
        on_epoch_begin: function of (epoch, logs).
        on_epoch_end: function of (epoch, logs).
        on_train_begin: function of (logs).
        on_train_end: function of (logs).
        on_train_batch_begin: function of (batch, logs).
        on_train_batch_end: function of (batch, logs).
        more: functions for the other moments of a Callback, by their names.

    Raises:
        TypeError: a name is none of a moment, or no function is given for it.

    Example:
        >>> printing = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    """

    def __init__(
        self,
        on_epoch_begin: Callable[[int, Any], object] | None = None,
        on_epoch_end: Callable[[int, Any], object] | None = None,
        on_train_begin: Callable[[Any], object] | None = None,
        on_train_end: Callable[[Any], object] | None = None,
        on_train_batch_begin: Callable[[int, Any], object] | None = None,
        on_train_batch_end: Callable[[int, Any], object] | None = None,
        **more: Callable[..., object] | None,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        } | more
        for moment, function in given.items():
            if moment not in MOMENTS:
                raise TypeError(f"LambdaCallback knows no moment {moment!r}. It takes: {', '.join(MOMENTS)}.")
            if function is not None:
                if not callable(function):
                    raise TypeError(f"LambdaCallback: {moment} must be a function; got {function!r:.80}.")
                setattr(self, moment, function)
