"""The optimizers, on every backend at hand."""

from kcore.testing import check_optimizer


def test_signs():
    check_optimizer("acme/signs", options={"memory": 0.5})
