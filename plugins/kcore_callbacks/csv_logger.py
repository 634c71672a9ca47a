"""CSVLogger: the logs of each epoch as a line of a file."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import attrs

from kcore.interfaces import Callback
from kcore.plugin import register


@register("callbacks", "csv_logger")
@attrs.define(slots=False, eq=False)
class CSVLogger(Callback):
    """Writes a line after each epoch: its number, from 0, and its logs by name; "NA" for one that is missing.

    Args:
        filename: the file.
        separator: what stands between two numbers.
        append: whether to go on in a file that is there.
    """

    filename: str = attrs.field(converter=os.fspath)
    separator: str = ","
    append: bool = False

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the file."""
        path = Path(self.filename)
        self._begun = self.append and path.is_file() and path.stat().st_size > 0
        self._file = path.open("a" if self.append else "w", newline="", encoding="utf-8")
        self._writer: Any = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write a line, and have it on the disk at once."""
        if self._writer is None:
            names = sorted(logs)
            if not any(name.startswith("val_") for name in names):  # validation may come in a later epoch
                names += [f"val_{name}" for name in names]
            columns = ["epoch", *names]
            self._writer = csv.DictWriter(self._file, columns, "NA", "ignore", delimiter=self.separator)
            if not self._begun:
                self._writer.writeheader()
        self._writer.writerow({"epoch": epoch, **logs})
        self._file.flush()

    def on_train_end(self, logs: Any = None) -> None:
        """Close the file."""
        self._file.close()
