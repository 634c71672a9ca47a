"""TerminateOnNaN: ends a training that is lost."""

from __future__ import annotations

import math
from typing import Any

import attrs

from kcore.interfaces import Callback
from kcore.plugin import register


@register("callbacks", "terminate_on_nan")
@attrs.define(slots=False, eq=False)
class TerminateOnNaN(Callback):
    """Ends `fit` after the step in which the mean loss of the epoch is no longer a finite number.

    Args:
        raise_error: whether to raise instead.

    Raises:
        RuntimeError: in `fit`, if that is wanted.
    """

    raise_error: bool = False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            text = f"The loss is {loss} at batch {batch + 1} of the epoch"
            if self.raise_error:
                raise RuntimeError(f"{text}: try a tenth of the learning rate, and look for NaN in the data.")
            print(f"{text}: training ends here.", flush=True)
            self.model.stop_training = True
