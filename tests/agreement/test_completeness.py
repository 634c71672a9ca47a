"""All that is registered is compared, or it is said why not; the page tells the tolerances that tests use."""

from __future__ import annotations

import re

import pytest

from kcore import ops, random
from kcore.graph import OPS
from kcore.plugin import KINDS
from kcore.testing.tolerances import KINDS as KINDS_OF_TOLERANCE
from kcore.testing.tolerances import TOLERANCES, table
from tests.agreement.test_control_agree import BODIES
from tests.agreement.test_ops_agree import TRACED
from tests.documents.conftest import ROOT
from tests.ops.table import NO_ROW
from tests.random.draws import DRAWS
from tests.standard.rows import ROWS, registered
from tests.standard.test_standard_optimizers import OPTIMIZERS
from tests.standard.test_standard_schedules import SCHEDULES

COMPARED = {kind: {row.name for row in rows} for kind, rows in ROWS.items()} | {
    "optimizers": {case.name for case in OPTIMIZERS},
    "schedules": {case.name for case in SCHEDULES},
}
NOT_COMPARED = {
    "callbacks": "see numbers on the host",
    "datasets": "are on the host",
    "ops": "below, one by one",
    "kernels": "are one backend's",
    "backends": "are what is compared",
}
NO_ARRAY = re.compile("gives no array|refused|for ops of one's own")


@pytest.mark.parametrize("kind", COMPARED)
def test_all_that_is_registered_is_compared(kind):
    assert not missing(kind, registered(kind)), f"add a row to tests/standard for {kind}"


def missing(kind: str, names: set[str]) -> set[str]:
    return names - COMPARED[kind]


def test_one_without_a_row_is_noticed():
    assert missing("layers", registered("layers") | {"new"}) == {"new"}


def test_every_kind_is_compared_or_excused():
    assert not COMPARED.keys() & NOT_COMPARED.keys()
    assert KINDS.keys() == COMPARED.keys() | NOT_COMPARED.keys()


def test_every_op_is_compared():
    rows = {row.name for row in TRACED}
    atoms = {name for row in TRACED for name in ((row.name,) if row.ops is None else row.ops)}
    excused = {name for name, why in NO_ROW.items() if NO_ARRAY.search(why)}
    at_once = {"convert_to_numpy"}
    assert not set(ops.__all__) - rows - BODIES.keys() - excused - at_once
    assert not {name for name in OPS if "/" not in name} - atoms - BODIES.keys() - excused - at_once


def test_every_distribution_is_compared():
    assert set(random.__all__) - {"SeedGenerator"} == {draw.name for draw in DRAWS}


def test_the_page_tells_the_tolerances():
    assert {kind for kind, _ in TOLERANCES} == set(KINDS_OF_TOLERANCE)
    page = (ROOT / "docs" / "agreement.md").read_text("utf-8")
    assert table() in page, f"docs/agreement.md is stale. It should have:\n{table()}"
