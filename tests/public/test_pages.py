"""Pages of docs that are written from the code."""

from __future__ import annotations

from kcore.cli.pages import PAGE, page


def test_the_list_of_ops_is_fresh():
    now = PAGE.read_text("utf-8") if PAGE.exists() else ""
    assert now == page(), "docs/ops.md is stale. Run: python -m kcore.cli.pages"
