"""kcore.plot: what the figure holds, not its pixels."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from kcore import plot
from kcore.models.history import History

matplotlib = pytest.importorskip("matplotlib")

LOGS = {
    "accuracy": [0.5, 0.7, 0.8],
    "loss": [1.0, 0.6, 0.4],
    "val_accuracy": [0.4, 0.6, 0.7],
    "val_loss": [1.1, 0.8, 0.7],
}


def told(logs: dict[str, list[float]], first: int = 0) -> History:
    history = History()
    for i in range(len(next(iter(logs.values())))):
        history.on_epoch_end(first + i, {name: values[i] for name, values in logs.items()})
    return history


def curves(panel: Any) -> dict[str, tuple[list[float], list[float]]]:
    return {line.get_label(): (list(line.get_xdata()), list(line.get_ydata())) for line in panel.get_lines()}


def titles(figure: Any) -> list[str]:
    return [panel.get_title(loc="left") for panel in figure.axes]


@pytest.fixture
def settings() -> Iterator[None]:
    """The settings are the same afterwards."""
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("given", [LOGS, told(LOGS)])
def test_a_panel_for_each_metric_with_both_curves_the_loss_first(given: Any, settings: None) -> None:
    figure = plot.history(given)
    assert titles(figure) == ["loss", "accuracy"]
    for panel, name in zip(figure.axes, titles(figure), strict=True):
        assert curves(panel) == {
            "training": ([1, 2, 3], LOGS[name]),
            "validation": ([1, 2, 3], LOGS[f"val_{name}"]),
        }
    assert [panel.get_xlabel() for panel in figure.axes] == ["", "epoch"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["training", "validation"]
    assert figure.get_figwidth() * figure.dpi == 600 * matplotlib.rcParams["figure.dpi"] / 100


def test_without_validation_there_is_one_curve_and_no_legend() -> None:
    figure = plot.history({"loss": [1.0, 0.5]})
    assert curves(figure.axes[0]) == {"training": ([1, 2], [1.0, 0.5])} and not figure.legends


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 20, 400])
def test_epochs_are_whole_numbers_from_1(epochs: int) -> None:
    figure = plot.history({"loss": [1.0 / (i + 1) for i in range(epochs)]})
    figure.draw_without_rendering()
    low, high = figure.axes[0].get_xlim()
    ticks = [tick for tick in figure.axes[0].get_xticks() if low <= tick <= high]
    assert ticks and all(tick == int(tick) and 1 <= tick <= epochs for tick in ticks)


def test_epochs_go_on_where_training_did() -> None:
    assert curves(plot.history(told(LOGS, first=5)).axes[0])["training"][0] == [6, 7, 8]


def test_one_epoch_is_a_dot() -> None:
    (line,) = plot.history({"loss": [1.0]}).axes[0].get_lines()
    assert line.get_marker() == "o"


def test_values_that_are_no_numbers_are_told_and_what_is_alone_between_them_is_seen() -> None:
    logs = {"loss": [1.0, math.nan, 0.5] * 20, "val_loss": [1.0] * 59 + [math.inf]}
    figure = plot.history(logs)
    assert titles(figure) == ["loss (21 values are no numbers)"]
    assert [line.get_marker() for line in figure.axes[0].get_lines()] == ["o", "o"]
    assert titles(plot.history({"loss": [math.nan]})) == ["loss (one value is no number)"]


def test_several_outputs_and_many_metrics_each_have_a_panel() -> None:
    names = ["loss", *(f"out_{i}_loss" for i in range(5)), "a_very_long_name_" * 5]
    figure = plot.history({name: [1.0, 2.0] for name in names})
    assert titles(figure) == names
    figure.draw_without_rendering()
    right = max(panel.title.get_window_extent().x1 for panel in figure.axes)
    assert right <= figure.bbox.x1


def test_panels_are_chosen_by_name() -> None:
    assert titles(plot.history(LOGS, "accuracy")) == ["accuracy"]
    assert titles(plot.history(LOGS, metrics=["val_accuracy", "loss", "accuracy"])) == ["accuracy", "loss"]
    with pytest.raises(ValueError, match=r"has no 'acc'\. It has: loss, accuracy\."):
        plot.history(LOGS, ["acc"])
    with pytest.raises(ValueError, match="has no panel to draw"):
        plot.history(LOGS, [])


def test_a_shorter_log_lies_at_every_so_many_epochs() -> None:
    panel = plot.history({"loss": [4.0, 3.0, 2.0, 1.0], "val_loss": [3.5, 1.5]}).axes[0]
    assert curves(panel)["validation"] == ([2, 4], [3.5, 1.5])


def test_what_is_no_curve_is_left_out() -> None:
    assert titles(plot.history({"loss": [1.0], "matrix": [[1, 2]], "word": ["x"]})) == ["loss"]


@pytest.mark.parametrize("given", [{}, {"loss": []}, History()])
def test_no_epochs(given: Any) -> None:
    with pytest.raises(ValueError, match=r"there is no epoch in this history\. Has fit\(\) run\?"):
        plot.history(given)


def test_what_is_no_history() -> None:
    with pytest.raises(TypeError, match="takes what fit\\(\\) returned, or its dictionary; got list"):
        plot.history([1.0, 2.0])


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_colours_are_those_of_the_style(style: str) -> None:
    import matplotlib.style

    with matplotlib.style.context(style):
        cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
        figure = plot.history(LOGS)
        assert matplotlib.colors.same_color(figure.get_facecolor(), matplotlib.rcParams["figure.facecolor"])
    colours = [matplotlib.colors.to_hex(line.get_color()) for line in figure.axes[0].get_lines()]
    assert colours == [matplotlib.colors.to_hex(colour) for colour in cycle[:2]]


def test_a_notebook_gets_a_picture_also_of_a_pickled_figure() -> None:
    figure = pickle.loads(pickle.dumps(plot.history(LOGS)))
    assert figure._repr_png_().startswith(b"\x89PNG")


FRESH = """
import sys
import kcore.plot
assert "matplotlib" not in sys.modules
figure = kcore.plot.history({"loss": [1.0]})
assert "matplotlib.pyplot" not in sys.modules
"""


def test_matplotlib_is_imported_when_something_is_drawn_and_pyplot_never() -> None:
    subprocess.run([sys.executable, "-c", FRESH], check=True, timeout=60)


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'needs matplotlib, which is not installed: pip install "kcore\[plot\]"'):
        plot.history(LOGS)
