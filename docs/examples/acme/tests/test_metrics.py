"""The metrics, on every backend at hand."""

import kcore
from kcore.testing import check_metric


def test_within():
    check_metric("acme/within", options={"tolerance": 0.3})
    assert kcore.metrics.get("acme/within")([0.0, 0.0], [0.4, 2.0]) == 0.5
