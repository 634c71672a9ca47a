"""Callbacks."""

from kcore.interfaces import Callback
from kcore.plugin import register


@register("callbacks", "best_epoch")
class BestEpoch(Callback):
    """Remembers the epoch of the least loss, as `best` and `loss`."""

    def on_train_begin(self, logs=None):
        """Forget what was."""
        self.best, self.loss = None, float("inf")

    def on_epoch_end(self, epoch, logs=None):
        """Look at the loss."""
        if logs and logs["loss"] < self.loss:
            self.best, self.loss = epoch, float(logs["loss"])
