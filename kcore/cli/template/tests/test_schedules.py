"""The schedules."""

import kcore
from kcore.testing import check_schedule


def test_halving():
    check_schedule("acme/halving", options={"rate": 0.1, "steps": 5})
    halving = kcore.schedules.get("acme/halving", rate=0.1, steps=5)
    assert [halving(step) for step in (0, 4, 5, 10)] == [0.1, 0.1, 0.05, 0.025]
