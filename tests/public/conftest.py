"""What these tests share: things that users and outsiders register, forgotten afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from kcore.plugin import Provider
from kcore.plugin.entry import _table

OUTSIDER = """
from kcore import ops
from kcore.interfaces import Loss
from kcore.plugin import defined_in, hookimpl, register

@hookimpl
def kcore_losses():
    return defined_in(__name__, "losses")

@hookimpl
def kcore_activations():
    return defined_in(__name__, "activations")

@register("activations")
def cubic(x):
    return x * x * x

@register("losses")
class Focal(Loss):
    def call(self, y_true, y_pred):
        return ops.sum(y_pred - y_true, -1)
"""


@pytest.fixture
def notebook() -> Iterator[dict[str, object]]:
    """The namespace of a notebook, to run cells in."""
    yield {"__name__": "notebook"}
    _forget("notebook")


@pytest.fixture
def acme(tmp_path, monkeypatch) -> Iterator[None]:
    """An installed package that brings the loss `acme/focal`."""
    (tmp_path / "acme_losses.py").write_text(OUTSIDER, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    provider = Provider("acme", "acme_losses", "acme", "1.0")
    monkeypatch.setattr("kcore.plugin.manager.outsiders", lambda: (provider,))
    monkeypatch.delenv("KCORE_PLUGINS", raising=False)
    yield
    _forget("acme_losses")
    sys.modules.pop("acme_losses", None)


def _forget(module: str) -> None:
    for things in _table.values():
        for key in [key for key in things if key[0].partition(".")[0] == module]:
            del things[key]
