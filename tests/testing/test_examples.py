"""Names and examples of kcore.testing."""

from __future__ import annotations

import doctest
import importlib

import pytest

from kcore import testing
from kcore.plugin import KINDS

CHECKS = [name for name in testing.__all__ if name.startswith("check_")]


def test_there_is_a_check_for_each_kind():
    assert {f"check_{noun}" for noun in KINDS.values()} | {"check_op"} == set(CHECKS)


@pytest.mark.parametrize("name", testing.__all__)
def test_every_name_is_there(name):
    assert getattr(testing, name).__name__ == name and name in dir(testing)


def test_a_name_that_is_not_there():
    with pytest.raises(AttributeError, match=r"no attribute 'check_layers'\. It has: .*check_layer"):
        _ = testing.check_layers


@pytest.mark.parametrize("name", [name for name in CHECKS if name not in ("check_backend", "check_kernel")])
def test_the_example_in_its_text_passes(name):
    check = getattr(testing, name)
    results = doctest.testmod(importlib.import_module(check.__module__))
    assert results.attempted and not results.failed
