"""The table that `model.summary()` prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.types import itemsize, size_of
from ..interfaces import Layer


def summary(model: Layer, rows: list[tuple[Layer, Any]], print_fn: Callable[[str], object] | None) -> None:
    """Print a model's layers, their output shapes and how many numbers they hold."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=f"Model: {model.label}", title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("Layer (type)", style="cyan")
    table.add_column("Output shape")
    table.add_column("Parameters", justify="right")
    for layer, shape in rows:
        table.add_row(f"{layer.label} ({type(layer).__name__})", str(shape), f"{layer.count_params():,}")
    lines = [
        f"Trainable parameters:     {_amount(model.trainable_weights)}",
        f"Non-trainable parameters: {_amount(model.non_trainable_weights)}",
    ]
    console = Console(highlight=False)
    with console.capture() as capture:
        console.print(table)
        console.print("\n".join(lines))
    (print_fn or print)("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _amount(weights: list) -> str:  # type: ignore[type-arg]
    numbers = sum(size_of(w.shape) for w in weights)
    size = sum(size_of(w.shape) * itemsize(w.dtype) for w in weights)
    return f"{numbers:,} ({_bytes(size)})" if numbers else "0"


def _bytes(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.2f} {unit}" if unit != "bytes" else f"{count} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"
