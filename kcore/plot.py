"""Plots of what happened in training, by matplotlib, which is imported when something is drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, PANEL, TOP = 6.0, 1.9, 0.5  # inches
MARKED = 30  # epochs, up to which each has a dot
LONG = 55  # letters of a title that fill the width


def history(history: Any, metrics: str | Iterable[str] | None = None) -> Figure:
    """Draw the curves of a training: a panel for the loss, then one for each metric, with those of validation.

    Nothing is shown and no setting of matplotlib is touched; the style is the one that is set when this is called.

    Args:
        history: what `fit` returned, or its dictionary of lists by name.
        metrics: the names of the panels, as ["loss", "accuracy"]; all that there are if None.

    Returns:
        The figure, 6 inches wide, which a notebook shows. Elsewhere keep it: `figure.savefig("history.png")`.

    Raises:
        ImportError: matplotlib is not installed; the text says how to install it.
        TypeError, ValueError: there is no such history, epoch or metric.

    Example:
        >>> figure = history({"loss": [0.9, 0.5], "val_loss": [0.8, 0.6]})
        >>> figure.savefig("history.png")  # doctest: +SKIP
    """
    logs, epochs = _logs(history)
    names = _names(logs, metrics)
    figure = _figure()((WIDTH, TOP + PANEL * len(names)), layout="constrained")
    panels: list[Axes] = list(figure.subplots(len(names), sharex=True, squeeze=False)[:, 0])
    for name, panel in zip(names, panels, strict=True):
        _draw(panel, name, logs, epochs)
    panels[-1].set_xlabel("epoch")
    handles = {handle.get_label(): handle for panel in panels for handle in panel.get_lines()}
    if "validation" in handles:
        figure.legend(handles=list(handles.values()), loc="outside upper right", ncols=2, frameon=False)
    figure._repr_png_ = partial(_png, figure)  # type: ignore[attr-defined]  # what notebooks ask for
    return figure


def _figure() -> type[Figure]:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        text = 'kcore.plot needs matplotlib, which is not installed: pip install "kcore[plot]"'
        raise ImportError(text) from error
    return Figure


def _png(figure: Figure) -> bytes:
    image = io.BytesIO()
    figure.savefig(image, format="png")
    return image.getvalue()


def _logs(given: Any) -> tuple[dict[str, list[float]], list[int]]:
    """The logs that are numbers, by name, and the epochs, counted from 1."""
    every = getattr(given, "history", given)
    if not isinstance(every, Mapping):
        raise TypeError(f"plot.history takes what fit() returned, or its dictionary; got {type(given).__name__}.")
    logs = {}
    for name, values in every.items():
        try:
            logs[str(name)] = [float(value) for value in values]
        except (TypeError, ValueError):  # no curve
            continue
    longest = max(map(len, logs.values()), default=0)
    if not longest:
        raise ValueError("plot.history: there is no epoch in this history. Has fit() run?")
    told = [epoch + 1 for epoch in getattr(given, "epoch", ())]
    return logs, told if len(told) == longest else list(range(1, longest + 1))


def _names(logs: Mapping[str, Any], metrics: str | Iterable[str] | None) -> list[str]:
    """The names of the panels."""
    known = sorted(dict.fromkeys(name.removeprefix("val_") for name in logs), key=lambda name: name != "loss")
    if metrics is None:
        return known
    asked = [metrics] if isinstance(metrics, str) else list(metrics)
    names = list(dict.fromkeys(name.removeprefix("val_") for name in asked))
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(
            f"plot.history: this history has no {', '.join(map(repr, unknown)) or 'panel to draw'}. "
            f"It has: {', '.join(known)}."
        )
    return names


def _draw(panel: Axes, name: str, logs: Mapping[str, list[float]], epochs: list[int]) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.ticker import MaxNLocator

    lost = 0
    for label, log, style in (("training", name, "-"), ("validation", f"val_{name}", "--")):
        values = logs.get(log, [])
        if values:
            finite = [math.isfinite(value) for value in values]
            lost += len(values) - sum(finite)
            every = max(len(epochs) // len(values), 1)  # shorter ones are of every so many epochs
            x = epochs[every - 1 :: every][: len(values)]
            dots = "o" if len(epochs) <= MARKED or not all(finite) else ""
            colour = to_rgba("C1" if label == "validation" else "C0")  # that of the style now, not when it is drawn
            panel.plot(x, values[: len(x)], style, color=colour, marker=dots, markersize=3, label=label)
    note = "" if not lost else " (one value is no number)" if lost == 1 else f" ({lost} values are no numbers)"
    title = panel.set_title(name + note, loc="left")
    if len(name + note) > LONG:
        title.set_fontsize("x-small")
    panel.grid(visible=True, axis="y", alpha=0.3)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    panel.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
