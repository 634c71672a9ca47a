"""docs/programs.md has a row for each real program, with the mark of the runner, reached."""

from __future__ import annotations

import re
from statistics import median

import pytest

from tests.documents.conftest import ROOT
from tests.programs.__main__ import ACCURACY, ERROR

PAGE = ROOT / "docs" / "programs.md"
ROW = r"^\| {} \| \d+ \| (?P<figures>[\d., ]+) \| (?P<median>[\d.]+) \| (?P<mark>.*?) \| reached \| \d+ s \|$"


@pytest.mark.parametrize("name", [*ACCURACY, *ERROR])
def test_a_row_tells_figures_that_reach_their_mark(name: str) -> None:
    row = re.search(ROW.format(name), PAGE.read_text("utf-8"), re.MULTILINE)
    assert row, f"docs/programs.md has no row of {name}: run python -m tests.programs {name}"
    middle = float(row["median"])
    assert middle == pytest.approx(median(float(figure) for figure in row["figures"].split(",")), abs=1e-4)
    if name in ACCURACY:
        assert row["mark"] == f"at least {ACCURACY[name]}" and middle >= ACCURACY[name]
    else:
        most, times, rivals = re.fullmatch(
            r"at most ([\d.]+): ([\d.]+) times ([\d., ]+) of scikit-learn", row["mark"]
        ).groups()
        assert float(times) == ERROR[name] and middle <= float(most)
        assert float(most) == pytest.approx(ERROR[name] * median(float(r) for r in rivals.split(",")), abs=1e-3)


@pytest.mark.parametrize("name", [*ACCURACY, *ERROR])
def test_a_program_is_listed_and_told_of(name: str) -> None:
    assert (ROOT / "tests" / "programs" / f"{name}.py").is_file()
    assert f"](../tests/programs/{name}.py)" in PAGE.read_text("utf-8")
